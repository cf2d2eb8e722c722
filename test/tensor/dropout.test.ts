/** Dropout: how often and where it drops, and that a resumed training drops the same entries. */
import { describe, expect, it } from 'vitest';
import { constant, type Expression, input, parameter } from '../../tensor/expression.ts';
import { createDropout, type Dropout } from '../../tensor/dropout.ts';
import * as f from '../../tensor/functions.ts';
import { emitOnnx } from '../../tensor/onnx.ts';
import { createSession } from '../../tensor/session.ts';
import { createTrainingLoop, type OptimiserState } from '../../tensor/training-loop.ts';
import type { Feed } from '../../tensor/values.ts';
import { feed } from './evaluate.ts';

/** What dropout leaves of `outputs` in the step numbered `step`. */
async function drop(
  dropout: Dropout,
  outputs: Readonly<Record<string, Expression>>,
  seed: number,
  step: number,
): Promise<Record<string, number[]>> {
  const session = await createSession(emitOnnx(outputs), { threads: 1 });
  const ofStep = Object.entries(dropout.batchFeeds(seed, step, 1)).map(
    ([name, { data, shape }]): [string, Feed] => [name, { data, shape: shape.slice(1) }],
  );
  const found = await session.run({ ...dropout.dataFeeds(seed), ...Object.fromEntries(ofStep) });
  await session.release();
  return Object.fromEntries(
    Object.entries(found).map(([name, { data }]) => [name, Array.from(data, Number)]),
  );
}

const ones = (shape: readonly number[]): Expression => f.add(f.zeros(shape), 1);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe('dropout', () => {
  it.each([0.1, 0.5, 0.8])('drops a share of %d and keeps the mean', async (rate) => {
    const dropout = createDropout();
    const result = dropout.dropout(ones([200, 500]), rate);
    const { left } = await drop(dropout, { left: result }, 7, 0);
    const share = left!.filter((value) => value === 0).length / left!.length;
    // Four standard deviations.
    expect(Math.abs(share - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / 1e5));
    expect(mean(left!)).toBeCloseTo(1, 1);
    expect(new Set(left)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
  });

  it('drops other entries at every place, in every step and for every seed', async () => {
    const dropout = createDropout();
    const x = ones([50, 40]);
    const outputs = { a: dropout.dropout(x, 0.5), b: dropout.dropout(x, 0.5) };
    const first = await drop(dropout, outputs, 1, 0);
    const later = await drop(dropout, outputs, 1, 1);
    const other = await drop(dropout, outputs, 2, 0);
    const masks = [first['a']!, first['b']!, later['a']!, later['b']!, other['a']!, other['b']!];
    for (const [i, mask] of masks.entries()) {
      for (const next of masks.slice(i + 1)) {
        const agreement = mean(mask.map((value, at) => Number(value === next[at])));
        expect(Math.abs(agreement - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 2000));
      }
    }
    expect(await drop(dropout, outputs, 1, 0)).toEqual(first);
  });

  it('joins masks that are larger than a piece of its table', async () => {
    const dropout = createDropout();
    const x = dropout.dropout(ones([3, 2 ** 19]), 0.25);
    expect(x.shape).toEqual([3, 2 ** 19]);
    expect(dropout.batch).toHaveLength(2);
    const { rows } = await drop(dropout, { rows: f.reduceMean(x, 1) }, 1, 0);
    for (const row of rows!) expect(row).toBeCloseTo(1, 2);
  });

  it.each([
    ['that share one piece of its table', 6, 500],
    ['of which five share a piece', 12, 200_000],
  ])('drops the same of all samples at once and of groups %s', async (_, groups, size) => {
    const samples = groups * 2;
    const whole = createDropout();
    const all = whole.dropoutOfGroups(groups).whole(ones([samples, size / 2]), 0.4);
    const some = createDropout();
    const order = constant([...Array(groups).keys()], [groups], 'int64');
    const { outputs } = f.scan([], [order], (_carries, [index]) => ({
      next: [],
      outputs: [some.dropoutOfGroups(groups).group(index!)(ones([2, size / 2]), 0.4)],
    }));
    const { left } = await drop(whole, { left: all }, 3, 5);
    expect((await drop(some, { left: outputs[0]! }, 3, 5))['left']).toEqual(left);
    const rows = Array.from({ length: groups }, (_row, g) => left!.slice(g * size, (g + 1) * size));
    expect(new Set(rows.map((row) => row.join())).size).toBe(groups);
    expect(mean(left!)).toBeCloseTo(1, 1);
  });

  it('has the same zeros in its gradient', async () => {
    const dropout = createDropout();
    const w = parameter('w', [1000]);
    const loss = f.reduceSum(dropout.dropout(w, 0.5));
    const adam = { beta1: 0, beta2: 0, epsilon: 1 };
    const loop = await createTrainingLoop({ ...leaves(dropout), loss, parameters: [w], adam });
    const zeros = { w: feed(Array(1000).fill(0)) };
    const state = { step: 0, parameters: zeros, first: zeros, second: zeros };
    const feeds = [dropout.dataFeeds(1), dropout.batchFeeds(1, 0, 1)] as const;
    const { state: next } = await loop.run(state, ...feeds, Float32Array.of(1));
    await loop.release();
    const moved = next.parameters['w']!.data.filter((value) => value !== 0).length;
    expect(moved).toBeGreaterThan(400);
    expect(moved).toBeLessThan(600);
  });

  it('gives bit for bit the same training in one piece and in three', async () => {
    const dropout = createDropout();
    const w = parameter('w', [64, 3]);
    const x = input('x', 'float32', [32, 64]);
    const loss = f.reduceMean(f.square(f.sub(f.matMul(dropout.dropout(x, 0.3), w), 1)));
    const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    const { data, batch } = leaves(dropout);
    const loop = await createTrainingLoop({
      data: [x, ...data],
      batch,
      loss,
      parameters: [w],
      adam,
    });
    const value = feed(
      Array.from({ length: 192 }, (_, i) => Math.sin(i)),
      [64, 3],
    );
    const zeros = feed(Array(192).fill(0), [64, 3]);
    const start: OptimiserState = {
      step: 0,
      parameters: { w: value },
      first: { w: zeros },
      second: { w: zeros },
    };
    const xs = feed(
      Array.from({ length: 2048 }, (_, i) => Math.cos(i)),
      [32, 64],
    );
    const train = async (state: OptimiserState, steps: number) => {
      const batches = dropout.batchFeeds(5, state.step, steps);
      const feeds = { x: xs, ...dropout.dataFeeds(5) };
      const result = await loop.run(state, feeds, batches, new Float32Array(steps).fill(0.01));
      return result.state;
    };
    const whole = await train(start, 9);
    const pieces = await train(await train(await train(start, 2), 4), 3);
    await loop.release();
    expect(pieces).toEqual(whole);
  });

  it('leaves everything at rate 0, and then needs no inputs', () => {
    const dropout = createDropout();
    const x = ones([4]);
    expect(dropout.dropout(x, 0)).toBe(x);
    expect(dropout.data).toEqual([]);
    expect(dropout.batch).toEqual([]);
    expect(dropout.dataFeeds(1)).toEqual({});
    expect(dropout.batchFeeds(1, 0, 5)).toEqual({});
  });

  it('rejects impossible rates and unknown sizes', () => {
    const { dropout } = createDropout();
    expect(() => dropout(ones([4]), 1)).toThrow('dropout has rate 1');
    expect(() => dropout(input('x', 'float32', ['batch']), 0.5)).toThrow('known sizes');
  });
});

function leaves({ data, batch }: Dropout) {
  return { data, batch };
}
