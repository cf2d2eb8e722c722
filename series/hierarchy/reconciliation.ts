/** Reconciliation: makes base forecasts of all series of a hierarchy add up, by any of the known methods. */
import { assert } from '../../state/errors.ts';
import type { ReconciliationMethod } from '../../state/request.ts';
import {
  type ErrorCovariance,
  type ErrorSample,
  equalErrors,
  independentErrors,
  shrunkErrors,
  structuralErrors,
} from './covariance.ts';
import { type Hierarchy, incoherence, seriesCount, sumUp } from './hierarchy.ts';
import { projectionReconciler, type Reconciler } from './projection.ts';
import {
  averageProportions,
  forecastProportionsReconciler,
  type Histories,
  proportionsOfAverages,
  sharesReconciler,
} from './proportions.ts';

/** What a reconciler is made from. */
export interface ReconciliationTask {
  readonly hierarchy: Hierarchy;
  readonly method: ReconciliationMethod;
  /** Bottom series before the forecast. */
  readonly histories: Histories;
  /** Errors of the base forecasts in a backtest; no rows if there was none. */
  readonly sample: ErrorSample;
  /** Name of the level that middle-out starts from; the middle one if left out. */
  readonly middle?: string;
}

/** A reconciler, and what it came to be. */
export interface ChosenReconciler {
  readonly reconcile: Reconciler;
  /** The method; a simpler one than was asked for where the errors do not allow that. */
  readonly method: ReconciliationMethod;
  /** Of MinT, the share of the covariance's diagonal. */
  readonly shrinkage?: number;
}

/** What a projection falls back to: from MinT to weights of single series, and to weights by their sizes. */
const simpler = {
  mint: 'wls',
  wls: 'wls-structural',
  'wls-structural': 'ols',
  ols: 'ols',
} as const;

const covariances: Readonly<
  Record<
    keyof typeof simpler,
    (hierarchy: Hierarchy, sample: ErrorSample) => ErrorCovariance | undefined
  >
> = {
  ols: equalErrors,
  'wls-structural': structuralErrors,
  wls: independentErrors,
  mint: shrunkErrors,
};

/** The reconciler that `task` asks for. */
export function createReconciler(task: ReconciliationTask): ChosenReconciler {
  const { hierarchy, method, histories } = task;
  switch (method) {
    case 'bottom-up':
      return { method, reconcile: (values) => sumUp(hierarchy, values) };
    case 'top-down':
      return { method, reconcile: forecastProportionsReconciler(hierarchy) };
    case 'average-proportions': {
      const shares = averageProportions(hierarchy, histories);
      return { method, reconcile: sharesReconciler(hierarchy, shares) };
    }
    case 'proportions-of-averages': {
      const shares = proportionsOfAverages(hierarchy, histories);
      return { method, reconcile: sharesReconciler(hierarchy, shares) };
    }
    case 'middle-out':
      return {
        method,
        reconcile: forecastProportionsReconciler(hierarchy, middleLevel(hierarchy, task.middle)),
      };
    default:
      return project(task, method);
  }
}

function project(
  { hierarchy, sample }: ReconciliationTask,
  method: keyof typeof simpler,
): ChosenReconciler {
  const covariance = covariances[method](hierarchy, sample);
  const reconcile = covariance && projectionReconciler(hierarchy, covariance);
  if (covariance === undefined || reconcile === undefined) {
    return project({ hierarchy, sample, method, histories: noHistories }, simpler[method]);
  }
  const { shrinkage } = covariance;
  return { reconcile, method, ...(shrinkage !== undefined && { shrinkage }) };
}

const noHistories: Histories = () => new Float64Array(0);

/** Place of the level called `name`, or of the middle one. */
function middleLevel({ levels }: Hierarchy, name: string | undefined): number {
  if (name === undefined) return Math.floor(levels.length / 2);
  const named = levels.findIndex((level) => level.name === name);
  assert(named >= 0, `${name} is a level of the hierarchy`);
  return named;
}

/** How a forecast is reconciled. */
export interface ReconciliationLimits {
  readonly horizon: number;
  /** Whether bottom series stay at 0 or above, [bottom]: those below are set to 0 and everything is added up again. */
  readonly nonNegative: readonly boolean[];
}

/**
 * Makes `forecast` [series * horizon] add up, in place. Steps at which a series has no forecast stay as they are, and
 * aggregates are exactly the sums of their bottom series, added in their order.
 */
export function reconcileForecast(
  hierarchy: Hierarchy,
  reconcile: Reconciler,
  forecast: Float64Array,
  { horizon, nonNegative }: ReconciliationLimits,
): void {
  const values = new Float64Array(seriesCount(hierarchy));
  for (let k = 0; k < horizon; k++) {
    for (let i = 0; i < values.length; i++) values[i] = forecast[i * horizon + k]!;
    if (!values.every(Number.isFinite)) continue;
    reconcile(values);
    let clipped = false;
    for (let b = 0; b < hierarchy.bottom; b++) {
      if (!nonNegative[b] || values[b]! >= 0) continue;
      values[b] = 0;
      clipped = true;
    }
    if (clipped) sumUp(hierarchy, values);
    for (let i = 0; i < values.length; i++) forecast[i * horizon + k] = values[i]!;
  }
}

/** The aggregate whose base forecast lies furthest from the sum below it. */
export interface LargestIncoherence {
  readonly id: string;
  /** Mean absolute distance over the horizon, as a share of the mean absolute base forecast. */
  readonly share: number;
}

/** Of `forecast` [series * horizon]; null without a finite one. */
export function largestIncoherence(
  hierarchy: Hierarchy,
  forecast: Float64Array,
  horizon: number,
): LargestIncoherence | null {
  const { bottom, ids } = hierarchy;
  const distances = new Float64Array(ids.length);
  const sizes = new Float64Array(ids.length);
  for (let k = 0; k < horizon; k++) {
    const values = Float64Array.from(
      { length: bottom + ids.length },
      (_, i) => forecast[i * horizon + k]!,
    );
    for (const [a, gap] of incoherence(hierarchy, values).entries()) {
      distances[a]! += Math.abs(gap);
      sizes[a]! += Math.abs(values[bottom + a]!);
    }
  }
  let largest: LargestIncoherence | null = null;
  for (const [a, distance] of distances.entries()) {
    const share = distance / sizes[a]!;
    if (Number.isFinite(share) && share >= (largest?.share ?? 0)) largest = { id: ids[a]!, share };
  }
  return largest;
}
