/** Tests of TiDE against its equations, written out in double precision. */
import { describe, expect, it } from 'vitest';
import { tide } from '../../../models/neural/tide.ts';
import type { Feed } from '../../../tensor/values.ts';
import {
  type BareNetwork,
  buildBare,
  expectClose,
  expectGradients,
  inDouble,
  noise,
  randomWeights,
  runBare,
  shapeOf,
} from './network-oracle.ts';
import {
  layerNorm,
  linear,
  map,
  type Matrix,
  moments,
  type PlainWeights,
  relu,
  rowsOf,
  sum,
} from './plain-mathematics.ts';

const batch = 3;
const columns = { future: 2, historical: 3, static: 2 } as const;

const networkOf = (
  lookBack: number,
  horizon: number,
  exogenous: boolean,
  others: Record<string, boolean> = {},
): BareNetwork => {
  const window = noise([batch, lookBack], 1);
  const feeds: Record<string, Feed> = exogenous
    ? {
        window,
        future: noise([batch, lookBack + horizon, columns.future], 2),
        historical: noise([batch, lookBack, columns.historical], 3),
        static: noise([batch, columns.static], 4),
      }
    : { window };
  return {
    model: tide,
    shape: shapeOf(lookBack, horizon, {
      ...(exogenous ? columns : {}),
      outputs: 2,
      locations: 1,
    }),
    hyperparameters: {
      hidden: 5,
      decoderOutput: 3,
      temporalDecoderHidden: 4,
      temporalWidth: 2,
      covariateHidden: 3,
      dropout: 0,
      ...others,
    },
    feeds,
  };
};

/** [batch * horizon * outputs]. */
function plainTide(network: BareNetwork, w: PlainWeights): number[] {
  const { lookBack, horizon, outputs } = network.shape;
  const { layerNorm: normed = true, instanceNorm = true } = network.hyperparameters;
  const block = (name: string, rows: Matrix, norm = normed): number[][] => {
    const dense = linear(w, `${name}.output`, map(linear(w, `${name}.hidden`, rows), relu));
    const both = sum(dense, linear(w, `${name}.skip`, rows));
    return norm === true ? layerNorm(w, `${name}.norm`, both) : both;
  };
  const column = (name: keyof typeof columns, row: number): number[][] => {
    const feed = network.feeds[name];
    if (feed === undefined) return [];
    const width = columns[name];
    const perRow = feed.data.length / batch / width;
    const rows = rowsOf(feed.data as Float32Array, width).slice(row * perRow, (row + 1) * perRow);
    return name === 'static' ? rows : block(`projection.${name}`, rows);
  };
  return rowsOf(network.feeds['window']!.data as Float32Array, lookBack).flatMap((window, row) => {
    const { mean, variance } = instanceNorm === true ? moments(window) : { mean: 0, variance: 1 };
    const spread = instanceNorm === true ? Math.sqrt(variance + 1e-5) : 1;
    const y = window.map((x) => (x - mean) / spread);
    const future = column('future', row);
    let e = [
      y,
      future.flat(),
      column('historical', row).flat(),
      column('static', row).flat(),
    ].flat();
    for (const name of ['encoder0', 'encoder1', 'decoder0', 'decoder1']) e = block(name, [e])[0]!;
    const decoded = rowsOf(e, 3).map((g, step) => [...g, ...(future[lookBack + step] ?? [])]);
    const local = block('temporal-decoder', decoded, false);
    const global = rowsOf(linear(w, 'residual', [y])[0]!, outputs);
    return Array.from({ length: horizon * outputs }, (_, k) => {
      const [step, output] = [Math.floor(k / outputs), k % outputs];
      const value = local[step]![output]! + global[step]![output]!;
      return output === 0 ? value * spread + mean : value;
    });
  });
}

describe('TiDE', () => {
  it.each([
    ['of the series alone', 6, 3, false, {}],
    ['with covariates of all kinds', 6, 3, true, {}],
    ['of a single step', 1, 1, true, {}],
    ['without normalisations', 4, 2, true, { layerNorm: false, instanceNorm: false }],
  ])('computes the equations of the paper %s', async (_, lookBack, horizon, exogenous, others) => {
    const network = networkOf(lookBack, horizon, exogenous, others);
    const weights = randomWeights(network);
    expectClose(await runBare(network, weights), plainTide(network, inDouble(weights)));
  });

  it('has the gradients of its equations', async () => {
    const network = networkOf(4, 2, true);
    await expectGradients(network, (w) => plainTide(network, w));
  });

  it('normalises every block but the last, where one number would be left with its shift', () => {
    const names = buildBare(networkOf(4, 2, true), false).parameters.map(({ name }) => name!);
    const blocks = names.filter((name) => name.endsWith('.skip.weight')).length;
    expect(names.filter((name) => name.endsWith('.norm.scale')).length).toBe(blocks - 1);
  });
});
