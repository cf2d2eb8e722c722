/** Operations with their gradients on drawn inputs, to be computed twice and compared. */
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { constant, type Expression, input } from '../../../tensor/expression.ts';
import { mul, reduceSum } from '../../../tensor/functions.ts';
import { gradients } from '../../../tensor/gradient.ts';
import type { OperationName } from '../../../tensor/operation.ts';
import { operations } from '../../../tensor/operations.ts';
import { createProgram } from '../../../tensor/program.ts';
import { createRandom } from '../../../tensor/random.ts';
import { type Feed, sizeOf } from '../../../tensor/values.ts';
import { operationSamples } from '../../tensor/operation-samples.ts';

export const operationNames = Object.keys(operations) as OperationName[];

/** A use of an operation: what it computes, with its gradients, and on which inputs. */
export interface SampledGraph {
  readonly outputs: Readonly<Record<string, Expression>>;
  readonly feeds: Readonly<Record<string, Feed>>;
}

/** `count` uses of the operation `name`. */
export function sampleGraphs(name: OperationName, count: number): SampledGraph[] {
  const samples = fc.sample(operationSamples[name], { numRuns: count, seed: 1 });
  return samples.map(({ shapes, build, positive }, i) => {
    const random = createRandom(i);
    const draw = positive ? () => 1 + random.uniform() : () => 2 * random.uniform() - 1;
    const inputs = shapes.map((shape, k) => input(`x${k}`, 'float32', shape));
    const feeds: Record<string, Feed> = {};
    for (const [k, shape] of shapes.entries()) {
      feeds[`x${k}`] = { shape, data: Float32Array.from({ length: sizeOf(shape) }, draw) };
    }
    const result = build(...inputs);
    const shape = result.shape as readonly number[];
    const weights = constant(Float32Array.from({ length: sizeOf(shape) }, random.normal), shape);
    const outputs: Record<string, Expression> = { result };
    for (const [k, gradient] of gradients(reduceSum(mul(result, weights)), inputs).entries()) {
      outputs[`d${k}`] = gradient;
    }
    return { outputs, feeds };
  });
}

/** What ONNX Runtime computes on the processor. */
export async function runOnProcessor({ outputs, feeds }: SampledGraph) {
  const program = await createProgram(outputs, { threads: 1 });
  const values = await program.run(feeds);
  await program.release();
  return values;
}

/** Expects equality within `tolerance` of 1 + |expected|. */
export function expectClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expect(found.length, what).toBe(expected.length);
  for (const [i, value] of Array.from(expected).entries()) {
    const distance = Math.abs(found[i]! - value) / (1 + Math.abs(value));
    expect(distance, `element ${i} of ${what}`).toBeLessThanOrEqual(tolerance);
  }
}
