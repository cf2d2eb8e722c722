/** Evidence for calendar columns: how often the training data has seen their period, and how much of the series they explain. */
import {
  calendarColumns,
  calendarPeriodMs,
  calendarPositions,
  type CalendarPosition,
} from './derived.ts';
import { seriesLength, type Panel } from './panel.ts';

/** What the training part says of one calendar position. */
export interface CalendarEvidence {
  readonly position: CalendarPosition;
  /** Periods that the training part of the longest series spans. */
  readonly cycles: number;
  /** Whether the position is not the same at every step, as the hour of the day is in steps of 24 hours. */
  readonly varies: boolean;
  /** Share of the variance of the values that its sine and cosine explain: the median over series, 0..1. */
  readonly ofValues: number;
  /** The same of the errors of the seasonal naive forecast: what the season leaves for the calendar to tell. */
  readonly ofErrors: number;
}

/** Evidence for each position that the frequency resolves, from at most `limit` series without their last `stepsFromEnd`. */
export function calendarEvidence(
  panel: Panel,
  season: number,
  stepsFromEnd: number,
  limit = 100,
): CalendarEvidence[] {
  const stride = Math.max(1, Math.floor(panel.ids.length / limit));
  const sampled = panel.ids
    .map((_, i) => i)
    .filter((i) => i % stride === 0 && seriesLength(panel, i) - stepsFromEnd > season + 3);
  return calendarPositions(panel.frequency).map((position) => {
    let cycles = 0;
    let varies = false;
    const ofValues: number[] = [];
    const ofErrors: number[] = [];
    for (const i of sampled) {
      const from = panel.offsets[i]!;
      const to = panel.offsets[i + 1]! - stepsFromEnd;
      const time = panel.time.subarray(from, to);
      const values = panel.y.subarray(from, to);
      const [sine, cosine] = calendarColumns({ time, frequency: panel.frequency }, [position]);
      cycles = Math.max(cycles, (time.at(-1)! - time[0]!) / calendarPeriodMs(position));
      varies ||= sine!.values.some((value) => Math.abs(value - sine!.values[0]!) > 1e-9);
      ofValues.push(explainedShare(values, sine!.values, cosine!.values));
      const errors = values.subarray(season).map((value, t) => value - values[t]!);
      const later = [sine!, cosine!].map((column) => column.values.subarray(season));
      ofErrors.push(explainedShare(errors, later[0]!, later[1]!));
    }
    return { position, cycles, varies, ofValues: middle(ofValues), ofErrors: middle(ofErrors) };
  });
}

function middle(shares: readonly number[]): number {
  return shares.toSorted((a, b) => a - b)[shares.length >> 1] ?? 0;
}

/** R^2 of the least-squares fit of `y` on a constant, `a` and `b`; 0 where nothing varies. All [n], without missing values. */
export function explainedShare(y: Float64Array, a: Float64Array, b: Float64Array): number {
  const [meanY, meanA, meanB] = [mean(y), mean(a), mean(b)];
  let [yy, aa, bb, ab, ay, by] = [0, 0, 0, 0, 0, 0];
  for (let t = 0; t < y.length; t++) {
    const [dy, da, db] = [y[t]! - meanY, a[t]! - meanA, b[t]! - meanB];
    yy += dy * dy;
    aa += da * da;
    bb += db * db;
    ab += da * db;
    ay += da * dy;
    by += db * dy;
  }
  const determinant = aa * bb - ab * ab;
  if (!(yy > 0)) return 0;
  // Of two columns that are one line, the one that varies more says it all.
  if (determinant <= 1e-12 * aa * bb || aa === 0 || bb === 0) {
    const [square, product] = aa >= bb ? [aa, ay] : [bb, by];
    return square > 0 ? Math.min(1, (product * product) / (square * yy)) : 0;
  }
  const explained = (bb * ay * ay - 2 * ab * ay * by + aa * by * by) / determinant;
  return Math.min(1, Math.max(0, explained / yy));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
