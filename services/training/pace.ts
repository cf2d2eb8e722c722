/** Pace of a training: how many steps one native call takes. Time decides this and nothing about the result. */

/** How much one call should take: cancellation and the time limit act between calls. */
const callMs = 500;
/** A call takes at most this many times the steps of the longest one before. */
const greatestGrowth = 8;
/** Bound on the window positions that one call is given. */
const mostStarts = 1_000_000;

/** What bounds the steps of a call. */
export interface PaceBounds {
  readonly validateEvery: number;
  readonly maxSteps: number;
  /** Windows in a step. */
  readonly batch: number;
  /** Time left, in milliseconds. */
  remainingMs(): number;
}

export interface Pace {
  /** Steps of the next call from `step` on; 0 when the time left does not allow one. The very first step is always taken. */
  next(step: number): number;
  /** Tells how long a call took. */
  stepped(steps: number, tookMs: number): void;
  /** Tells how long a validation took; as much time is kept for the last one. */
  validated(tookMs: number): void;
}

/** Begins with one step, and grows. */
export function createPace({ validateEvery, maxSteps, batch, remainingMs }: PaceBounds): Pace {
  let msPerStep = 0;
  let longest = 1 / greatestGrowth;
  let validationMs = 0;
  return {
    next(step) {
      const leftMs = remainingMs() - validationMs;
      if (step > 0 && (leftMs <= 0 || leftMs < msPerStep)) return 0;
      const timed = msPerStep > 0 ? Math.min(callMs, leftMs) / msPerStep : Infinity;
      const steps = Math.min(
        validateEvery - (step % validateEvery),
        maxSteps - step,
        longest * greatestGrowth,
        timed,
        mostStarts / batch,
      );
      return Math.max(1, Math.floor(steps));
    },
    stepped(steps, tookMs) {
      msPerStep = tookMs / steps;
      longest = Math.max(longest, steps);
    },
    validated(tookMs) {
      validationMs = tookMs;
    },
  };
}
