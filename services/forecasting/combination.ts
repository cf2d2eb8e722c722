/** Combination: scores and intervals of a weighted average of models, from the residuals of its members. */
import { seriesScale } from '../../series/accuracy.ts';
import { combineResiduals, type Member } from '../../series/ensemble.ts';
import { foldOrigin, type FoldPlan } from '../../series/folds.ts';
import { seriesLength, seriesValues, type Panel } from '../../series/panel.ts';
import { normalQuantile } from '../../series/statistics.ts';
import type { ScoreRow } from '../../state/run-state.ts';
import { conformalOffsets } from '../evaluation/intervals.ts';
import type { ForecastTask } from './forecaster.ts';

/** Name of the weighted forecast in score tables. */
export const combinedName = 'served forecast';

/** Mean absolute deviation of a normal variable in units of its standard deviation, inverted. */
const deviationPerAbsolute = Math.sqrt(Math.PI / 2);

/** Offsets [horizon * levels] in units of a series' scale, to be added to a point forecast. */
export interface IntervalOffsets {
  readonly offsets: Float64Array;
  readonly residualsUsed: number;
}

/**
 * Conformal offsets from validation residuals; where there are none, those of a random walk whose steps have the series'
 * scale as mean absolute size.
 */
export function intervalOffsets(
  task: Pick<ForecastTask, 'residuals' | 'weights' | 'horizon' | 'levels'>,
): IntervalOffsets {
  const { horizon, levels } = task;
  const combined = combine(task.residuals.validation, task.weights);
  const residualsUsed = combined.reduce((n, residual) => n + (Number.isNaN(residual) ? 0 : 1), 0);
  if (residualsUsed > 0) return { offsets: conformalOffsets(combined, horizon, levels), residualsUsed };
  const offsets = new Float64Array(horizon * levels.length);
  for (let k = 0; k < horizon; k++) {
    for (const [q, level] of levels.entries()) {
      offsets[k * levels.length + q] =
        normalQuantile(level) * deviationPerAbsolute * Math.sqrt(k + 1);
    }
  }
  return { offsets, residualsUsed: 0 };
}

function combine(members: readonly Member[], weights: ForecastTask['weights']): Float64Array {
  const used = members.filter(({ name }) => weights.some(({ model }) => model === name));
  return combineResiduals(
    used,
    used.map(({ name }) => weights.find(({ model }) => model === name)!.weight),
  );
}

/** Scores of the weighted forecast on validation and test folds; coverage on test folds only, where it is honest. */
export function scoreCombination(
  task: Pick<ForecastTask, 'panel' | 'plan' | 'season' | 'residuals' | 'weights' | 'horizon' | 'levels'>,
): ScoreRow[] {
  const { offsets, residualsUsed } = intervalOffsets(task);
  return (['validation', 'test'] as const).flatMap((kind) => {
    const residuals = combine(task.residuals[kind], task.weights);
    if (residuals.every(Number.isNaN)) return [];
    const judged = kind === 'test' && residualsUsed > 0;
    const cover = (low: number, high: number): number | null =>
      judged ? coverageOf(residuals, offsets, task, low, high) : null;
    return [
      {
        model: combinedName,
        kind,
        ...errorsOf(residuals, kind, task),
        smape: null,
        coverage80: cover(0.1, 0.9),
        coverage95: cover(0.025, 0.975),
      },
    ];
  });
}

/** Errors in the data's units are averaged over all points, MASE over series and folds. */
function errorsOf(
  residuals: Float64Array,
  kind: 'validation' | 'test',
  { panel, plan, season, horizon }: { panel: Panel; plan: FoldPlan; season: number; horizon: number },
) {
  const folds = plan.folds.filter((fold) => fold.kind === kind);
  let absolute = 0;
  let squared = 0;
  let scaled = 0;
  let points = 0;
  for (const [f, fold] of folds.entries()) {
    for (let i = 0; i < panel.ids.length; i++) {
      const origin = foldOrigin(seriesLength(panel, i), fold);
      if (origin < 1) continue;
      const scale = seriesScale(seriesValues(panel, i).subarray(0, origin), season);
      for (let k = 0; k < horizon; k++) {
        const residual = residuals[(f * panel.ids.length + i) * horizon + k]!;
        if (Number.isNaN(residual)) continue;
        absolute += Math.abs(residual) * scale;
        squared += (residual * scale) ** 2;
        scaled += Math.abs(residual);
        points += 1;
      }
    }
  }
  return { mae: absolute / points, rmse: Math.sqrt(squared / points), mase: scaled / points };
}

function coverageOf(
  residuals: Float64Array,
  offsets: Float64Array,
  { horizon, levels }: { horizon: number; levels: readonly number[] },
  low: number,
  high: number,
): number | null {
  const lower = levels.indexOf(low);
  const upper = levels.indexOf(high);
  if (lower < 0 || upper < 0) return null;
  let inside = 0;
  let points = 0;
  for (let at = 0; at < residuals.length; at++) {
    const residual = residuals[at]!;
    if (Number.isNaN(residual)) continue;
    const step = at % horizon;
    points += 1;
    if (
      residual >= offsets[step * levels.length + lower]! &&
      residual <= offsets[step * levels.length + upper]!
    ) {
      inside += 1;
    }
  }
  return points > 0 ? inside / points : null;
}
