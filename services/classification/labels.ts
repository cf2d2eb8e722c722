/** Labels: which class each origin of a series belongs to, by what follows it, against what was known at it. */
import { createGrowingSample } from './order-statistics.ts';

/** What is asked about the next steps. */
export interface LabelPlan {
  readonly horizon: number;
  readonly kind: 'direction' | 'event' | 'regime';
  /** Width of the flat zone of a direction, or the bound of an event; not used by a regime. */
  readonly threshold: number;
  /**
   * Of a direction: percent of the last value, or standard deviations of the moves over the horizon so far. Of an event:
   * the values' own unit, or a quantile of the values so far.
   */
  readonly unit: 'percent' | 'deviations' | 'value' | 'quantile';
  /** On which side of the bound an event lies. */
  readonly side: 'above' | 'below';
}

/** Labels of one series; origin t means that values [0, t) are known. */
export interface SeriesLabels {
  /** [n + 1]: the class of each origin; NaN where what follows, or what it is measured by, is not known. */
  readonly classes: Float64Array;
  /** [n + 1]: what the class is measured against, in units of the series' moves, from what is known at each origin. */
  readonly reference: Float64Array;
}

/** Fewest figures of the past that a deviation, a quantile or a median of it is taken from. */
const fewestFigures = 10;

/** Names of the classes 0, 1, ... of a plan. */
export function classNames({ kind, threshold, unit, side, horizon }: LabelPlan): string[] {
  if (kind === 'direction') return threshold > 0 ? ['down', 'flat', 'up'] : ['down', 'up'];
  if (kind === 'regime') return ['calm', 'volatile'];
  const bound = unit === 'quantile' ? `the ${threshold} quantile` : String(threshold);
  return [`not ${side} ${bound} within ${horizon}`, `${side} ${bound} within ${horizon}`];
}

/** What the reference column is called. */
export const referenceNames: Readonly<Record<LabelPlan['kind'], string>> = {
  direction: 'flat_zone',
  event: 'distance_to_threshold',
  regime: 'last_volatility',
};

/** The labels of a series of `values` [n]. */
export function labelSeries(values: Float64Array, plan: LabelPlan): SeriesLabels {
  if (plan.kind === 'direction') return directions(values, plan);
  return plan.kind === 'event' ? events(values, plan) : regimes(values, plan);
}

function emptyLabels(values: Float64Array): SeriesLabels {
  const missing = (): Float64Array => new Float64Array(values.length + 1).fill(Number.NaN);
  return { classes: missing(), reference: missing() };
}

/** Standard deviation around 0 of the moves over `span` steps that are known at each origin [n + 1]; NaN of few. */
function moveSizes(values: Float64Array, span: number): Float64Array {
  let count = 0;
  let mean = 0;
  return Float64Array.from({ length: values.length + 1 }, (_, t) => {
    const move = t > span ? values[t - 1]! - values[t - 1 - span]! : Number.NaN;
    if (!Number.isNaN(move)) {
      count++;
      mean += (move * move - mean) / count;
    }
    return count >= fewestFigures ? Math.sqrt(mean) : Number.NaN;
  });
}

/** A move of nothing counts as down where there is no flat zone. */
function directions(values: Float64Array, { horizon, threshold, unit }: LabelPlan): SeriesLabels {
  const labels = emptyLabels(values);
  const sizes = moveSizes(values, horizon);
  for (let t = 1; t <= values.length; t++) {
    const last = values[t - 1]!;
    const size = sizes[t]!;
    const width =
      threshold === 0 ? 0 : threshold * (unit === 'deviations' ? size : Math.abs(last) / 100);
    labels.reference[t] = size > 0 ? width / size : Number.NaN;
    const move = (values[t - 1 + horizon] ?? Number.NaN) - last;
    if (Number.isNaN(move) || Number.isNaN(width)) continue;
    const isUp = move > width;
    labels.classes[t] = threshold > 0 ? (isUp ? 2 : move < -width ? 0 : 1) : Number(isUp);
  }
  return labels;
}

function events(values: Float64Array, plan: LabelPlan): SeriesLabels {
  const labels = emptyLabels(values);
  const sizes = moveSizes(values, 1);
  const sample = createGrowingSample(values);
  const isQuantile = plan.unit === 'quantile';
  const sign = plan.side === 'above' ? 1 : -1;
  for (let t = 1; t <= values.length; t++) {
    if (isQuantile) sample.add(t - 1);
    if (isQuantile && sample.size() < fewestFigures) continue;
    const bound = isQuantile ? sample.quantile(plan.threshold) : plan.threshold;
    const distance = sign * (bound - values[t - 1]!);
    labels.reference[t] = sizes[t]! > 0 ? distance / sizes[t]! : Number.NaN;
    labels.classes[t] = happens(values, t, plan.horizon, (value) => sign * (value - bound) > 0);
  }
  return labels;
}

/** 1 if any of the next values is so, 0 if none is; NaN where one of them is not known. */
function happens(
  values: Float64Array,
  origin: number,
  horizon: number,
  isSo: (value: number) => boolean,
): number {
  if (origin + horizon > values.length) return Number.NaN;
  const next = values.subarray(origin, origin + horizon);
  return next.some((value) => Number.isNaN(value)) ? Number.NaN : Number(next.some(isSo));
}

/**
 * Mean absolute change over the next steps against the median of the same over all windows so far. Changes are relative to
 * the value before them as long as all values so far are positive, which prices of any level need.
 */
function regimes(values: Float64Array, { horizon }: LabelPlan): SeriesLabels {
  const labels = emptyLabels(values);
  const kinds = [true, false].map((relative) => {
    const volatility = volatilities(values, horizon, relative);
    return { volatility, sample: createGrowingSample(volatility) };
  });
  let positive = true;
  for (let t = 1; t <= values.length; t++) {
    positive &&= !(values[t - 1]! <= 0);
    for (const { sample } of kinds) sample.add(t);
    const { volatility, sample } = kinds[positive ? 0 : 1]!;
    if (sample.size() < fewestFigures) continue;
    const usual = sample.quantile(0.5);
    labels.reference[t] = usual > 0 ? volatility[t]! / usual : Number.NaN;
    const next = volatility[t + horizon] ?? Number.NaN;
    if (!Number.isNaN(next)) labels.classes[t] = Number(next > usual);
  }
  return labels;
}

/** [n + 1]: the mean absolute change of the `horizon` steps that end before position t; NaN where one is unknown. */
function volatilities(values: Float64Array, horizon: number, relative: boolean): Float64Array {
  return Float64Array.from({ length: values.length + 1 }, (_, t) => {
    if (t <= horizon) return Number.NaN;
    let sum = 0;
    for (let k = t - horizon; k < t; k++) {
      const before = values[k - 1]!;
      const change = Math.abs(values[k]! - before);
      sum += change === 0 ? 0 : change / (relative ? Math.abs(before) : 1);
    }
    return sum / horizon;
  });
}
