/** The Temporal Fusion Transformer: its gradient, what it exposes, and what may influence what. */
import { describe, expect, it } from 'vitest';
import type { NetworkContext, NetworkInputs, NetworkShape } from '../../../models/model.ts';
import { tft } from '../../../models/neural/tft.ts';
import { createNetworkContext } from '../../../services/training/network-context.ts';
import { type Expression, input } from '../../../tensor/expression.ts';
import { gather, mul, reduceMean, reduceSum, square, sub } from '../../../tensor/functions.ts';
import { gradients } from '../../../tensor/gradient.ts';
import { initialState } from '../../../tensor/initialise.ts';
import { createProgram } from '../../../tensor/program.ts';
import { createRandom } from '../../../tensor/random.ts';
import { createTrainingLoop } from '../../../tensor/training-loop.ts';
import { type Feed, sizeOf } from '../../../tensor/values.ts';

const univariate: NetworkShape = {
  lookBack: 5,
  horizon: 3,
  channels: 1,
  outputs: 1,
  locations: 1,
  future: 0,
  historical: 0,
  static: 0,
  categories: [],
};
const everything = { future: 2, historical: 2, static: 2, categories: [3, 4] } as const;

/** Inputs of a network of the given sizes, and normal values for them. */
function inputsOf(shape: NetworkShape, batch: number | 'batch', rows: number, seed: number) {
  const random = createRandom(seed, 'inputs');
  const feeds: Record<string, Feed> = {};
  const leaf = (name: string, sizes: readonly number[]): Expression => {
    const data = Float32Array.from({ length: rows * sizeOf(sizes) }, random.normal);
    feeds[name] = { shape: [rows, ...sizes], data };
    return input(name, 'float32', [batch, ...sizes]);
  };
  const { lookBack, horizon, future, historical, static: fixed, categories } = shape;
  const inputs: NetworkInputs = {
    window: leaf('window', [lookBack]),
    ...(future > 0 && { future: leaf('future', [lookBack + horizon, future]) }),
    ...(historical > 0 && { historical: leaf('historical', [lookBack, historical]) }),
    ...(fixed > 0 && { static: leaf('static', [fixed]) }),
    ...(categories.length > 0 && {
      categories: input('categories', 'int64', [batch, categories.length]),
    }),
  };
  const codes = Array.from({ length: rows }, () => categories.map((n) => random.integer(n))).flat();
  feeds['categories'] = {
    shape: [rows, categories.length],
    data: BigInt64Array.from(codes, BigInt),
  };
  return { inputs, feeds };
}

interface BuildOptions {
  readonly hidden?: number;
  readonly batch?: number | 'batch';
  readonly rows?: number;
  /** Whether in the form of graphs that train, which computes step by step. */
  readonly training?: boolean;
}

function build(
  sizes: Partial<NetworkShape>,
  { hidden = 8, batch = 'batch', rows = 3, training = false }: BuildOptions = {},
) {
  const [heads, seed] = [2, 1];
  const shape = { ...univariate, ...sizes };
  const hyperparameters = tft.hyperparameters.parse({ hidden, heads });
  const collected = createNetworkContext(tft, hyperparameters, shape);
  const { inputs, feeds } = inputsOf(shape, batch, rows, seed);
  const forecast = tft.forward(inputs, { ...collected.context, hyperparameters, training });
  const { parameters } = initialState(collected.parameters, collected.initialisers, seed);
  return { ...collected, shape, feeds, forecast, values: parameters };
}

async function run(
  outputs: Readonly<Record<string, Expression>>,
  feeds: Readonly<Record<string, Feed>>,
): Promise<Record<string, Float32Array>> {
  const program = await createProgram(outputs, { threads: 1 });
  const results = await program.run(feeds);
  await program.release();
  return results;
}

describe('the Temporal Fusion Transformer', () => {
  it.each<[string, Partial<NetworkShape>]>([
    ['the series alone', {}],
    ['one future column', { future: 1 }],
    ['historical columns', { historical: 2 }],
    ['one static column', { static: 1 }],
    ['a category', { categories: [3] }],
    ['all kinds', everything],
    ['all kinds, of one step, for one step', { ...everything, lookBack: 1, horizon: 1 }],
    ['all kinds, for three outputs', { ...everything, outputs: 3 }],
    ['the series alone, for three outputs', { outputs: 3, lookBack: 1 }],
  ])('gives a finite forecast from %s', async (_, sizes) => {
    const { forecast, values, feeds, shape } = build(sizes);
    expect(forecast.shape).toEqual(['batch', shape.horizon, shape.outputs]);
    const { forecast: found } = await run({ forecast }, { ...values, ...feeds });
    expect(found!.length).toBe(3 * shape.horizon * shape.outputs);
    expect(found!.every(Number.isFinite)).toBe(true);
  });

  it.each<[string, boolean, number]>([
    ['of all steps at once', false, 2],
    ['of several steps of a small batch', true, 2],
    ['of one step after the other', true, 600],
  ])('has the gradients that finite differences give: %s', async (_, training, batch) => {
    const { forecast, parameters, values, feeds } = build(
      { ...everything, lookBack: 3, horizon: 2, outputs: 2 },
      { hidden: 4, batch, rows: batch, training },
    );
    const random = createRandom(3, 'weights');
    for (const { data } of Object.values(values)) {
      for (const i of data.keys()) data[i]! += 0.5 * random.normal();
    }
    // Two samples count, however many there are.
    const weights = new Float32Array(4 * batch);
    for (let k = 0; k < 8; k++) weights[k] = random.normal();
    const loss = reduceSum(mul(forecast, input('w', 'float32', [batch, 2, 2])));
    const found = gradients(loss, parameters);
    const names = parameters.map(({ name }) => name!);
    const program = await createProgram({ forecast }, { threads: 1 });
    const all: Record<string, Feed> = {
      ...feeds,
      ...values,
      w: { shape: [batch, 2, 2], data: weights },
    };
    const analytic = await run(Object.fromEntries(found.map((g, i) => [`d ${names[i]!}`, g])), all);
    const lossOf = async (): Promise<number> => {
      const { forecast: y } = await program.run(all);
      return weights.reduce((sum, weight, k) => sum + weight * y![k]!, 0);
    };
    const step = 2 ** -8;
    for (const name of names) {
      // Along one random direction of signs, in which every element counts.
      const { data } = values[name]!;
      const signs = Array.from(data, () => (random.uniform() < 0.5 ? -1 : 1));
      const start = data.slice();
      data.forEach((_, i) => (data[i] = start[i]! + step * signs[i]!));
      const rise = await lossOf();
      data.forEach((_, i) => (data[i] = start[i]! - step * signs[i]!));
      const numeric = (rise - (await lossOf())) / (2 * step);
      data.set(start);
      const along = signs.reduce((sum, sign, i) => sum + sign * analytic[`d ${name}`]![i]!, 0);
      expect(Math.abs(numeric - along), name).toBeLessThan(0.005 * (1 + Math.abs(numeric)));
    }
    await program.release();
  });

  it('does not let a step of the horizon see the future columns of later steps', async () => {
    const { forecast, values, feeds } = build({ future: 2 }, { rows: 1 });
    const program = await createProgram({ forecast }, { parameters: values, threads: 1 });
    const future = feeds['future']!.data as Float32Array;
    const before = (await program.run(feeds))['forecast']!;
    for (const step of [0, 1, 2]) {
      const changed = future.slice();
      changed[2 * (5 + step)]! += 1;
      const after = await program.run({
        ...feeds,
        future: { shape: [1, 8, 2], data: changed },
      });
      for (const k of [0, 1, 2]) {
        const same = Math.abs(after['forecast']![k]! - before[k]!) < 1e-6;
        expect(same, `step ${k} after a change of step ${step}`).toBe(k < step);
      }
    }
    await program.release();
  });

  it('exposes weights that are shares of one', async () => {
    const { exposed, values, feeds, shape } = build(everything);
    const past = 1 + shape.historical + shape.future;
    expect(Object.keys(exposed).sort()).toEqual([
      'attention',
      'selection:future',
      'selection:historical',
      'selection:static',
    ]);
    expect(exposed['attention']!.shape).toEqual(['batch', 3, 8]);
    expect(exposed['selection:historical']!.shape).toEqual(['batch', 5, past]);
    expect(exposed['selection:future']!.shape).toEqual(['batch', 3, shape.future]);
    expect(exposed['selection:static']!.shape).toEqual(['batch', 4]);
    const found = await run(exposed, { ...values, ...feeds });
    for (const [name, weights] of Object.entries(found)) {
      const size = exposed[name]!.shape.at(-1) as number;
      for (let at = 0; at < weights.length; at += size) {
        const row = weights.subarray(at, at + size);
        expect(row.every((weight) => weight >= 0)).toBe(true);
        expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
      }
    }
    // The first step of the horizon looks at itself and back, and nowhere else.
    expect(found['attention']!.slice(6, 8)).toEqual(new Float32Array(2));
  });

  it('treats an unknown category as the mean of the known ones', async () => {
    const { forecast, values, feeds } = build({ categories: [3] }, { rows: 1 });
    const program = await createProgram({ forecast }, { parameters: values, threads: 1 });
    const unknown = { shape: [1, 1], data: BigInt64Array.of(0n) };
    const { forecast: found } = await program.run({ ...feeds, categories: unknown });
    const table = values['category.0']!;
    const mean = Array.from({ length: 8 }, (_, k) => (table.data[k]! + table.data[8 + k]!) / 2);
    const averaged = { ...table, data: Float32Array.from([...mean, ...mean]) };
    const first = { shape: [1, 1], data: BigInt64Array.of(1n) };
    const wanted = await program.run({ ...feeds, 'category.0': averaged, categories: first });
    await program.release();
    for (const [k, value] of found!.entries())
      expect(value).toBeCloseTo(wanted['forecast']![k]!, 6);
  });

  it('gives a sample the same forecast whatever else is in the batch, in blocks or not', async () => {
    const one = build(everything, { batch: 64, rows: 64 });
    const any = build(everything, { rows: 64 });
    const feeds = { ...one.values, ...one.feeds };
    const { forecast: blocks } = await run({ forecast: one.forecast }, feeds);
    const { forecast: whole } = await run({ forecast: any.forecast }, feeds);
    for (const [k, value] of whole!.entries()) expect(blocks![k]).toBeCloseTo(value, 5);
  });

  it.each<[string, Partial<NetworkShape>]>([
    ['the series alone', {}],
    ['future columns', { future: 2 }],
    ['one static column', { static: 1 }],
    ['all kinds', everything],
    ['all kinds, of one step, for one step', { ...everything, lookBack: 1, horizon: 1 }],
  ])(
    'computes from %s all steps at once what it trains step by step or in groups of steps',
    async (_, sizes) => {
      const rows = 5;
      const [whole, stepwise, grouped] = [
        build(sizes, { rows }),
        build(sizes, { rows, training: true }),
        build(sizes, { rows, training: true, batch: rows }),
      ];
      const [wanted, ...found] = await Promise.all(
        [whole, stepwise, grouped].map(({ forecast, exposed, values, feeds }) =>
          run({ forecast, ...exposed }, { ...values, ...feeds }),
        ),
      );
      for (const [k, other] of [stepwise, grouped].entries()) {
        expect(Object.keys(other.values)).toEqual(Object.keys(whole.values));
        expect(Object.keys(found[k]!)).toEqual(Object.keys(wanted!));
        for (const [name, expected] of Object.entries(wanted!)) {
          for (const [at, value] of expected.entries())
            expect(Math.abs(found[k]![name]![at]! - value), name).toBeLessThan(2e-6);
        }
      }
    },
  );

  it('learns to read the forecast from a future column', async () => {
    const { forecast, parameters, initialisers, inputs, target, feeds, index } = learningTask();
    const loss = reduceMean(square(sub(forecast, gather(target, index))));
    const loop = await createTrainingLoop({
      data: [inputs.window, inputs.future, target],
      batch: [index],
      loss,
      parameters,
      adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      threads: 1,
    });
    const steps = 200;
    const random = createRandom(5, 'batches');
    const picks = BigInt64Array.from({ length: steps * 32 }, () => BigInt(random.integer(200)));
    const { losses } = await loop.run(
      initialState(parameters, initialisers, 1),
      feeds,
      { index: { shape: [steps, 32], data: picks } },
      Float32Array.from({ length: steps }, (_, i) => 0.01 * (1 - i / steps)),
    );
    await loop.release();
    expect(losses.slice(0, 5).reduce((a, b) => a + b) / 5).toBeGreaterThan(0.5);
    expect(losses.slice(-20).reduce((a, b) => a + b) / 20).toBeLessThan(0.02);
  });
});

/** 200 samples of noise whose next values are a column known ahead, looked up by index. */
function learningTask() {
  const shape = { ...univariate, future: 1 };
  const hyperparameters = tft.hyperparameters.parse({ hidden: 8, heads: 2 });
  const collected = createNetworkContext(tft, hyperparameters, shape);
  const { parameters, initialisers } = collected;
  const context: NetworkContext<typeof hyperparameters> = {
    ...collected.context,
    hyperparameters,
  };
  const { feeds } = inputsOf(shape, 200, 200, 4);
  const inputs = {
    window: input('window', 'float32', [200, 5]),
    future: input('future', 'float32', [200, 8, 1]),
  };
  const index = input('index', 'int64', [32]);
  const forecast = tft.forward(
    { window: gather(inputs.window, index), future: gather(inputs.future, index) },
    context,
  );
  const future = feeds['future']!.data as Float32Array;
  const next = Array.from({ length: 200 }, (_, i) =>
    Array.from(future.slice(8 * i + 5, 8 * i + 8)),
  );
  const target = input('target', 'float32', [200, 3, 1]);
  feeds['target'] = { shape: [200, 3, 1], data: Float32Array.from(next.flat()) };
  return { forecast, parameters, initialisers, inputs, target, feeds, index };
}
