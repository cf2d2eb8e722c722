/** Tests of the normalisations: what they compute, what they remember, and that training resumes with it. */
import { describe, expect, it } from 'vitest';
import { batchNorm } from '../../../models/layers/batch-norm.ts';
import { instanceNorm } from '../../../models/layers/normalisation.ts';
import { tsmixer } from '../../../models/neural/tsmixer.ts';
import { createNetworkContext } from '../../../services/training/network-context.ts';
import { type Expression, input } from '../../../tensor/expression.ts';
import { reduceMean, square, sub } from '../../../tensor/functions.ts';
import { initialState } from '../../../tensor/initialise.ts';
import { createProgram } from '../../../tensor/program.ts';
import { createTrainingLoop, type OptimiserState } from '../../../tensor/training-loop.ts';
import { buildBare, expectClose, noise, shapeOf } from './network-oracle.ts';
import { moments, rowsOf, transposed } from './plain-mathematics.ts';

const contextOf = (training: boolean) =>
  createNetworkContext(
    tsmixer,
    tsmixer.hyperparameters.parse({}),
    shapeOf(5, 2, { outputs: 2 }),
    training ? { dropout: (x: Expression) => x } : undefined,
  );

describe('instance normalisation', () => {
  it('brings back what it took, for those outputs that are values of the series', async () => {
    const { context } = contextOf(false);
    const window = input('window', 'float32', ['batch', 5]);
    const observed = input('observed', 'float32', ['batch', 5]);
    const { values, restore } = instanceNorm({ window, observed }, context);
    const forecast = input('forecast', 'float32', ['batch', 2, 2]);
    const program = await createProgram({ values, restored: restore(forecast) }, { threads: 1 });
    const data = Float32Array.of(0, 3, 4, 8, 0, 7, 7, 7, 7, 7);
    const mask = Float32Array.of(0, 1, 1, 1, 0, 1, 1, 1, 1, 1);
    const results = await program.run({
      window: { data, shape: [2, 5] },
      observed: { data: mask, shape: [2, 5] },
      forecast: { data: Float32Array.of(0, 9, 1, 9, 0, 9, 1, 9), shape: [2, 2, 2] },
    });
    await program.release();
    const spread = Math.sqrt(14 / 3 + 1e-5); // of 3, 4, 8
    const first = [0, -2 / spread, -1 / spread, 3 / spread, 0];
    expectClose(results['values']!, [...first, 0, 0, 0, 0, 0]);
    const level = 7 + Math.sqrt(1e-5);
    expectClose(results['restored']!, [5, 9, 5 + spread, 9, 7, 9, level, 9]);
  });
});

describe('batch normalisation', () => {
  it('follows mean and unbiased variance of the batch', async () => {
    const { context, statistics } = contextOf(true);
    const x = input('x', 'float32', [3, 4, 2]);
    batchNorm(context, 'norm', x, { sampleAxes: 2, momentum: 0.25 });
    const next = Object.fromEntries(statistics.map((s) => [`next ${s.value.name!}`, s.next]));
    const start = (value: number) => ({ data: Float32Array.of(value, value), shape: [2] });
    const parameters = { 'norm.mean': start(2), 'norm.variance': start(3) };
    const program = await createProgram(next, { parameters, threads: 1 });
    const feed = noise([3, 4, 2], 1);
    const results = await program.run({ x: feed });
    await program.release();
    const columns = transposed(rowsOf(feed.data as Float32Array, 2)).map((c) => moments(c));
    expectClose(
      results['next norm.mean']!,
      columns.map(({ mean }) => 0.75 * 2 + 0.25 * mean),
    );
    expectClose(
      results['next norm.variance']!,
      columns.map(({ variance }) => 0.75 * 3 + (0.25 * variance * 12) / 11),
    );
  });

  it('resumes with its running statistics to the bit', async () => {
    const steps = 6;
    const shape = shapeOf(4, 2, { channels: 2 });
    const feeds = { window: noise([5, 2, 4], 1) };
    const hyperparameters = { blocks: 1, hidden: 3, dropout: 0 };
    const network = buildBare({ model: tsmixer, shape, hyperparameters, feeds }, true);
    const loop = await createTrainingLoop({
      data: [],
      batch: [network.inputs['window']!],
      loss: reduceMean(square(sub(network.forecast, 1))),
      parameters: network.parameters,
      statistics: network.statistics,
      adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      threads: 1,
    });
    const start = initialState(network.parameters, network.initialisers, 1, network.following);
    const all = noise([steps, 5, 2, 4], 2);
    const rates = new Float32Array(steps).fill(0.01);
    const run = async (from: OptimiserState, first: number, last: number) => {
      const data = (all.data as Float32Array).slice(first * 40, last * 40);
      const window = { data, shape: [last - first, 5, 2, 4] };
      return (await loop.run(from, {}, { window }, rates.subarray(first, last))).state;
    };
    const whole = await run(start, 0, steps);
    const parts = await run(await run(start, 0, 2), 2, steps);
    await loop.release();
    expect(parts).toEqual(whole);
    const mean = whole.parameters['block0.time.norm.mean']!.data;
    expect(mean.every((value) => value !== 0)).toBe(true);
  });
});
