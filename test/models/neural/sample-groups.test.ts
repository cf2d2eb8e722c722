/** Tests that a network computes the same on all samples at once and on groups of them, dropout and gradients included. */
import { describe, expect, it } from 'vitest';
import { patchtst } from '../../../models/neural/patchtst.ts';
import { buildWindowGraph, type NetworkDefinition } from '../../../services/training/network.ts';
import { createDropout } from '../../../tensor/dropout.ts';
import type { Expression } from '../../../tensor/expression.ts';
import { gradients } from '../../../tensor/gradient.ts';
import { initialState } from '../../../tensor/initialise.ts';
import { createProgram } from '../../../tensor/program.ts';
import { inOrder } from '../../../tensor/traversal.ts';
import type { Feed } from '../../../tensor/values.ts';
import { noise } from './network-oracle.ts';

const definition: NetworkDefinition = {
  model: patchtst,
  hyperparameters: patchtst.hyperparameters.parse({
    patch: 4,
    stride: 2,
    heads: 4,
    hidden: 8,
    feedForward: 64,
    dropout: 0.3,
    attentionDropout: 0.2,
  }),
  lookBack: 16,
  horizon: 3,
  scaler: 'none',
  loss: 'mse',
};
const batch = 2048;
const length = batch + 20;

/** Loss, gradients and statistics of one training step, and how many scans its forward pass has. */
async function step(largestArray: number) {
  const dropout = createDropout();
  const graph = buildWindowGraph(definition, batch, { mode: { ...dropout, largestArray } });
  const { parameters, statistics, initialisers, following, value } = graph;
  const outputs: Record<string, Expression> = { loss: value };
  for (const [i, gradient] of gradients(value, parameters).entries()) {
    outputs[`d ${parameters[i]!.name!}`] = gradient;
  }
  for (const statistic of statistics) outputs[`next ${statistic.value.name!}`] = statistic.next;
  const start = initialState(parameters, initialisers, 1, following).parameters;
  const program = await createProgram(outputs, { parameters: start, threads: 1 });
  const drawn = Object.entries(dropout.batchFeeds(1, 0, 1)).map(
    ([name, { data, shape }]): [string, Feed] => [name, { data, shape: shape.slice(1) }],
  );
  const starts = BigInt64Array.from({ length: batch }, (_, i) => BigInt(i));
  const results = await program.run({
    series: noise([length], 5),
    starts: { data: starts, shape: [batch] },
    ...dropout.dataFeeds(1),
    ...Object.fromEntries(drawn),
  });
  await program.release();
  return { results, scans: inOrder([value]).filter(({ op }) => op === 'Scan').length };
}

describe('groups of samples', () => {
  it('give the loss, the gradients and the statistics of all samples at once', async () => {
    const whole = await step(Number.POSITIVE_INFINITY);
    const grouped = await step(2 ** 16);
    expect([whole.scans, grouped.scans]).toEqual([0, 6]);
    expect(Object.keys(whole.results)).toEqual(Object.keys(grouped.results));
    for (const [name, values] of Object.entries(whole.results)) {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
      for (const [k, value] of grouped.results[name]!.entries()) {
        expect(Math.abs(value - values[k]!) / largest, `${name}, entry ${k}`).toBeLessThan(1e-3);
      }
    }
  });
});
