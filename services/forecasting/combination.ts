/** Combination: residuals, scores and intervals of an ensemble, from the stored residuals of its members. */
import { seriesScale } from '../../series/accuracy.ts';
import { type Calibration, calibrate } from '../../series/conformal/calibration.ts';
import { outOfSample } from '../../series/ensemble/choice.ts';
import { combineResiduals, type ResidualSample, sampleOf } from '../../series/ensemble/member.ts';
import { ensembleMethods } from '../../series/ensemble/methods/index.ts';
import { type Fold, foldOrigin } from '../../series/folds.ts';
import { seriesLength, seriesValues } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';
import type { ScoreRow } from '../../state/run-state.ts';
import type { Evaluation, FoldForecaster } from '../evaluation/evaluation.ts';
import { applyOffsets, naiveOffsets } from '../evaluation/intervals.ts';
import type { RowQuantiles } from '../evaluation/scoring.ts';
import type { ForecastTask } from './forecaster.ts';
import { toScoreRow } from './score-row.ts';

/** Name of the weighted forecast in score tables. */
export const combinedName = 'served forecast';

/** What an ensemble is judged by. */
export type CombinationTask = Pick<
  ForecastTask,
  'panel' | 'plan' | 'season' | 'residuals' | 'weights' | 'levels' | 'signal'
>;

/** What intervals are made of: quantile = point + scale of the series * its spread * offset. */
export interface ServedIntervals {
  /** [horizon * levels] */
  readonly offsets: Float64Array;
  /** [series] */
  readonly spreads: Float64Array;
  /** How many residuals they rest on; 0 if they are those of a seasonal-naive forecast in theory. */
  readonly residualsUsed: number;
  /** How they were made, in words. */
  readonly variant: string;
}

/** Intervals of the served forecast, from its residuals on all folds; without any, the textbook's for a seasonal-naive one. */
export function servedIntervals(task: CombinationTask): ServedIntervals {
  const { panel, plan, season, levels } = task;
  const calibration = calibrated(task, ['validation', 'test']);
  const { residualsUsed, variant } = calibration;
  return residualsUsed > 0
    ? {
        offsets: calibration.offsets(levels),
        spreads: calibration.spreads(0),
        residualsUsed,
        variant,
      }
    : {
        offsets: naiveOffsets(plan.horizon, season, levels),
        spreads: new Float64Array(panel.ids.length).fill(1),
        residualsUsed,
        variant: 'those of a seasonal-naive forecast under normal errors',
      };
}

/** Scores of the ensemble by the same backtest as its members; its fold forecasts follow from their residuals. */
export async function scoreCombination(
  evaluation: Evaluation,
  task: CombinationTask,
): Promise<ScoreRow[]> {
  const { panel, plan, season, levels, signal } = task;
  const kinds = (['validation', 'test'] as const).filter((kind) => task.residuals[kind].length > 0);
  const forecaster = {
    name: combinedName,
    forecast: forecastFromResiduals(task),
    quantiles: testQuantiles(task),
  };
  const { scores } = await evaluation.backtest(panel, plan, [forecaster], {
    season,
    kinds,
    levels,
    signal,
  });
  return scores.map(toScoreRow);
}

const foldsOf = ({ plan }: CombinationTask, kind: Fold['kind']): readonly Fold[] =>
  plan.folds.filter((fold) => fold.kind === kind);

/** Residuals [fold][series][horizon] of the ensemble on folds of one kind; empty where there are none. */
export function ensembleResiduals(task: CombinationTask, kind: Fold['kind']): Float64Array {
  const sample = sampleFor(task, kind);
  return sample === null ? new Float64Array(0) : combineResiduals(sample, task.weights);
}

/** Residuals of the members on folds of one kind; null where there are none. */
function sampleFor(task: CombinationTask, kind: Fold['kind']): ResidualSample | null {
  const { panel, plan, residuals, weights } = task;
  const folds = foldsOf(task, kind).length;
  if (residuals[kind].length === 0 || folds === 0) return null;
  const members = weights.members.map((name) => {
    const member = residuals[kind].find((one) => one.name === name);
    assert(member !== undefined, `${name} has residuals on the ${kind} folds`);
    return member;
  });
  const shape = { folds, series: panel.ids.length, horizon: plan.horizon };
  const fallback = residuals[kind].find(({ name }) => name === 'seasonal-naive')?.residuals;
  return sampleOf(members, shape, fallback);
}

/**
 * Residuals of the ensemble as intervals may learn from them: on validation folds with weights from other folds, where that
 * can be had, as those of the folds that the weights were chosen on are too small.
 */
export function honestResiduals(task: CombinationTask, kind: Fold['kind']): Float64Array {
  const known = remembered.get(task)?.[kind];
  if (known !== undefined) return known;
  const made = makeHonest(task, kind);
  remembered.set(task, { ...remembered.get(task), [kind]: made });
  return made;
}

/** Intervals and scores of one task rest on the same residuals, which take seconds on large panels. */
const remembered = new WeakMap<CombinationTask, Partial<Record<Fold['kind'], Float64Array>>>();

function makeHonest(task: CombinationTask, kind: Fold['kind']): Float64Array {
  const sample = sampleFor(task, kind);
  if (sample === null) return new Float64Array(0);
  const { weights } = task;
  const chosen = ensembleMethods.find(({ name }) => name === weights.method);
  const learned = kind === 'validation' && chosen !== undefined && chosen.name !== 'best-member';
  const outside = learned ? outOfSample(chosen, sample, task.panel.ids.length) : null;
  return outside ?? combineResiduals(sample, weights);
}

function calibrated(task: CombinationTask, kinds: readonly Fold['kind'][]): Calibration {
  const { panel, plan, season } = task;
  const parts = kinds.map((kind) => ({
    residuals: honestResiduals(task, kind),
    folds: foldsOf(task, kind),
  }));
  const known = parts.filter(({ residuals }) => residuals.length > 0);
  const residuals = new Float64Array(known.reduce((sum, part) => sum + part.residuals.length, 0));
  let at = 0;
  for (const part of known) {
    residuals.set(part.residuals, at);
    at += part.residuals.length;
  }
  const stepsFromEnd = known.flatMap(({ folds }) => folds.map((fold) => fold.stepsFromEnd));
  return calibrate({ panel, season, horizon: plan.horizon, stepsFromEnd, residuals });
}

/** Quantiles of the test folds by what was learned on the validation folds; null where nothing was. */
function testQuantiles(task: CombinationTask): (levels: readonly number[]) => RowQuantiles | null {
  const { plan } = task;
  const calibration = calibrated(task, ['validation']);
  if (calibration.residualsUsed === 0) return () => null;
  const spreads = foldsOf(task, 'test').map((fold) => calibration.spreads(fold.stepsFromEnd));
  return (levels) => {
    const offsets = calibration.offsets(levels);
    return (fold, series, forecast, scale) =>
      applyOffsets(
        forecast,
        Float64Array.of(scale * spreads[fold]![series]!),
        offsets,
        plan.horizon,
        levels,
      );
  };
}

function forecastFromResiduals(task: CombinationTask): FoldForecaster {
  const { panel, plan, season } = task;
  const { horizon } = plan;
  const combined = {
    validation: ensembleResiduals(task, 'validation'),
    test: ensembleResiduals(task, 'test'),
  };
  const width = panel.ids.length * horizon;
  return async (fold: Fold) => {
    const index = foldsOf(task, fold.kind).indexOf(fold);
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
