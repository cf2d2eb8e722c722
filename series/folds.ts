/** Rolling-origin evaluation folds, counted from each series' own end, so that one plan fits series of any length. */
import { assert } from '../state/errors.ts';

/** A series of n observations is cut at origin = n - stepsFromEnd: history [0, origin), target [origin, origin + horizon). */
export interface Fold {
  readonly kind: 'validation' | 'test';
  readonly stepsFromEnd: number;
}

/** All folds in order of time: validation folds, then test folds, none of them overlapping. */
export interface FoldPlan {
  readonly horizon: number;
  readonly folds: readonly Fold[];
  /** Training may use [0, n - trainStepsFromEnd) only; 0 if there is no fold at all. */
  readonly trainStepsFromEnd: number;
}

const greatestFoldCount = 8;

/**
 * Plans K test folds on the last tenth of a middle length n that at least half of the series reach, K = clamp(floor(0.1 n /
 * horizon), 1, 8), and V validation folds on the fifth before it, V = clamp(floor(0.2 n / horizon), 1, 8). With one validation
 * fold nothing tells habit from accident, so there are two wherever half of n is left to learn from.
 *
 * Where n leaves fewer than `minimumHistory` observations before the first fold, V goes down to one, then K, then the test fold
 * goes (models are chosen and intervals made on validation folds), then there is no fold. A shorter series has no such fold where
 * its origin falls below 1 (`foldOrigin`).
 */
export function planFolds(
  lengths: ArrayLike<number>,
  horizon: number,
  minimumHistory: number,
): FoldPlan {
  assert(Number.isInteger(horizon) && horizon >= 1, 'horizon is a positive whole number');
  const sorted = Uint32Array.from(lengths).sort();
  const middle = sorted[sorted.length >> 1] ?? 0;
  const foldsIn = (share: number): number =>
    Math.min(greatestFoldCount, Math.max(1, Math.floor((share * middle) / horizon)));
  const wanted = foldsIn(0.1);
  const left = (test: number, validation: number): number => middle - (test + validation) * horizon;
  const most = Math.max(foldsIn(0.2), left(wanted, 2) >= middle / 2 ? 2 : 1);
  const options = [
    ...Array.from({ length: most }, (_, k) => [wanted, most - k] as const),
    [1, 1] as const,
    [0, 1] as const,
  ];
  const enough = Math.max(1, minimumHistory);
  const [test, validation] = options.find(([k, v]) => left(k, v) >= enough) ?? [0, 0];
  const total = test + validation;
  const folds = Array.from(
    { length: total },
    (_, i): Fold => ({
      kind: i < validation ? 'validation' : 'test',
      stepsFromEnd: (total - i) * horizon,
    }),
  );
  return { horizon, folds, trainStepsFromEnd: total * horizon };
}

/** Where `fold` cuts a series of `length` observations; below 1 the series has no such fold. */
export function foldOrigin(length: number, fold: Fold): number {
  return length - fold.stepsFromEnd;
}
