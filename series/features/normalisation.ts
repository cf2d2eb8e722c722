/** Normalisation: series of any level and size brought together, row by row, from what was known at each row's origin. */
import type { FeaturePlan, NormalisationPlan } from './feature-plan.ts';
import { before, type FeatureRows, seasonsBack } from './feature.ts';
import { windowChange, windowDeviation, windowMean, windowSize } from './window-statistics.ts';

/** What a row's numbers are moved and divided by. */
export interface Normalised {
  /** [rows]: what is taken off the target; NaN where nothing was observed. */
  readonly baseline: Float64Array;
  /** [rows]: what is taken off features that are levels. */
  readonly centre: Float64Array;
  /** [rows]: what targets and features are divided by, above 0. */
  readonly scale: Float64Array;
}

/** How many windows a longer stretch is. */
const longerStretch = 4;

/** Level and scale of each of `rows`, from values before its origin alone. */
export function normaliseRows(rows: FeatureRows, plan: NormalisationPlan): Normalised {
  const { values, origins, steps } = rows;
  const baseline = new Float64Array(origins.length);
  const centre = new Float64Array(origins.length);
  const scale = new Float64Array(origins.length);
  for (let r = 0; r < origins.length; r++) {
    const origin = origins[r]!;
    const known = r > 0 && origins[r - 1] === origin;
    centre[r] = known
      ? centre[r - 1]!
      : plan.baseline === 'zero'
        ? 0
        : windowMean(values, origin, plan.window);
    scale[r] = known ? scale[r - 1]! : scaleAt(values, origin, plan);
    baseline[r] = baselineAt(values, origin, steps[r]!, centre[r]!, plan);
  }
  return { baseline, centre, scale };
}

function baselineAt(
  values: Float64Array,
  origin: number,
  step: number,
  centre: number,
  { baseline, season }: FeaturePlan['normalisation'],
): number {
  if (baseline === 'mean') return centre;
  if (baseline === 'zero') return Number.isNaN(lastKnown(values, origin)) ? Number.NaN : 0;
  if (baseline === 'seasonal') {
    const seasonal = before(values, origin, seasonsBack(step, season, 1));
    if (!Number.isNaN(seasonal)) return seasonal;
  }
  return lastKnown(values, origin);
}

/** The last value before `origin` that is not missing; NaN if all are. */
function lastKnown(values: Float64Array, origin: number): number {
  let at = origin - 1;
  while (at > 0 && Number.isNaN(values[at]!)) at--;
  return at < 0 ? Number.NaN : values[at]!;
}

/**
 * A recent figure, at least a tenth of the same figure over a longer stretch, so that no quiet stretch makes a row explode;
 * of a series that has not moved, a hundredth of its size; 1 if that is nothing.
 */
function scaleAt(values: Float64Array, origin: number, plan: NormalisationPlan): number {
  if (plan.scale === 'none') return 1;
  const { window } = plan;
  const least = 0.1 * measured(values, origin, longerStretch * window, plan);
  const size = Math.max(measured(values, origin, window, plan), least);
  if (size > 0 && Number.isFinite(size)) return size;
  const whole = 0.01 * windowSize(values, origin, longerStretch * window);
  return whole > 0 && Number.isFinite(whole) ? whole : 1;
}

/** The figure over `width` values before the origin; 0 if there is none. */
function measured(
  values: Float64Array,
  origin: number,
  width: number,
  { scale, season }: NormalisationPlan,
): number {
  if (scale === 'level') return orZero(windowSize(values, origin, width));
  const deviation = windowDeviation(values, origin, width);
  if (scale === 'deviation') return orZero(deviation);
  const change = windowChange(values, origin, Math.max(width, season + 1), season);
  return orZero(Number.isNaN(change) ? deviation : change);
}

const orZero = (value: number): number => (Number.isNaN(value) ? 0 : value);
