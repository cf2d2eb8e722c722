/** Geometry: which stretches of a series drift is measured on, all in whole seasons and counted from the series' end. */

/** Lengths in steps. */
export interface Geometry {
  readonly season: number;
  /** What is subtracted from a window is the median of as many values before it. */
  readonly block: number;
  /** Window lengths, rising; empty where the series are too short for two windows. */
  readonly windows: readonly number[];
  /** Length of a spectral segment, a power of two; 0 where the series are too short for four of them. */
  readonly segment: number;
}

/** A window holds at least this many steps. */
const shortestWindow = 4;
/** A block of so many steps has a steady median; more only to make four units. */
const steadyBlock = 32;
const windowLengths = [1, 2, 4, 8, 16];
const shortestSegment = 32;
const longestSegment = 1024;

/** Windows of 1, 2, 4, 8 and 16 units, a unit being the fewest whole seasons of 4 steps or more, for series of `length`. */
export function geometryOf(season: number, length: number): Geometry {
  const unit = season * Math.ceil(shortestWindow / season);
  const block = Math.max(
    1,
    Math.min(Math.max(4 * unit, steadyBlock), length, Math.max(season, Math.floor(length / 4))),
  );
  let segment = shortestSegment;
  while (segment < 2 * unit && segment < longestSegment) segment *= 2;
  return {
    season,
    block,
    windows: windowLengths.map((k) => k * unit).filter((w) => block + 2 * w <= length),
    segment: 4 * segment <= length ? segment : 0,
  };
}

/** Starts of windows of `window` steps from the end of a series of `length` back, at most `limit`, with `room` before each. */
export function windowStarts(
  length: number,
  window: number,
  room: number,
  limit: number,
): number[] {
  const stride = Math.max(1, Math.floor(window / 2));
  const starts: number[] = [];
  for (let start = length - window; start >= room && starts.length < limit; start -= stride) {
    starts.push(start);
  }
  return starts;
}
