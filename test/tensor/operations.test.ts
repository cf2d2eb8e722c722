/** Every operation of the table: its shape rule against what ONNX Runtime returns, its gradient against finite differences. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constant, type Expression, input } from '../../tensor/expression.ts';
import { mul, reduceSum } from '../../tensor/functions.ts';
import { gradients } from '../../tensor/gradient.ts';
import { emitOnnx } from '../../tensor/onnx.ts';
import type { OperationName } from '../../tensor/operation.ts';
import { operations } from '../../tensor/operations.ts';
import { createRandom, type Random } from '../../tensor/random.ts';
import { createSession } from '../../tensor/session.ts';
import { inOrder } from '../../tensor/traversal.ts';
import { type Feed, sizeOf } from '../../tensor/values.ts';
import { operationSamples, type Sample } from './operation-samples.ts';

/** Half the distance of a central difference; a power of two, so that it is exact in float32. */
const STEP = 2 ** -7;

/** Values that keep their distance from one another and from zero, where some operations have kinks. */
function spread(random: Random, count: number, positive = false): number[] {
  return Array.from(random.permutation(count), (rank) => {
    const position = (2 * (rank + 0.37)) / count - 1;
    return positive ? 1.5 + position / 2 : Math.sign(position) * (0.1 + 0.9 * Math.abs(position));
  });
}

function prepare({ shapes, build, positive }: Sample, seed: number) {
  const random = createRandom(seed);
  const inputs = shapes.map((shape, i) => input(`x${i}`, 'float32', shape));
  const total = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  const values = spread(random, total, positive);
  const feeds: Record<string, Feed> = {};
  for (const [i, shape] of shapes.entries()) {
    feeds[`x${i}`] = { data: Float32Array.from(values.splice(0, sizeOf(shape))), shape };
  }
  const result = build(...inputs);
  const weights = spread(random, sizeOf(result.shape as readonly number[]));
  return { inputs, feeds, result, weights };
}

async function open(outputs: Readonly<Record<string, Expression>>) {
  return createSession(emitOnnx(outputs), { threads: 1 });
}

/** Compares d (w . result) / d x, element by element, with central differences of float32 results. */
async function expectGradient(sample: Sample, seed: number): Promise<void> {
  const { inputs, feeds, result, weights } = prepare(sample, seed);
  const loss = reduceSum(mul(result, constant(weights, result.shape as readonly number[])));
  const found = gradients(loss, inputs);
  const session = await open({ result, ...Object.fromEntries(found.map((g, i) => [`d${i}`, g])) });
  const analytic = await session.run(feeds);
  const valueAt = async (x: Float32Array, element: number, value: number): Promise<number> => {
    const before = x[element]!;
    x[element] = value;
    const { data } = (await session.run(feeds))['result']!;
    x[element] = before;
    return weights.reduce((sum, weight, i) => sum + weight * Number(data[i]), 0);
  };
  for (const [i, { name, shape }] of inputs.entries()) {
    const x = feeds[name!]!.data as Float32Array;
    const gradient = analytic[`d${i}`]!;
    expect(gradient.shape).toEqual(shape);
    for (const [element, centre] of x.entries()) {
      const rise = await valueAt(x, element, centre + STEP);
      const fall = await valueAt(x, element, centre - STEP);
      const numeric = (rise - fall) / (2 * STEP);
      const difference = Math.abs(numeric - Number(gradient.data[element]));
      expect(difference, `element ${element} of input ${i}`).toBeLessThan(
        1e-3 * (1 + Math.abs(numeric)),
      );
    }
  }
  await session.release();
}

describe.each(Object.keys(operations) as OperationName[])('%s', (name) => {
  const samples = fc.tuple(operationSamples[name], fc.nat(1000));

  it('occurs in its samples', () => {
    const drawn = fc.sample(samples, { numRuns: 20, seed: 1 });
    const graphs = drawn.map(([sample, seed]) => inOrder([prepare(sample, seed).result]));
    expect(graphs.some((graph) => graph.some(({ op }) => op === name))).toBe(true);
  });

  it('has the shape that the runtime gives it', async () => {
    const property = fc.asyncProperty(samples, async ([sample, seed]) => {
      const { feeds, result } = prepare(sample, seed);
      const session = await open({ result });
      const outputs = await session.run(feeds);
      await session.release();
      expect(outputs['result']!.shape).toEqual(result.shape);
    });
    await fc.assert(property, { numRuns: 12, seed: 1 });
  });

  it('has the gradient that finite differences give', async () => {
    const property = fc.asyncProperty(samples, ([sample, seed]) => expectGradient(sample, seed));
    await fc.assert(property, { numRuns: 12, seed: 2 });
  });
});
