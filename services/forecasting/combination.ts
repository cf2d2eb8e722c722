/** Combination: scores and intervals of a weighted average of models, from the stored residuals of its members. */
import { seriesScale } from '../../series/accuracy.ts';
import { combineResiduals, type Member } from '../../series/ensemble.ts';
import { foldOrigin, type Fold } from '../../series/folds.ts';
import { seriesLength, seriesValues } from '../../series/panel.ts';
import type { ScoreRow } from '../../state/run-state.ts';
import type { Evaluation, FoldForecaster } from '../evaluation/evaluation.ts';
import { conformalOffsets, naiveOffsets } from '../evaluation/intervals.ts';
import type { ForecastTask } from './forecaster.ts';
import { toScoreRow } from './score-row.ts';

/** Name of the weighted forecast in score tables. */
export const combinedName = 'served forecast';

type CombinationTask = Pick<
  ForecastTask,
  'panel' | 'plan' | 'season' | 'residuals' | 'weights' | 'levels' | 'signal'
>;

/** Offsets [horizon * levels] in units of a series' scale, to be added to a point forecast. */
export interface IntervalOffsets {
  readonly offsets: Float64Array;
  /** How many validation residuals they rest on; 0 if they are those of a seasonal-naive forecast in theory. */
  readonly residualsUsed: number;
}

/** Conformal offsets from the combined validation residuals; without any, the textbook's for a seasonal-naive forecast. */
export function intervalOffsets({
  residuals,
  weights,
  plan: { horizon },
  season,
  levels,
}: CombinationTask): IntervalOffsets {
  const combined = combine(residuals.validation, weights);
  const residualsUsed = combined.reduce((n, residual) => n + (Number.isNaN(residual) ? 0 : 1), 0);
  return residualsUsed > 0
    ? { offsets: conformalOffsets(combined, horizon, levels), residualsUsed }
    : { offsets: naiveOffsets(horizon, season, levels), residualsUsed };
}

function combine(members: readonly Member[], weights: ForecastTask['weights']): Float64Array {
  const used = members.filter(({ name }) => weights.some(({ model }) => model === name));
  return combineResiduals(
    used,
    used.map(({ name }) => weights.find(({ model }) => model === name)!.weight),
  );
}

/** Scores of the weighted forecast by the same backtest as its members; its fold forecasts follow from their residuals. */
export async function scoreCombination(
  evaluation: Evaluation,
  task: CombinationTask,
): Promise<ScoreRow[]> {
  const { panel, plan, season, levels, signal } = task;
  const kinds = (['validation', 'test'] as const).filter((kind) => task.residuals[kind].length > 0);
  const forecaster = { name: combinedName, forecast: forecastFromResiduals(task) };
  const { scores } = await evaluation.backtest(panel, plan, [forecaster], {
    season,
    kinds,
    levels,
    signal,
  });
  return scores.map(toScoreRow);
}

function forecastFromResiduals({
  panel,
  plan,
  season,
  residuals,
  weights,
}: CombinationTask): FoldForecaster {
  const { horizon } = plan;
  const combined = {
    validation: combine(residuals.validation, weights),
    test: combine(residuals.test, weights),
  };
  const width = panel.ids.length * horizon;
  return async (fold: Fold) => {
    const index = plan.folds.filter(({ kind }) => kind === fold.kind).indexOf(fold);
    const forecast = combined[fold.kind].slice(index * width, (index + 1) * width);
    for (let i = 0; i < panel.ids.length; i++) {
      const origin = foldOrigin(seriesLength(panel, i), fold);
      if (origin < 1) continue;
      const values = seriesValues(panel, i);
      const scale = seriesScale(values.subarray(0, origin), season);
      for (let k = 0; k < horizon; k++) {
        forecast[i * horizon + k] = values[origin + k]! - forecast[i * horizon + k]! * scale;
      }
    }
    return forecast;
  };
}
