/** Offsets: conformal quantiles of residuals around point forecasts, step by step of the horizon. */
import { bounded } from '../bounded.ts';
import { conformalQuantile } from '../quantiles.ts';
import { normalQuantile } from '../statistics.ts';
import { assert } from '../../state/errors.ts';

/** A step with as many residuals speaks for itself; below, its neighbours are asked as well. */
const enoughForQuantiles = 200;
/** Residuals that a step's typical size is estimated from, with its neighbours if need be. */
const enoughForSpread = 40;
/** Below as many rows of residuals their sign is chance, and they are taken with both signs. */
const enoughForSign = 20;

/**
 * Offsets [horizon * levels], in units of a series' scale, that lead from the point forecast to its quantiles `levels`
 * (0..1). `residuals` [rows * horizon], actual minus forecast in units of the scale (`seriesScale`), NaN where absent;
 * a row is one series at one origin.
 * Each step takes the conformal quantiles of its own signed residuals, pooled over series and origins. A step with few
 * residuals borrows those of its neighbours, stretched by the ratio of the two steps' typical sizes. With fewer
 * than 20 rows the residuals are taken with both signs. As the residuals of one row go together (a level missed once is
 * missed at all steps), few rows say less than their residuals count, and their offsets are widened; more so if rows go
 * together as well, of which `shareOfIndependentRows` (0..1) tells.
 * An interval always holds its point forecast, and offsets rise with the level. All NaN if there is no residual:
 * `naiveOffsets` serves then.
 */
export function conformalOffsets(
  residuals: Float64Array,
  horizon: number,
  levels: readonly number[],
  shareOfIndependentRows = 1,
): Float64Array {
  assert(residuals.length % horizon === 0, 'residuals are [rows * horizon]');
  const steps = Array.from({ length: horizon }, (_, h) => residualsOfStep(residuals, horizon, h));
  const spreads = steps.map((_, h) => spreadOfStep(steps, h));
  const rows = steps.reduce((most, step) => Math.max(most, step.length), 0);
  const independent = rows * shareOfIndependentRows * independentPerRow(residuals, horizon);
  const offsets = new Float64Array(horizon * levels.length);
  for (let h = 0; h < horizon; h++) {
    const pooled = poolAround(steps, spreads, h);
    const sample = (rows < enoughForSign ? withBothSigns(pooled) : pooled).sort();
    for (let q = 0; q < levels.length; q++) {
      const level = levels[q]!;
      const offset = conformalQuantile(sample, level) * widening(level, independent);
      const bounded = level < 0.5 ? Math.min(0, offset) : Math.max(0, offset);
      offsets[h * levels.length + q] = level === 0.5 ? offset : bounded;
    }
  }
  return monotone(offsets, levels);
}

/** To how many independent residuals one row amounts, by the correlation of neighbouring steps; at least 1. */
function independentPerRow(residuals: Float64Array, horizon: number): number {
  let products = 0;
  let squares = 0;
  for (let at = 0; at < residuals.length; at++) {
    const here = residuals[at]!;
    if (!Number.isFinite(here)) continue;
    squares += here * here;
    const next = at % horizon === horizon - 1 ? Number.NaN : residuals[at + 1]!;
    if (Number.isFinite(next)) products += here * next;
  }
  const memory = squares > 0 ? Math.min(1, Math.max(0, products / squares)) : 0;
  return Math.max(1, (horizon * (1 - memory)) / (1 + memory));
}

/**
 * How much farther out a quantile lies if the spread is known from `independent` residuals only: Student's t over the normal
 * quantile z, to first order 1 + (z^2 + 1) / (4 n) (Fisher 1925).
 */
function widening(level: number, independent: number): number {
  if (level === 0.5 || independent === 0) return 1;
  return 1 + (normalQuantile(level) ** 2 + 1) / (4 * independent);
}

function residualsOfStep(residuals: Float64Array, horizon: number, h: number): Float64Array {
  const step = new Float64Array(residuals.length / horizon);
  let count = 0;
  for (let at = h; at < residuals.length; at += horizon) {
    if (Number.isFinite(residuals[at]!)) step[count++] = residuals[at]!;
  }
  return step.subarray(0, count);
}

/** First and last step of the smallest window around `h` that holds `enough` residuals, or all there are. */
function windowAround(
  steps: readonly Float64Array[],
  h: number,
  enough: number,
): [from: number, to: number] {
  let from = h;
  let to = h;
  let count = steps[h]!.length;
  while (count < enough && (from > 0 || to < steps.length - 1)) {
    if (from > 0) count += steps[--from]!.length;
    if (to < steps.length - 1) count += steps[++to]!.length;
  }
  return [from, to];
}

/** Mean size of the residuals of step `h`. */
function spreadOfStep(steps: readonly Float64Array[], h: number): number {
  const [from, to] = windowAround(steps, h, enoughForSpread);
  let sum = 0;
  let count = 0;
  for (let k = from; k <= to; k++) {
    for (const residual of steps[k]!) sum += Math.abs(residual);
    count += steps[k]!.length;
  }
  return count === 0 ? 0 : sum / count;
}

function poolAround(
  steps: readonly Float64Array[],
  spreads: readonly number[],
  h: number,
): Float64Array {
  const [from, to] = windowAround(steps, h, enoughForQuantiles);
  const total = steps.slice(from, to + 1).reduce((sum, step) => sum + step.length, 0);
  const pooled = new Float64Array(total);
  let at = 0;
  for (let k = from; k <= to; k++) {
    const stretch = spreads[k]! > 0 ? spreads[h]! / spreads[k]! : 1;
    for (const residual of steps[k]!) pooled[at++] = residual * stretch;
  }
  return pooled;
}

function withBothSigns(sample: Float64Array): Float64Array {
  const both = new Float64Array(2 * sample.length);
  both.set(sample);
  both.set(
    sample.map((residual) => -residual),
    sample.length,
  );
  return both;
}

/** Puts the offsets of every step in the order of their levels. */
function monotone(offsets: Float64Array, levels: readonly number[]): Float64Array {
  const order = levels.map((_, q) => q).sort((a, b) => levels[a]! - levels[b]!);
  for (let row = 0; row < offsets.length; row += levels.length) {
    const sorted = offsets.slice(row, row + levels.length).sort();
    for (let q = 0; q < levels.length; q++) offsets[row + order[q]!] = sorted[q]!;
  }
  return offsets;
}

/**
 * Offsets [horizon * levels] where no residual is known: the seasonal naive forecast's under normal errors, whose deviation
 * grows with the root of the seasons ahead (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 5.5),
 * in units of a series' scale, its mean absolute error in the sample.
 */
export function naiveOffsets(
  horizon: number,
  season: number,
  levels: readonly number[],
): Float64Array {
  const deviation = Math.sqrt(Math.PI / 2);
  const offsets = new Float64Array(horizon * levels.length);
  for (let h = 0; h < horizon; h++) {
    const growth = Math.sqrt(Math.floor(h / season) + 1);
    for (let q = 0; q < levels.length; q++) {
      offsets[h * levels.length + q] = deviation * growth * normalQuantile(levels[q]!);
    }
  }
  return offsets;
}

/** Quantile forecasts [series * horizon * levels]: `point` [series * horizon] plus `scale` [series] times the offsets; finite where these are. */
export function applyOffsets(
  point: Float64Array,
  scale: Float64Array,
  offsets: Float64Array,
  horizon: number,
  levels: readonly number[],
): Float64Array {
  assert(point.length === scale.length * horizon, 'point is [series * horizon]');
  assert(offsets.length === horizon * levels.length, 'offsets are [horizon * levels]');
  const quantiles = new Float64Array(point.length * levels.length);
  for (let at = 0; at < quantiles.length; at++) {
    const row = Math.floor(at / levels.length);
    const distance = scale[Math.floor(row / horizon)]! * offsets[at % offsets.length]!;
    quantiles[at] = bounded(point[row]! + distance);
  }
  return quantiles;
}
