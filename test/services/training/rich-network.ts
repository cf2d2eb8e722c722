/** A small network that uses all that the training service offers, and a task that gives it everything. */
import { z } from 'zod';
import type { NeuralModel } from '../../../models/model.ts';
import { linear, perStep, stepWidth } from '../../../models/layers/linear.ts';
import type { Exogenous } from '../../../series/exogenous.ts';
import { type Panel, seriesLength } from '../../../series/panel.ts';
import type { TrainingTask } from '../../../services/training/training.ts';
import { add, gather, mul, reduceMean, reshape, sub } from '../../../tensor/functions.ts';
import { smallTask } from './training-tasks.ts';

const hyperparameters = z.strictObject({ rate: z.number().default(0.2) });

/**
 * A linear map of everything, flattened, after a running mean of the window was taken away: with dropout, a statistic,
 * embedded categories, and parts that add up.
 */
export const rich: NeuralModel<z.infer<typeof hyperparameters>> = {
  name: 'rich',
  family: 'neural',
  summary: 'Everything at once',
  source: 'Written for tests, 2026',
  hyperparameters,
  searchSpace: {},
  exogenous: ['future', 'historical', 'static', 'categories'],
  decomposes: true,
  forward(
    inputs,
    { shape, training, declare, declareStatistic, dropout, expose, hyperparameters },
  ) {
    const { lookBack: L, horizon: H } = shape;
    const batchMean = reduceMean(inputs.window); // a scalar
    const running = declareStatistic('mean', [1], 0, (value) =>
      add(mul(value, 0.9), mul(reshape(batchMean, [1]), 0.1)),
    );
    const centred = sub(inputs.window, training ? batchMean : running);
    const parts = [
      linear(declare, 'window', dropout(centred, hyperparameters.rate), L, stepWidth(shape)),
    ];
    if (inputs.observed) {
      parts.push(linear(declare, 'observed', inputs.observed, L, stepWidth(shape)));
    }
    if (inputs.future) {
      const flat = reshape(inputs.future, [
        ...inputs.window.shape.slice(0, -1),
        (L + H) * shape.future,
      ]);
      parts.push(linear(declare, 'future', flat, (L + H) * shape.future, stepWidth(shape)));
    }
    if (inputs.historical) {
      const width = L * shape.historical;
      const flat = reshape(inputs.historical, [...inputs.window.shape.slice(0, -1), width]);
      parts.push(linear(declare, 'historical', flat, width, stepWidth(shape)));
    }
    if (inputs.static) {
      parts.push(linear(declare, 'static', inputs.static, shape.static, stepWidth(shape)));
    }
    if (inputs.categories) {
      const table = declare('category', [shape.categories[0]!, 4], {
        kind: 'normal',
        deviation: 1,
      });
      const embedded = gather(table, inputs.categories); // [batch, 1, 4]
      const flat = reshape(embedded, [...inputs.window.shape.slice(0, -1), 4]);
      parts.push(linear(declare, 'embedding', flat, 4, stepWidth(shape)));
    }
    for (const [i, part] of parts.entries()) if (shape.outputs === 1) expose(`part:${i}`, part);
    return perStep(parts.reduce(add), shape);
  },
};

/** Columns of every kind; the values of `ahead` and `holiday` go on where the observations end. */
export function exogenousFor(panel: Panel, stepsAhead: number): Exogenous {
  const places = panel.ids.flatMap((_, i) =>
    Array.from({ length: seriesLength(panel, i) }, (__, k) => ({ i, k })),
  );
  const beyond = panel.ids.flatMap((_, i) =>
    Array.from({ length: stepsAhead }, (__, k) => ({ i, k: seriesLength(panel, i) + k })),
  );
  const holiday = ({ k }: { k: number }): number => (k % 7 === 3 ? 1 : 0);
  const price = ({ i, k }: { i: number; k: number }): number => 100 * (i + 1) + ((k * 37) % 11);
  return {
    stepsAhead,
    future: [
      {
        name: 'holiday',
        values: Float64Array.from(places, holiday),
        ahead: Float64Array.from(beyond, holiday),
      },
      {
        name: 'price',
        values: Float64Array.from(places, price),
        ahead: Float64Array.from(beyond, price),
      },
    ],
    historical: [{ name: 'visitors', values: Float64Array.from(places, ({ k }) => (k * 13) % 17) }],
    static: [{ name: 'area', values: Float64Array.from(panel.ids, (_, i) => 10 * i) }],
    categories: [
      {
        name: 'region',
        labels: ['north', 'south'],
        codes: Uint32Array.from(panel.ids, (_, i) => i % 3),
      },
    ],
  };
}

/** The small task with the rich network, gaps, short series, exogenous columns, weights and a one-cycle schedule. */
export function richTask(
  settings: Partial<TrainingTask['settings']> = {},
  changes: Partial<TrainingTask> = {},
): TrainingTask {
  const plain = smallTask({
    schedule: 'one-cycle',
    optimiser: 'adamw',
    clipNorm: 1,
    loss: 'multi-quantile',
    scaler: 'revin',
    ...settings,
  });
  const y = plain.panel.y.slice();
  for (let k = 5; k < y.length; k += 31) y[k] = Number.NaN;
  const panel = { ...plain.panel, y };
  return {
    ...plain,
    model: rich,
    hyperparameters: {},
    panel: { ...panel, exogenous: exogenousFor(panel, plain.horizon) },
    weights: Float64Array.from(y, (_, k) => 1 + (k % 2)),
    ...changes,
  };
}
