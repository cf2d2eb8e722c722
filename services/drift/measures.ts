/** Measures: distances between a reference and recent data, each with the threshold above which it counts as drift. */
import {
  kolmogorovSmirnov,
  kolmogorovSmirnovPValue,
  populationStabilityIndex,
} from '../../series/statistics.ts';
import type { Ordinary } from './ordinary.ts';

/** One distance; `drifted` if and only if statistic > threshold. */
export interface DriftMeasure {
  /** Population stability index, or Kolmogorov-Smirnov distance. */
  readonly name: 'psi' | 'ks';
  readonly on: 'values' | 'changes' | 'spectrum' | 'residuals';
  readonly statistic: number;
  readonly threshold: number;
  /** Of the Kolmogorov-Smirnov test, on effective sample sizes. */
  readonly pValue?: number;
  readonly drifted: boolean;
}

/** From here on a population is usually called shifted. */
const psiThreshold = 0.2;
/** A smaller distance of distributions is of no consequence, however certain it is. */
const ksThreshold = 0.15;
/** New data may be farther from the reference than its own windows usually are, by this factor. */
const allowance = 1.5;
/** By this factor at most, if chance alone would reach farther. */
const greatestAllowance = 3;
/** And by a tenth more for every doubling of the number of samples, as the farthest of many lies farther out. */
const allowancePerDoubling = 0.1;
/** More independent values than these add no evidence: significance must not come from sheer size. */
const effectiveCap = 400;
/** 99.9 % quantiles: of chi-square with 9 degrees of freedom, and of Kolmogorov's distribution. */
const chiSquareTail = 27.88;
const kolmogorovTail = 1.949;

/** Sizes and habits of a comparison. */
export interface Allowed {
  /** Independent values in the reference and in one recent sample. */
  readonly referenceSize: number;
  readonly recentSize: number;
  /** What the reference's own windows show; none where it had no two windows. */
  readonly ordinary?: Ordinary;
}

/**
 * Both distances between `reference` (a sketch) and the farthest of `samples`. A threshold is the greatest of three: the
 * usual one (psi 0.2, ks 0.15), what chance alone exceeds once in a thousand times between samples of these sizes, and 1.5
 * times what nine in ten of the reference's own windows stay under.
 */
export function compareSamples(
  on: DriftMeasure['on'],
  reference: readonly number[],
  samples: readonly Float64Array[],
  allowed: Allowed,
): DriftMeasure[] {
  const present = samples.filter((sample) => sample.length > 0);
  if (present.length === 0 || reference.length === 0) return [];
  const n = Math.max(1, Math.min(effectiveCap, allowed.referenceSize));
  const m = Math.max(1, Math.min(effectiveCap, allowed.recentSize));
  const noise = 1 / n + 1 / m;
  const psi = farthest(present, (sample) => populationStabilityIndex(reference, sample));
  const ks = farthest(present, (sample) => kolmogorovSmirnov(reference, sample).statistic);
  const factor = 1 + allowancePerDoubling * Math.log2(present.length);
  const ordinary = allowed.ordinary;
  return [
    judged({
      name: 'psi',
      on,
      statistic: psi,
      threshold: thresholdFor(
        psiThreshold,
        chiSquareTail * noise,
        ordinary && factor * ordinary.psi,
      ),
    }),
    judged({
      name: 'ks',
      on,
      statistic: ks,
      threshold: thresholdFor(
        ksThreshold,
        kolmogorovTail * Math.sqrt(noise),
        ordinary && factor * ordinary.ks,
      ),
      pValue: kolmogorovSmirnovPValue(ks, n, m),
    }),
  ];
}

function thresholdFor(usual: number, chance: number, ordinary: number | undefined): number {
  if (ordinary === undefined) return Math.max(usual, chance);
  return Math.max(usual, allowance * ordinary, Math.min(chance, greatestAllowance * ordinary));
}

/** Distance between two spectra by band; `ordinary` is the greatest that segments of the reference have from it. */
export function compareSpectra(
  reference: readonly number[],
  recent: Float64Array,
  ordinary: number,
): DriftMeasure {
  return judged({
    name: 'psi',
    on: 'spectrum',
    statistic: distanceOfBands(reference, recent),
    threshold: Math.max(psiThreshold, allowance * ordinary),
  });
}

/** Population stability index between two sets of shares that each sum to 1; a share counts as 0.001 at least. */
export function distanceOfBands(reference: ArrayLike<number>, recent: ArrayLike<number>): number {
  let distance = 0;
  for (let b = 0; b < reference.length; b++) {
    const p = Math.max(1e-3, reference[b]!);
    const q = Math.max(1e-3, recent[b]!);
    distance += (q - p) * Math.log(q / p);
  }
  return distance;
}

function farthest(
  samples: readonly Float64Array[],
  distance: (sample: Float64Array) => number,
): number {
  return samples.reduce((most, sample) => Math.max(most, distance(sample)), 0);
}

function judged(measure: Omit<DriftMeasure, 'drifted'>): DriftMeasure {
  return { ...measure, drifted: measure.statistic > measure.threshold };
}
