/** Local forecasts: worker threads give what the calling thread would have given. */
import { afterAll, describe, expect, it } from 'vitest';
import { findModel, isLocal } from '../../../models/index.ts';
import type { LocalModel } from '../../../models/model.ts';
import { seriesValues } from '../../../series/panel.ts';
import { createLocalForecasts } from '../../../services/local/local-forecasts.ts';
import { createWorkers } from '../../../services/workers/workers.ts';
import { assert } from '../../../state/errors.ts';
import { generate, normals, panelOf } from '../../series/make-panel.ts';

const workers = createWorkers({ threads: 2 });
const locals = createLocalForecasts({ workers });
afterAll(() => workers.close());

const normal = normals(3);
const panel = panelOf(
  Array.from({ length: 150 }, (_, i) => generate(30 + (i % 7), (t) => 50 + 3 * t + normal())),
);
const context = { horizon: 4, season: 1 };

function localModel(name: string): LocalModel {
  const model = findModel(name);
  assert(isLocal(model), `${name} is local`);
  return model;
}

describe.each(['naive', 'theta'])('%s', (name) => {
  const model = localModel(name);
  const origins = Int32Array.from(panel.ids, (_, i) => (i === 5 ? 0 : 20 + (i % 9)));

  it('forecasts every series from its own origin, as if fitted by itself', async () => {
    const made = await locals.forecast({ panel, model, context, origins, deviation: true });
    const absent = new Float64Array(context.horizon).fill(Number.NaN);
    for (let i = 0; i < panel.ids.length; i++) {
      const row = [i * context.horizon, (i + 1) * context.horizon] as const;
      const history = seriesValues(panel, i).subarray(0, origins[i]);
      const fit =
        history.length === 0
          ? { mean: absent, deviation: () => absent }
          : model.fit(history, context, model.hyperparameters.parse({}));
      expect(made.mean.subarray(...row)).toEqual(fit.mean);
      expect(made.deviation.subarray(...row)).toEqual(fit.deviation());
    }
  });

  it('gives no deviations that nobody asked for', async () => {
    const { mean, deviation } = await locals.forecast({ panel, model, context, origins });
    expect(mean).toHaveLength(panel.ids.length * context.horizon);
    expect(deviation).toHaveLength(0);
  });

  it('stops with the reason of an abort', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(locals.forecast({ panel, model, context, origins, signal })).rejects.toThrow(
      'enough',
    );
  });
});

it('hands on what a fit on another thread fails of', async () => {
  const model = localModel('theta');
  const origins = new Int32Array(panel.ids.length).fill(20);
  const task = { panel, model, context, origins, hyperparameters: { unknown: 1 } };
  await expect(locals.forecast(task)).rejects.toThrow('unknown');
});

it('tells how many forecasts of few series keep all threads busy', () => {
  const few = panelOf([generate(20, (t) => t), generate(20, (t) => t)]);
  const count = (name: string, given = few): number =>
    locals.sideBySide({ panel: given, model: localModel(name) });
  expect(count('theta')).toBe(2);
  expect(count('naive')).toBe(1);
  expect(count('theta', panel)).toBe(1);
});

describe('what a model estimates', () => {
  const model = localModel('ses');

  it('is told of every series that has a history', async () => {
    const origins = Int32Array.from(panel.ids, (_, i) => (i === 7 ? 0 : 20 + (i % 9)));
    const found = await locals.parameters({ panel, model, context, origins });
    expect(found).toHaveLength(panel.ids.length);
    expect(found[7]).toEqual({});
    for (const i of [0, 63, 64, 149]) {
      const history = seriesValues(panel, i).subarray(0, origins[i]);
      const { parameters } = model.fit(history, context, model.hyperparameters.parse({}));
      expect(found[i]).toEqual(parameters);
    }
  });

  it.each(['ses', 'drift'])('is described with the components of one series: %s', async (name) => {
    const described = localModel(name);
    const history = seriesValues(panel, 3);
    const found = await locals.describe(described, history, context);
    const fit = described.fit(history, context, described.hyperparameters.parse({}));
    expect(found.mean).toEqual(fit.mean);
    expect(found.parameters).toEqual(fit.parameters);
    expect(found.components).toEqual(fit.components());
  });
});
