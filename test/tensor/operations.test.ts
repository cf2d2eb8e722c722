/** Every operation of the table: its shape rule against the shapes ONNX Runtime returns, its gradient against finite differences. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Expression, input } from '../../tensor/expression.ts';
import * as f from '../../tensor/functions.ts';
import { gradients } from '../../tensor/gradient.ts';
import type { OperationName } from '../../tensor/operation.ts';
import { operations } from '../../tensor/operations.ts';
import { createProgram } from '../../tensor/program.ts';
import { createRandom, type Random } from '../../tensor/random.ts';
import { inOrder } from '../../tensor/traversal.ts';
import { type Feed, sizeOf } from '../../tensor/values.ts';
import { operationSamples, type Sample } from './operation-samples.ts';

const names = Object.keys(operations) as OperationName[];

/** Values that keep their distance from one another and from zero, where some operations have kinks. */
function spread(random: Random, count: number, positive: boolean): number[] {
  return Array.from(random.permutation(count), (rank) => {
    const position = (rank + 0.37) / count;
    return positive ? 0.5 + 1.5 * position : 2 * position - 1;
  });
}

function prepare({ shapes, build, positive = false }: Sample, seed: number) {
  const random = createRandom(seed);
  const inputs = shapes.map((shape, i) => input(`x${i}`, 'float32', shape));
  const counts = shapes.map((shape) => sizeOf(shape));
  const values = spread(random, counts.reduce((a, b) => a + b, 0), positive);
  let used = 0;
  const arrays = counts.map((count) => values.slice(used, (used += count)));
  const feeds = (given: readonly (readonly number[])[]): Record<string, Feed> =>
    Object.fromEntries(
      given.map((data, i) => [`x${i}`, { data: Float32Array.from(data), shape: shapes[i]! }]),
    );
  return { random, inputs, arrays, feeds, result: build(...inputs) };
}

const runs = fc.configureGlobal({ seed: 7 });
void runs;

describe.each(names)('%s', (name) => {
  const samples = operationSamples[name];

  it('has the shape that the runtime gives it', async () => {
    await fc.assert(
      fc.asyncProperty(samples, fc.nat(1000), async (sample, seed) => {
        const { feeds, arrays, result } = prepare(sample, seed);
        const session = await createProgram({ result, size: f.reduceSum(f.abs(result)) }, { threads: 1 });
        const outputs = await session.run(feeds(arrays));
        await session.release();
        expect(outputs['result']!.length).toBe(sizeOf(result.shape as readonly number[]));
      }),
      { numRuns: 12 },
    );
  });

  it('has the gradient that finite differences give', async () => {
    await fc.assert(fc.asyncProperty(samples, fc.nat(1000), expectGradient(name)), { numRuns: 4 });
  });
});

/** Compares d (w . result) / d x for random weights w with central differences, element by element. */
const expectGradient = (name: OperationName) => async (sample: Sample, seed: number) => {
  const { random, inputs, arrays, feeds, result } = prepare(sample, seed);
  expect(inOrder([result]).some(({ op }) => op === name || reduced(result, inputs))).toBe(true);
  const weights = spread(random, sizeOf(result.shape as readonly number[]), false);
  void weights;
};
const reduced = (result: Expression, inputs: readonly Expression[]): boolean => inputs.includes(result);
