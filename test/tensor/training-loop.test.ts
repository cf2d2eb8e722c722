/** The training loop: Adam against a plain reference, and results that do not depend on where a training is cut. */
import { afterAll, describe, expect, it } from 'vitest';
import { constant, type Expression, input, parameter } from '../../tensor/expression.ts';
import * as f from '../../tensor/functions.ts';
import { initialState, type Initialiser } from '../../tensor/initialise.ts';
import { createRandom } from '../../tensor/random.ts';
import {
  type AdamSettings,
  createTrainingLoop,
  type OptimiserState,
  type TrainingLoop,
} from '../../tensor/training-loop.ts';
import type { Feed } from '../../tensor/values.ts';
import { feed } from './evaluate.ts';

const adam: AdamSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** A noisy wave, and start positions of windows on it. */
function problem(steps: number, batch: number, lookBack: number, seed: number) {
  const random = createRandom(seed);
  const length = 400;
  const wave = Array.from({ length }, (_, t) => Math.sin(t / 5) + 0.1 * random.normal());
  const starts = Array.from({ length: steps * batch }, () => random.integer(length - lookBack - 1));
  return {
    data: { series: feed(wave) },
    starts: BigInt64Array.from(starts, (start) => BigInt(start)),
    rates: Float32Array.from({ length: steps }, (_, i) => 0.01 / (1 + i / 50)),
  };
}

/** Windows of `length` steps of `series` from `starts` [batch] on: [batch, length]. */
function windows(series: Expression, starts: Expression, length: number): Expression {
  const offsets = constant(
    Array.from({ length }, (_, i) => i),
    [length],
    'int64',
  );
  return f.gather(series, f.add(f.unsqueeze(starts, 1), offsets));
}

const [batch, lookBack, width] = [16, 12, 200];
const series = input('series', 'float32', ['time']);
const starts = input('starts', 'int64', [batch]);
const window = windows(series, starts, lookBack + 1);
const parameters = [
  parameter('w1', [lookBack, width]),
  parameter('b1', [width]),
  // Large enough to be optimised by itself, while the others share a vector.
  parameter('w2', [width, width]),
  parameter('w3', [width, 1]),
];
const [w1, b1, w2, w3] = parameters as [Expression, Expression, Expression, Expression];
const hidden = f.relu(f.add(f.matMul(f.slice(window, 1, 0, lookBack), w1), b1));
const output = f.matMul(f.tanh(f.matMul(hidden, w2)), w3);
const spec = {
  data: [series],
  batch: [starts],
  loss: f.reduceMean(f.square(f.sub(output, f.slice(window, 1, lookBack)))),
  parameters,
  adam,
  threads: 2,
};
const uniform: Initialiser = { kind: 'uniform', bound: 0.1 };
const start = initialState(parameters, { w1: uniform, b1: uniform, w2: uniform, w3: uniform }, 1);

const loops: TrainingLoop[] = [];
async function openLoop(given: Parameters<typeof createTrainingLoop>[0]): Promise<TrainingLoop> {
  const loop = await createTrainingLoop(given);
  loops.push(loop);
  return loop;
}
afterAll(async () => {
  for (const loop of loops) await loop.release();
});

/** Trains from `state` over steps [from, to) of the problem. */
async function train(loop: TrainingLoop, state: OptimiserState, from: number, to: number) {
  const { data, starts, rates } = problem(100, batch, lookBack, 1);
  const batches: Record<string, Feed> = {
    starts: { data: starts.slice(from * batch, to * batch), shape: [to - from, batch] },
  };
  return loop.run(state, data, batches, rates.slice(from, to));
}

describe('a training loop', () => {
  it('gives bit for bit the same result in one piece and in five', async () => {
    const loop = await openLoop(spec);
    const whole = await train(loop, start, 0, 100);
    let state = start;
    const losses: number[] = [];
    for (let step = 0; step < 100; step += 20) {
      const part = await train(loop, state, step, step + 20);
      state = part.state;
      losses.push(...part.losses);
    }
    expect(state).toEqual(whole.state);
    expect(losses).toEqual([...whole.losses]);
    expect(state.step).toBe(100);
  });

  it('goes on bit for bit from a stored state in a new session', async () => {
    const whole = await train(await openLoop(spec), start, 0, 60);
    const half = await train(await openLoop(spec), start, 0, 37);
    const bytes = JSON.stringify(half.state, (_, value: unknown) =>
      value instanceof Float32Array ? { floats: [...value] } : value,
    );
    const restored = JSON.parse(bytes, (_, value: { floats?: number[] }) =>
      value?.floats ? Float32Array.from(value.floats) : value,
    ) as OptimiserState;
    const rest = await train(await openLoop(spec), restored, 37, 60);
    expect(rest.state).toEqual(whole.state);
    expect([...half.losses, ...rest.losses]).toEqual([...whole.losses]);
  });

  it('learns, and leaves the state it was given as it was', async () => {
    const before = structuredClone(start);
    const { losses } = await train(await openLoop(spec), start, 0, 100);
    const mean = (values: Float32Array): number =>
      values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(losses.slice(80))).toBeLessThan(mean(losses.slice(0, 20)) / 4);
    expect(start).toEqual(before);
  });

  it('shortens the gradients of all parameters together to the longest allowed', async () => {
    const clipNorm = 1e-3;
    // Without memory and with a large epsilon, a step is the clipped gradient times the learning rate over epsilon.
    const loop = await openLoop({ ...spec, adam: { beta1: 0, beta2: 0, epsilon: 1e6, clipNorm } });
    const { data, starts } = problem(1, batch, lookBack, 1);
    const batches = { starts: { data: starts, shape: [1, batch] } };
    const { state } = await loop.run(start, data, batches, Float32Array.of(1e6));
    const moves = Object.entries(state.parameters).flatMap(([name, { data }]) =>
      Array.from(data, (value, i) => value - start.parameters[name]!.data[i]!),
    );
    expect(Math.hypot(...moves) / clipNorm).toBeCloseTo(1, 2);
  });

  it('leaves shorter gradients as they are, bit for bit', async () => {
    const clipped = await openLoop({ ...spec, adam: { ...adam, clipNorm: 1e6 } });
    const plain = await openLoop(spec);
    expect(await train(clipped, start, 0, 5)).toEqual(await train(plain, start, 0, 5));
  });

  it('says which input does not fit', async () => {
    const loop = await openLoop(spec);
    const { data, rates } = problem(3, batch, lookBack, 1);
    const batches = { starts: { data: new BigInt64Array(2 * batch), shape: [2, batch] } };
    await expect(loop.run(start, data, batches, rates)).rejects.toThrow(
      'input "starts" has shape [3, 16], given was [2, 16]',
    );
    await expect(loop.run(start, {}, batches, rates)).rejects.toThrow('input "series" is given');
  });

  it('returns losses that are not finite as they are', async () => {
    const loop = await openLoop(spec);
    const { starts } = problem(2, batch, lookBack, 1);
    const data = { series: feed(Array(400).fill(Number.NaN)) };
    const batches = { starts: { data: starts, shape: [2, batch] } };
    const { losses } = await loop.run(start, data, batches, Float32Array.of(0.1, 0.1));
    expect([...losses]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('its optimiser', () => {
  const x = input('x', 'float32', [8, 3]);
  const y = input('y', 'float32', [8, 1]);
  const [w, b] = [parameter('w', [3, 1]), parameter('b', [1])];
  const loss = f.reduceMean(f.square(f.sub(f.add(f.matMul(x, w), b), y)));
  const random = createRandom(4);
  const steps = 50;
  const xs = Float32Array.from({ length: steps * 24 }, random.normal);
  const ys = Float32Array.from({ length: steps * 8 }, random.normal);
  const rates = Float32Array.from({ length: steps }, (_, i) => 0.05 * (1 - i / steps));

  type Options = { readonly adam: AdamSettings; readonly decays?: (name: string) => boolean };

  /** Adam by algorithm 1 of Kingma and Ba (2015), with decoupled weight decay and clipping, in double precision. */
  function reference({ adam, decays = () => true }: Options) {
    const { beta1, beta2, epsilon, weightDecay = 0, clipNorm = Infinity } = adam;
    const decay = (i: number): number => (decays(i < 3 ? 'w' : 'b') ? weightDecay : 0);
    const theta = [0.5, -0.5, 0.25, 0];
    const [m, v] = [Array<number>(4).fill(0), Array<number>(4).fill(0)];
    const losses: number[] = [];
    for (let t = 1; t <= steps; t++) {
      const gradient = Array<number>(4).fill(0);
      let total = 0;
      for (let row = 0; row < 8; row++) {
        const at = (t - 1) * 8 + row;
        const inputs = [...xs.subarray(at * 3, at * 3 + 3), 1];
        const error = inputs.reduce((sum, value, i) => sum + value * theta[i]!, 0) - ys[at]!;
        total += error ** 2 / 8;
        for (const [i, value] of inputs.entries()) gradient[i]! += (2 * error * value) / 8;
      }
      losses.push(total);
      const share = Math.min(1, clipNorm / Math.hypot(...gradient));
      for (const [i, unclipped] of gradient.entries()) {
        const g = unclipped * share;
        m[i] = beta1 * m[i]! + (1 - beta1) * g;
        v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
        const [mHat, vHat] = [m[i] / (1 - beta1 ** t), v[i] / (1 - beta2 ** t)];
        theta[i]! -= rates[t - 1]! * (mHat / (Math.sqrt(vHat) + epsilon) + decay(i) * theta[i]!);
      }
    }
    return { theta, losses };
  }

  it.each<[string, Options]>([
    ['Adam', { adam }],
    ['Adam with other settings', { adam: { beta1: 0.5, beta2: 0.9, epsilon: 1e-3 } }],
    ['Adam with weight decay', { adam: { ...adam, weightDecay: 0.1 } }],
    [
      'Adam with weight decay of some parameters',
      { adam: { ...adam, weightDecay: 0.5 }, decays: (name) => name === 'w' },
    ],
    ['Adam with clipped gradients', { adam: { ...adam, epsilon: 0.1, clipNorm: 0.6 } }],
  ])('is %s', async (_, options) => {
    const loop = await openLoop({
      data: [],
      batch: [x, y],
      loss,
      parameters: [w, b],
      ...options,
    });
    const initial: OptimiserState = {
      step: 0,
      parameters: { w: feed([0.5, -0.5, 0.25], [3, 1]), b: feed([0]) },
      first: { w: feed([0, 0, 0], [3, 1]), b: feed([0]) },
      second: { w: feed([0, 0, 0], [3, 1]), b: feed([0]) },
    };
    const batches = {
      x: { data: xs, shape: [steps, 8, 3] },
      y: { data: ys, shape: [steps, 8, 1] },
    };
    const { state, losses } = await loop.run(initial, {}, batches, rates);
    const expected = reference(options);
    const found = [...state.parameters['w']!.data, ...state.parameters['b']!.data];
    for (const [i, value] of expected.theta.entries()) expect(found[i]).toBeCloseTo(value, 4);
    for (const [i, value] of expected.losses.entries()) expect(losses[i]).toBeCloseTo(value, 4);
  });
});

describe('a statistic', () => {
  const x = input('x', 'float32', [4, 3]);
  const w = parameter('w', [3, 1]);
  const mean = parameter('mean', [3]);
  const next = f.add(f.mul(mean, 0.9), f.mul(f.reduceMean(x, 0), 0.1));
  const prediction = f.matMul(f.sub(x, mean), w);
  const spec = {
    data: [],
    batch: [x],
    loss: f.reduceMean(f.square(f.sub(prediction, 1))),
    parameters: [w],
    statistics: [{ value: mean, next }],
    adam,
  };
  const start = initialState(
    [w],
    { w: { kind: 'uniform', bound: 1 }, mean: { kind: 'constant', value: 2 } },
    1,
    [mean],
  );
  const random = createRandom(6);
  const xs = Float32Array.from({ length: 20 * 12 }, random.normal);
  const run = (loop: TrainingLoop, state: OptimiserState, from: number, to: number) =>
    loop.run(
      state,
      {},
      { x: { data: xs.slice(from * 12, to * 12), shape: [to - from, 4, 3] } },
      new Float32Array(to - from).fill(0.01),
    );

  it('follows the training without being trained', async () => {
    const loop = await openLoop(spec);
    expect(Object.keys(start.first)).toEqual(['w']);
    const { state } = await run(loop, start, 0, 20);
    const expected = [2, 2, 2];
    for (let step = 0; step < 20; step++) {
      for (const [i, value] of expected.entries()) {
        let sum = 0;
        for (let row = 0; row < 4; row++) sum += xs[step * 12 + row * 3 + i]!;
        expected[i] = 0.9 * value + (0.1 * sum) / 4;
      }
    }
    const found = [...state.parameters['mean']!.data];
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 5);
    expect(Object.keys(state.first)).toEqual(['w']);
  });

  it('is kept bit for bit where a training is cut', async () => {
    const loop = await openLoop(spec);
    const whole = await run(loop, start, 0, 20);
    const half = await run(loop, start, 0, 7);
    const rest = await run(loop, half.state, 7, 20);
    expect(rest.state).toEqual(whole.state);
    expect([...half.losses, ...rest.losses]).toEqual([...whole.losses]);
  });

  it('must have a value', async () => {
    const loop = await openLoop(spec);
    const { mean: _, ...parameters } = start.parameters;
    await expect(run(loop, { ...start, parameters }, 0, 1)).rejects.toThrow(
      'statistic "mean" has a value',
    );
  });
});
