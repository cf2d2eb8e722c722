/** What tests of networks with residual stacks share: inputs with gaps, their perceptron written out, their parts. */
import { expect } from 'vitest';
import { createProgram } from '../../../tensor/program.ts';
import type { Feed } from '../../../tensor/values.ts';
import {
  type BareNetwork,
  buildBare,
  expectClose,
  noise,
  randomWeights,
} from './network-oracle.ts';
import { linear, type PlainWeights, relu } from './plain-mathematics.ts';

/** Windows [rows, lookBack] of noise; with `gaps` some steps are missing, the last ones of the last row among them. */
export function windowFeeds(rows: number, lookBack: number, gaps: boolean): Record<string, Feed> {
  const window = noise([rows, lookBack], 1);
  if (!gaps) return { window };
  const seen = Float32Array.from(noise([rows, lookBack], 2).data as Float32Array, (value) =>
    value < -0.5 ? 0 : 1,
  );
  seen.fill(0, -2);
  const values = (window.data as Float32Array).map((value, k) => value * seen[k]!);
  return {
    window: { data: values, shape: window.shape },
    observed: { data: seen, shape: window.shape },
  };
}

/** Entry `row` of the first axis of a feed. */
export function rowOf({ data, shape }: Feed, row: number): number[] {
  const width = data.length / shape[0]!;
  return Array.from((data as Float32Array).subarray(row * width, (row + 1) * width));
}

/** What row `row` of a network has seen: its window, which steps were observed, and its last observed value. */
export function windowOf({ feeds }: BareNetwork, row: number) {
  const window = rowOf(feeds['window']!, row);
  const observed = feeds['observed'] ? rowOf(feeds['observed'], row) : window.map(() => 1);
  return { window, observed, level: window[observed.lastIndexOf(1)]! };
}

/** Layers `<name>.layer-1` to `<name>.layer-<count>` with ReLU, then `<name>.theta`. */
export function perceptron(
  w: PlainWeights,
  name: string,
  values: readonly number[],
  count: number,
): number[] {
  let hidden = [...values];
  for (let layer = 1; layer <= count; layer++) {
    hidden = linear(w, `${name}.layer-${layer}`, [hidden])[0]!.map(relu);
  }
  return linear(w, `${name}.theta`, [hidden])[0]!;
}

/** Asserts that a network exposes the parts `names` and nothing else, and that they add up to its forecast. */
export async function expectParts(network: BareNetwork, names: readonly string[]): Promise<void> {
  const { forecast, exposed } = buildBare(network, false);
  expect(Object.keys(exposed).toSorted()).toEqual(names.map((name) => `part:${name}`).toSorted());
  const program = await createProgram(
    { forecast, ...exposed },
    { parameters: randomWeights(network), threads: 1 },
  );
  const { forecast: all, ...parts } = await program.run(network.feeds);
  await program.release();
  const total = all!.map((_, k) =>
    names.reduce((sum, name) => sum + parts[`part:${name}`]![k]!, 0),
  );
  expectClose(total, all!, 1e-5);
}
