/** The served forecast of a hierarchy: made to add up at the end, and judged as it is served. */
import { seriesScale } from '../../series/accuracy.ts';
import { type EnsembleWeights, type Member, memberAlone } from '../../series/ensemble/member.ts';
import { type Fold, foldOrigin, type FoldPlan } from '../../series/folds.ts';
import type { ErrorSample } from '../../series/hierarchy/covariance.ts';
import type { Hierarchy } from '../../series/hierarchy/hierarchy.ts';
import {
  type ChosenReconciler,
  createReconciler,
  largestIncoherence,
  type LargestIncoherence,
  reconcileForecast,
} from '../../series/hierarchy/reconciliation.ts';
import { type Panel, seriesLength, seriesValues } from '../../series/panel.ts';
import type { ReconciliationMethod } from '../../state/request.ts';

/** Which series are sums of which, and how their forecasts are made to add up. */
export interface HierarchyTask {
  readonly hierarchy: Hierarchy;
  readonly method: ReconciliationMethod;
}

/** What the served forecast is made of; residuals as judging keeps them. */
export interface ServedTask {
  readonly panel: Panel;
  readonly plan: FoldPlan;
  readonly season: number;
  readonly weights: EnsembleWeights;
  readonly residuals: { readonly validation: readonly Member[]; readonly test: readonly Member[] };
}

/** Residuals of the ensemble on folds of one kind, [fold][series][horizon]; empty where there are none. */
type ServedResiduals = (kind: Fold['kind']) => Float64Array;

/** What reconciliation did. */
export interface ReconciliationMade extends Pick<ChosenReconciler, 'method' | 'shrinkage'> {
  /** Where the forecasts were furthest from adding up before; null if nowhere. */
  readonly largestIncoherence: LargestIncoherence | null;
  readonly aggregates: number;
}

/** Name of the one member that stands for the reconciled forecast. */
const reconciledName = 'reconciled';

/**
 * Makes `point` [series * horizon] add up, in place, by the validation residuals of the ensemble, and gives `task` with those
 * of the reconciled forecast in the place of its members' own: intervals and scores then are those of what is served. Fold forecasts are reconciled with the same covariance and with shares of what lies before all folds.
 */
export function reconcileServed<T extends ServedTask>(
  { hierarchy, method }: HierarchyTask,
  task: T,
  point: Float64Array,
  residualsOf: ServedResiduals,
): { readonly served: T; readonly made: ReconciliationMade } {
  const { panel, plan } = task;
  const { horizon, trainStepsFromEnd } = plan;
  const sample = errorSample(task, residualsOf('validation'));
  const known = { hierarchy, method, sample };
  const reconciler = createReconciler({ ...known, histories: (b) => seriesValues(panel, b) });
  const ofFolds = createReconciler({
    ...known,
    histories: (b) => {
      const values = seriesValues(panel, b);
      return values.subarray(0, Math.max(1, values.length - trainStepsFromEnd));
    },
  });
  const nonNegative = Array.from({ length: hierarchy.bottom }, (_, b) =>
    seriesValues(panel, b).every((value) => value >= 0),
  );
  const limits = { horizon, nonNegative };
  const largest = largestIncoherence(hierarchy, point, horizon);
  reconcileForecast(hierarchy, reconciler.reconcile, point, limits);
  const members = (kind: Fold['kind']): Member[] => {
    const residuals = onFolds(task, kind, residualsOf(kind), (forecast) => {
      reconcileForecast(hierarchy, ofFolds.reconcile, forecast, limits);
    });
    return residuals.length === 0 ? [] : [{ name: reconciledName, residuals }];
  };
  const residuals = { validation: members('validation'), test: members('test') };
  const { shrinkage } = reconciler;
  return {
    served: { ...task, residuals, weights: memberAlone([reconciledName], 0) },
    made: {
      method: reconciler.method,
      ...(shrinkage !== undefined && { shrinkage }),
      largestIncoherence: largest,
      aggregates: hierarchy.ids.length,
    },
  };
}

const foldsOf = ({ plan }: ServedTask, kind: Fold['kind']): Fold[] =>
  plan.folds.filter((fold) => fold.kind === kind);

/** Scale of series `i` before `fold`; undefined where the series has no such fold. */
function scaleBefore({ panel, season }: ServedTask, i: number, fold: Fold): number | undefined {
  const origin = foldOrigin(seriesLength(panel, i), fold);
  return origin < 1 ? undefined : seriesScale(seriesValues(panel, i).subarray(0, origin), season);
}

/** Validation errors in units of the series, one row a step of a fold; the steps of a horizon are taken to err alike. */
function errorSample(task: ServedTask, residuals: Float64Array): ErrorSample {
  const { panel, plan } = task;
  const { horizon } = plan;
  const series = panel.ids.length;
  const folds = residuals.length === 0 ? [] : foldsOf(task, 'validation');
  const errors = new Float64Array(folds.length * horizon * series).fill(Number.NaN);
  for (const [f, fold] of folds.entries()) {
    for (let i = 0; i < series; i++) {
      const scale = scaleBefore(task, i, fold);
      if (scale === undefined) continue;
      for (let k = 0; k < horizon; k++) {
        errors[(f * horizon + k) * series + i] = residuals[(f * series + i) * horizon + k]! * scale;
      }
    }
  }
  return { rows: folds.length * horizon, errors };
}

/** Residuals after `change` has been made to the forecasts [series * horizon] of every fold. */
function onFolds(
  task: ServedTask,
  kind: Fold['kind'],
  residuals: Float64Array,
  change: (forecast: Float64Array) => void,
): Float64Array {
  const { panel, plan } = task;
  const { horizon } = plan;
  const width = panel.ids.length * horizon;
  const changed = new Float64Array(residuals.length).fill(Number.NaN);
  for (const [f, fold] of (residuals.length === 0 ? [] : foldsOf(task, kind)).entries()) {
    // A series that begins later counts as 0, as it does in the sums.
    const forecast = new Float64Array(width);
    const eachKnown = (visit: (at: number, actual: number, scale: number) => void): void => {
      for (let i = 0; i < panel.ids.length; i++) {
        const scale = scaleBefore(task, i, fold);
        if (scale === undefined) continue;
        const actual = seriesValues(panel, i);
        const origin = foldOrigin(actual.length, fold);
        for (let k = 0; k < horizon; k++) visit(i * horizon + k, actual[origin + k]!, scale);
      }
    };
    eachKnown((at, actual, scale) => {
      forecast[at] = actual - residuals[f * width + at]! * scale;
    });
    change(forecast);
    eachKnown((at, actual, scale) => {
      changed[f * width + at] = (actual - forecast[at]!) / scale;
    });
  }
  return changed;
}
