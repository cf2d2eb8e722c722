/** Adaptive levels: how far out intervals must reach so that the share of misses keeps to what was asked, whatever drifts. */
import { assert } from '../../state/errors.ts';

/** Tracks one tail, such as values above an upper bound. */
export interface AdaptiveLevel {
  /** The share of misses to ask the residual quantiles for now; below 0 all must lie inside, above 1 nothing need. */
  readonly share: number;
  /** Learns that `missed` (0..1) of the values lay beyond the bound that was made for `share`. */
  observe(missed: number): void;
}

/**
 * Adaptive conformal inference: after each outcome the share moves by `rate` times what was asked minus what was missed.
 * Whatever the data does, the mean share of misses over T outcomes is within (1 + rate) / (rate T) of `target` (Gibbs and
 * Candes 2021, "Adaptive conformal inference under distribution shift", proposition 4.1), if a share below 0 misses nothing.
 */
export function createAdaptiveLevel(target: number, rate: number): AdaptiveLevel {
  assert(target > 0 && target < 1 && rate > 0, 'target is within 0..1 and the rate positive');
  let share = target;
  return {
    get share() {
      return share;
    },
    observe(missed) {
      share += rate * (target - missed);
    },
  };
}

/** Rates that are tried side by side, and how fast the trust in them moves. */
const defaultRates = [0.005, 0.02, 0.08, 0.3] as const;
/** So much of the trust is shared out again at each outcome, so that no rate is given up for good. */
const forgetting = 0.02;

/** Tracks one tail where the fitting rate is not known. */
export interface TunedLevel {
  /** The mean of the shares at all rates, by the trust in them. */
  readonly share: number;
  /** Learns the share at which the value would have lain just on its bound: its conformal p-value in this tail, 0..1. */
  observe(pValue: number): void;
}

/**
 * Dynamically tuned adaptive conformal inference: levels at several rates, trusted by the exponential of their pinball
 * losses in the p-value (Gibbs and Candes 2024, "Conformal inference for online prediction with arbitrary distribution shifts").
 */
export function createTunedLevel(
  target: number,
  rates: readonly number[] = defaultRates,
  eagerness = 2,
): TunedLevel {
  const levels = rates.map((rate) => createAdaptiveLevel(target, rate));
  let trust = Float64Array.from(rates, () => 1 / rates.length);
  return {
    get share() {
      return levels.reduce((sum, { share }, k) => sum + trust[k]! * share, 0);
    },
    observe(pValue) {
      const losses = levels.map(
        ({ share }) => target * (pValue - share) - Math.min(0, pValue - share),
      );
      const raised = trust.map((weight, k) => weight * Math.exp(-eagerness * losses[k]!));
      const total = raised.reduce((sum, weight) => sum + weight, 0);
      trust = raised.map((weight) => {
        return ((1 - forgetting) * weight) / total + forgetting / rates.length;
      });
      for (const level of levels) level.observe(pValue < level.share ? 1 : 0);
    },
  };
}

/** Residuals in the order of time. */
export interface FoldSequence {
  /** [fold][rows * horizon], oldest fold first; NaN where absent. */
  readonly folds: readonly Float64Array[];
  /** Offsets [horizon * levels] from the residuals of some folds. */
  offsets(folds: readonly Float64Array[], levels: readonly number[]): Float64Array;
}

/** How far the share of misses of one fold moves the share that is asked of the next. */
const foldRate = 0.1;
/** Folds that the first intervals are made from. */
const warmUp = 2;
/** Quantiles farther out are not asked for. */
const outermost = 0.002;

/**
 * Levels to ask the residuals for in place of `levels`, so that the tails keep to them: fold after fold, intervals from the
 * earlier folds are held against the next, and each tail's share moves by adaptive conformal inference. They rise as the
 * given ones do; the median stays.
 */
export function adaptLevels({ folds, offsets }: FoldSequence, levels: readonly number[]): number[] {
  const tails = levels.map((level) => createAdaptiveLevel(Math.min(level, 1 - level), foldRate));
  const current = (): number[] => {
    const asked = levels.map((level, q) => {
      if (level === 0.5) return level;
      const share = Math.min(0.5 - 1e-6, Math.max(outermost, tails[q]!.share));
      return level < 0.5 ? share : 1 - share;
    });
    const rising = asked.toSorted((a, b) => a - b);
    const order = [...levels.keys()].sort((a, b) => levels[a]! - levels[b]!);
    for (const [place, q] of order.entries()) asked[q] = rising[place]!;
    return asked;
  };
  for (let fold = warmUp; fold < folds.length; fold++) {
    const made = offsets(folds.slice(0, fold), current());
    for (const [q, level] of levels.entries()) {
      const missed = shareBeyond(folds[fold]!, made, q, levels.length, level < 0.5);
      if (!Number.isNaN(missed)) tails[q]!.observe(missed);
    }
  }
  return current();
}

/** Share of `residuals` [rows * horizon] beyond the offsets of level `q`; NaN of nothing. */
function shareBeyond(
  residuals: Float64Array,
  offsets: Float64Array,
  q: number,
  levels: number,
  below: boolean,
): number {
  let beyond = 0;
  let count = 0;
  for (let k = 0; k < residuals.length; k++) {
    if (Number.isNaN(residuals[k]!)) continue;
    const offset = offsets[(k * levels + q) % offsets.length]!;
    if (below ? residuals[k]! < offset : residuals[k]! > offset) beyond += 1;
    count += 1;
  }
  return count === 0 ? Number.NaN : beyond / count;
}
