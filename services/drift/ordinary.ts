/** Ordinary: how far the stretches of a reference lie from the whole of it, which is what new data is allowed as well. */
import { quantile } from '../../series/quantiles.ts';
import {
  kolmogorovSmirnov,
  mean,
  populationStabilityIndex,
  variance,
} from '../../series/statistics.ts';
import { rounded } from './samples.ts';

/** Distances between windows of a reference and the rest of it. */
export interface Ordinary {
  /** 90 % quantiles over the reference's own windows. */
  readonly psi: number;
  readonly ks: number;
  /** To how many independent values a window amounts. */
  readonly effective: number;
}

const sketchSize = 81;
/** Size of one window's sketch, where those of many are put together. */
const roughSize = 27;
const typical = 0.9;

/** Evenly spaced order statistics of `sample`, [greatest] or fewer: a small sample that stands for a large one. */
export function sketch(sample: Float64Array, greatest = sketchSize): number[] {
  const sorted = sample.slice().sort();
  const size = Math.min(greatest, sorted.length);
  return Array.from(
    { length: size },
    (_, k) => sorted[Math.floor(((k + 0.5) * sorted.length) / size)]!,
  );
}

/**
 * Compares each of `windows` (samples pooled over series, in the order of time, each overlapping only its neighbours) with
 * all that it does not overlap: it is near a whole that it is part of. A window's effective size is the variance of all
 * values over the variance of the windows' means: 1 if the series stay together where they once are, as random walks and
 * common shocks make them, the number of values if these are independent.
 */
export function ordinaryOf(windows: readonly Float64Array[]): Ordinary {
  const sketches = windows.map((window) => sketch(window, roughSize));
  const others = windows.map((_, j) => {
    const apart = sketches.filter((_, i) => Math.abs(i - j) > 1);
    return (apart.length > 0 ? apart : sketches).flat();
  });
  const psi = windows.map((window, j) => populationStabilityIndex(others[j]!, window)).sort(rising);
  const ks = windows
    .map((window, j) => kolmogorovSmirnov(others[j]!, window).statistic)
    .sort(rising);
  const ofMeans = variance(windows.map(mean));
  const ofValues = mean(windows.map(variance)) + ofMeans;
  // Not finite where the means do not vary, or where variances leave the range of a double.
  const amount = ofValues / ofMeans;
  const most = Math.max(...windows.map((window) => window.length));
  return {
    psi: rounded(quantile(psi, typical)),
    ks: rounded(quantile(ks, typical)),
    effective: rounded(Math.max(1, Math.min(most, Number.isFinite(amount) ? amount : most))),
  };
}

function rising(a: number, b: number): number {
  return a - b;
}
