/** The weighted forecast: its scores are those of forecasting with the weighted average itself. */
import { describe, expect, it } from 'vitest';
import { naiveModels } from '../../../models/naive/index.ts';
import { type EnsembleWeights, memberAlone } from '../../../series/ensemble/member.ts';
import { planFolds } from '../../../series/folds.ts';
import { createPanel, seriesLength } from '../../../series/panel.ts';
import { createEvaluation, localForecaster } from '../../../services/evaluation/evaluation.ts';
import { createLocalForecasts } from '../../../services/local/local-forecasts.ts';
import { createWorkers } from '../../../services/workers/workers.ts';
import { scoreCombination, servedIntervals } from '../../../services/forecasting/combination.ts';

const length = 60;
const panel = createPanel({
  ids: ['a', 'b'],
  offsets: Uint32Array.of(0, length, 2 * length),
  time: Float64Array.from({ length: 2 * length }, (_, t) => t % length),
  y: Float64Array.from(
    { length: 2 * length },
    (_, t) => 50 + (t % length) + 9 * Math.sin(t) + (t >= length ? 30 : 0),
  ),
  frequency: { unit: 'index', count: 1, anchor: 'start' },
});
const horizon = 3;
const season = 6;
const plan = planFolds(
  panel.ids.map((_, i) => seriesLength(panel, i)),
  horizon,
  10,
);
const evaluation = createEvaluation();
const locals = createLocalForecasts({ workers: createWorkers({ threads: 1 }) });
const signal = new AbortController().signal;
const levels = [0.025, 0.1, 0.5, 0.9, 0.975];

async function judged() {
  const forecasters = naiveModels.map((model) =>
    localForecaster(locals, { panel, plan, model, seasons: { season } }),
  );
  const result = await evaluation.backtest(panel, plan, forecasters, {
    season,
    kinds: ['validation', 'test'],
    levels,
  });
  const membersOf = (kind: 'validation' | 'test') =>
    result.forecasters.map(({ name, residuals }) => ({ name, residuals: residuals[kind] }));
  return {
    result,
    forecasters,
    residuals: { validation: membersOf('validation'), test: membersOf('test') },
  };
}

describe('scoreCombination', () => {
  it('of one model with all the weight is the score of that model', async () => {
    const { result, residuals } = await judged();
    const rows = await scoreCombination(evaluation, {
      panel,
      plan,
      season,
      residuals,
      levels,
      signal,
      weights: memberAlone(['drift'], 0),
    });
    const expected = result.scores.filter(({ model }) => model === 'drift');
    for (const [k, row] of rows.entries()) {
      expect(row.kind).toBe(expected[k]!.kind);
      expect(row.mae).toBeCloseTo(expected[k]!.mae, 9);
      expect(row.smape).toBeCloseTo(expected[k]!.smape, 9);
      expect(row.mase).toBeCloseTo(expected[k]!.mase!, 9);
    }
  });
  it('of an average is the score of forecasting with the average', async () => {
    const { forecasters, residuals } = await judged();
    const weights: EnsembleWeights = {
      method: 'greedy',
      rule: 'average',
      members: ['naive', 'drift'],
      weights: Float64Array.of(0.25, 0.75),
    };
    const rows = await scoreCombination(evaluation, {
      panel,
      plan,
      season,
      residuals,
      levels,
      signal,
      weights,
    });
    const average = {
      name: 'average',
      forecast: async (fold: (typeof plan.folds)[number]) => {
        const naive = await forecasters.find(({ name }) => name === 'naive')!.forecast(fold);
        const drift = await forecasters.find(({ name }) => name === 'drift')!.forecast(fold);
        return naive.map((value, k) => 0.25 * value + 0.75 * drift[k]!);
      },
    };
    const direct = await evaluation.backtest(panel, plan, [average], {
      season,
      kinds: ['validation', 'test'],
      levels,
    });
    for (const [k, row] of rows.entries()) expect(row.mase).toBeCloseTo(direct.scores[k]!.mase!, 9);
  });
});

describe('servedIntervals', () => {
  it('rest on the residuals of the folds, and widen to theory where there are none', async () => {
    const { residuals } = await judged();
    const weights = memberAlone(['naive'], 0);
    const task = { panel, plan, season, levels, signal, weights };
    expect(servedIntervals({ ...task, residuals }).residualsUsed).toBeGreaterThan(0);
    const bare = servedIntervals({ ...task, residuals: { validation: [], test: [] } });
    expect(bare.residualsUsed).toBe(0);
    expect(bare.offsets[4]! - bare.offsets[0]!).toBeGreaterThan(
      bare.offsets[3]! - bare.offsets[1]!,
    );
  });
});
