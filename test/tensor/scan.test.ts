/** Scans: loops inside a graph, against unrolled graphs and plain JavaScript, in programs and in training loops. */
import { describe, expect, it } from 'vitest';
import { constant, type Expression, input, parameter } from '../../tensor/expression.ts';
import * as f from '../../tensor/functions.ts';
import { gradients } from '../../tensor/gradient.ts';
import { createProgram } from '../../tensor/program.ts';
import { createRandom } from '../../tensor/random.ts';
import type { ScanMemory } from '../../tensor/operation.ts';
import { createTrainingLoop, type OptimiserState } from '../../tensor/training-loop.ts';
import { type ArrayValue, type Feed, sizeOf } from '../../tensor/values.ts';
import { evaluate, feed } from './evaluate.ts';

const [steps, batch, width] = [6, 3, 4];
const random = createRandom(7);
const normal = (...shape: number[]): ArrayValue => ({
  shape,
  data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal() / 2),
});
const values = {
  x: normal(steps, batch, width),
  weight: normal(width, 4 * width),
  past: normal(width, 4 * width),
  target: normal(steps, batch, width),
};

interface State {
  readonly h: Expression;
  readonly c: Expression;
}

/** One step of an LSTM whose gates are the columns i, f, o, g of one product. */
function cell(x: Expression, { h, c }: State, weight: Expression, past: Expression): State {
  const z = f.add(f.matMul(x, weight), f.matMul(h, past));
  const [i, forget, o, g] = f.split(z, [width, width, width, width], 1) as [
    Expression,
    Expression,
    Expression,
    Expression,
  ];
  const next = f.add(f.mul(f.sigmoid(forget), c), f.mul(f.sigmoid(i), f.tanh(g)));
  return { h: f.mul(f.sigmoid(o), f.tanh(next)), c: next };
}

const zero = f.zeros([batch, width]);

function scanned(x: Expression, weight: Expression, past: Expression, memory: ScanMemory) {
  const step = ([h, c]: readonly Expression[], [entry]: readonly Expression[]) => {
    const state = cell(entry!, { h: h!, c: c! }, weight, past);
    return { next: [state.h, state.c], outputs: [state.h] };
  };
  return f.scan([zero, zero], [x], step, { memory });
}

function unrolled(x: Expression, weight: Expression, past: Expression): Expression {
  let state: State = { h: zero, c: zero };
  const outputs: Expression[] = [];
  for (let t = 0; t < steps; t++) {
    state = cell(f.squeeze(f.slice(x, 0, t, t + 1), 0), state, weight, past);
    outputs.push(state.h);
  }
  return f.stack(outputs, 0);
}

/** The definition of an LSTM, number by number. */
function plainLstm(x: Float32Array, weight: Float32Array, past: Float32Array): number[] {
  const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
  const result = Array.from({ length: steps * batch * width }, () => 0);
  for (let b = 0; b < batch; b++) {
    let h = Array.from({ length: width }, () => 0);
    const c = Array.from({ length: width }, () => 0);
    for (let t = 0; t < steps; t++) {
      const at = (t * batch + b) * width;
      const z = Array.from({ length: 4 * width }, (_, k) =>
        h.reduce(
          (sum, value, j) =>
            sum + x[at + j]! * weight[j * 4 * width + k]! + value * past[j * 4 * width + k]!,
          0,
        ),
      );
      h = h.map((_, k) => {
        const kept = sigmoid(z[width + k]!) * c[k]!;
        c[k] = kept + sigmoid(z[k]!) * Math.tanh(z[3 * width + k]!);
        return sigmoid(z[2 * width + k]!) * Math.tanh(c[k]);
      });
      for (const [k, value] of h.entries()) result[at + k] = value;
    }
  }
  return result;
}

const x = input('x', 'float32', [steps, batch, width]);
const weight = parameter('weight', [width, 4 * width]);
const past = parameter('past', [width, 4 * width]);
const target = input('target', 'float32', [steps, batch, width]);
const lossOf = (outputs: Expression): Expression => f.reduceMean(f.square(f.sub(outputs, target)));

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(found.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) expect(found[i]).toBeCloseTo(wanted[i]!, 5);
}

describe('a scan', () => {
  it('computes an LSTM by its definition', async () => {
    const outputs = scanned(x, weight, past, 'all').outputs[0]!;
    const found = await evaluate(outputs, values);
    expect(found.shape).toEqual([steps, batch, width]);
    expectClose(found.data, plainLstm(values.x.data, values.weight.data, values.past.data));
  });

  it.each(['all', 'products', 'carries'] as const)(
    'has the gradients of the unrolled graph where its gradient keeps %s',
    async (memory) => {
      const wrt = [x, weight, past];
      const direct = gradients(lossOf(unrolled(x, weight, past)), wrt);
      const looped = gradients(lossOf(scanned(x, weight, past, memory).outputs[0]!), wrt);
      for (const [i, expected] of direct.entries()) {
        const wanted = await evaluate(expected, values);
        expect(Math.max(...wanted.data.map(Math.abs))).toBeGreaterThan(1e-4);
        expectClose((await evaluate(looped[i]!, values)).data, wanted.data);
      }
    },
  );

  it('counts a captured value once that another captured value follows from', async () => {
    const [a, xs] = [input('a', 'float32', [1]), input('xs', 'float32', [3])];
    const twice = f.mul(a, 2);
    const step = (_: readonly Expression[], [entry]: readonly Expression[]) => ({
      next: [],
      outputs: [f.mul(f.mul(entry!, twice), a)],
    });
    const loss = f.reduceSum(f.scan([], [xs], step).outputs[0]!);
    const [found] = gradients(loss, [a]); // of 2 a^2 (1 + 2 + 3)
    const { data } = await evaluate(found!, { a: feed([5]), xs: feed([1, 2, 3]) });
    expect(data).toEqual([120]);
  });

  it('has a gradient where only its last state counts', async () => {
    const [start, xs] = [input('start', 'float32', []), input('xs', 'float32', [3])];
    const step = ([sum]: readonly Expression[], [entry]: readonly Expression[]) => ({
      next: [f.add(f.mul(sum!, 2), entry!)],
      outputs: [],
    });
    const loss = f.scan([start], [xs], step).finals[0]!; // 8 start + 4 x + 2 x + x
    const feeds = { start: feed([1], []), xs: feed([1, 2, 3]) };
    const [toStart, toEntries] = gradients(loss, [start, xs]);
    expect((await evaluate(toStart!, feeds)).data).toEqual([8]);
    expect((await evaluate(toEntries!, feeds)).data).toEqual([4, 2, 1]);
  });

  it('sums in either direction, each result where its entry lies', async () => {
    const numbers = feed([1, 2, 3, 4]);
    const xs = input('xs', 'float32', [4]);
    const sums = (reverse: boolean): Expression =>
      f.scan(
        [constant(0)],
        [xs],
        ([sum], [entry]) => {
          const next = f.add(sum!, entry!);
          return { next: [next], outputs: [next] };
        },
        { reverse },
      ).outputs[0]!;
    expect((await evaluate(sums(false), { xs: numbers })).data).toEqual([1, 3, 6, 10]);
    expect((await evaluate(sums(true), { xs: numbers })).data).toEqual([10, 9, 7, 4]);
  });

  it('runs with any batch size that the program is given', async () => {
    const xs = input('xs', 'float32', [steps, 'batch', width]);
    const start = f.squeeze(f.mul(f.slice(xs, 0, 0, 1), 0), 0);
    const step = ([h]: readonly Expression[], [entry]: readonly Expression[]) => {
      const next = f.add(f.mul(h!, 0.5), entry!);
      return { next: [next], outputs: [next] };
    };
    const result = f.scan([start], [xs], step).finals[0]!;
    const program = await createProgram({ result }, { threads: 1 });
    for (const size of [1, 2, 5]) {
      const xsFeed = normal(steps, size, width);
      const { result: found } = await program.run({ xs: xsFeed });
      const wanted = Array.from({ length: size * width }, (_, k) =>
        Array.from({ length: steps }, (__, t) => xsFeed.data[t * size * width + k]!).reduce(
          (sum, value) => sum / 2 + value,
          0,
        ),
      );
      expectClose(found!, wanted);
    }
    await program.release();
  });

  it('leaves out of a program what nobody asks for', async () => {
    const step = (_: readonly Expression[], [entry]: readonly Expression[]) => ({
      next: [],
      outputs: [f.add(entry!, 1), f.erf(entry!)],
    });
    const [first] = f.scan([], [x], step).outputs;
    const program = await createProgram({ first: first! }, { threads: 1 });
    expect(Buffer.from(program.onnx).includes('Erf')).toBe(false);
    await program.release();
  });
});

/** Trains for `cut` steps, then for the rest up to 6, and returns weights and losses. */
async function train(cut: number, outputs: Expression) {
  const index = input('index', 'int64', []);
  const entry = f.gather(target, index); // a new target in each step, so that batches matter
  const loss = f.reduceMean(f.square(f.sub(outputs, entry)));
  const loop = await createTrainingLoop({
    data: [x, target],
    batch: [index],
    loss,
    parameters: [weight, past],
    adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    threads: 1,
  });
  const zeros = (value: ArrayValue): ArrayValue => ({ ...value, data: value.data.map(() => 0) });
  const moments = { weight: zeros(values.weight), past: zeros(values.past) };
  let state: OptimiserState = {
    step: 0,
    parameters: { weight: values.weight, past: values.past },
    first: moments,
    second: moments,
  };
  const losses: number[] = [];
  for (const [from, to] of [
    [0, cut],
    [cut, 6],
  ] as const) {
    if (from === to) continue;
    const batches: Record<string, Feed> = {
      index: {
        data: BigInt64Array.from({ length: to - from }, (_, i) => BigInt((from + i) % steps)),
        shape: [to - from],
      },
    };
    const rates = new Float32Array(to - from).fill(0.01);
    const result = await loop.run(state, { x: values.x, target: values.target }, batches, rates);
    state = result.state;
    losses.push(...result.losses);
  }
  await loop.release();
  return {
    losses,
    weights: [...state.parameters['weight']!.data, ...state.parameters['past']!.data],
  };
}

describe('a scan under training', () => {
  it('takes the steps of the unrolled graph, and the same bits when it is interrupted', async () => {
    const looped = scanned(x, weight, past, 'products').outputs[0]!;
    const whole = await train(6, looped);
    expect(await train(2, looped)).toEqual(whole);
    const direct = await train(6, unrolled(x, weight, past));
    expectClose(whole.losses, direct.losses);
    for (const [i, value] of direct.weights.entries()) {
      expect(whole.weights[i]).toBeCloseTo(value, 3);
    }
    expect(whole.losses.at(-1)).not.toBe(whole.losses[0]);
  });
});
