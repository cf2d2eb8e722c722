/** Tests of samples: what the training graph gathers, against the same picked out one by one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planFolds } from '../../../series/folds.ts';
import type { Panel } from '../../../series/panel.ts';
import { createSampleData, type SampleData } from '../../../services/training/sample-data.ts';
import { createSampleIndex } from '../../../services/training/sample-index.ts';
import { gatherSample } from '../../../services/training/sample-layout.ts';
import { cast } from '../../../tensor/functions.ts';
import { createProgram } from '../../../tensor/program.ts';
import { exogenousFor, rich } from './rich-network.ts';
import { panelOf, sine } from './series.ts';

const lookBack = 5;
const horizon = 3;

const dataOf = (panel: Panel, changes: object = {}): SampleData =>
  createSampleData({
    model: rich,
    panel,
    plan: planFolds([40], horizon, 10),
    horizon,
    lookBack,
    padShort: true,
    multivariate: false,
    content: 'units',
    ...changes,
  });

/** All that is gathered for samples at `starts`, by name. */
async function gatherAll(data: SampleData, starts: BigInt64Array) {
  const sample = gatherSample(data.layout, { lookBack, horizon }, data.columns, 'batch');
  const { target, weights, inputs } = sample;
  const outputs = { target, ...(weights && { weights }), ...inputs };
  const floats = Object.entries(outputs).map(([name, x]) => [`given ${name}`, cast(x, 'float32')]);
  const program = await createProgram(Object.fromEntries(floats), { threads: 1 });
  const shape = [starts.length];
  const results = await program.run({
    ...data.feeds,
    starts: { data: starts, shape },
    owners: { data: data.ownersOf(starts), shape },
  });
  await program.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, values]) => [name.replace('given ', ''), [...values]]),
  );
}

const float = (values: readonly number[]): number[] => values.map(Math.fround);

describe('a sample', () => {
  const gappy = sine(40, { noise: 0.1 });
  for (const k of [3, 17, 18]) gappy[k] = Number.NaN;
  const plain = panelOf([gappy, sine(40, { level: 9 }), sine(15, { seed: 3 })]);
  const panel = { ...plain, exogenous: exogenousFor(plain, 4) };
  const weights = Float64Array.from(panel.y, (_, k) => k % 5);

  it('is the window, its gaps, its weights and all columns around it', async () => {
    const data = dataOf(panel, { weights });
    const { offsets } = panel;
    const chosen = [
      { i: 0, k: 14 },
      { i: 1, k: 0 },
      { i: 1, k: 20 },
    ];
    const starts = BigInt64Array.from(chosen, ({ i, k }) => BigInt(offsets[i]! + k));
    const given = await gatherAll(data, starts);
    const range = (values: ArrayLike<number>, from: number, to: number): number[] =>
      chosen.flatMap(({ i, k }) =>
        Array.from({ length: to - from }, (_, t) => values[offsets[i]! + k + from + t]!),
      );
    const y = Float64Array.from(panel.y, (value) => (Number.isNaN(value) ? 0 : value));
    const there = Float64Array.from(panel.y, (value) => (Number.isNaN(value) ? 0 : 1));
    expect(given['window']).toEqual(float(range(y, 0, 5)));
    expect(given['observed']).toEqual(range(there, 0, 5));
    expect(given['target']).toEqual(float(range(y, 5, 8)));
    const counted = there.map((one, k) => one * weights[k]!);
    expect(given['weights']).toEqual(range(counted, 5, 8));
    const { layout } = data;
    const [holiday, price] = layout.future;
    const columns = panel.exogenous.future.map(({ values }) => range(values, 0, 8));
    const future = columns[0]!.flatMap((value, k) => [
      (value - holiday!.level) / holiday!.spread,
      (columns[1]![k]! - price!.level) / price!.spread,
    ]);
    expect(given['future']).toEqual(float(future));
    const [visitors] = layout.historical;
    const historical = range(panel.exogenous.historical[0]!.values, 0, 5).map(
      (value) => (value - visitors!.level) / visitors!.spread,
    );
    expect(given['historical']).toEqual(float(historical));
    expect(given['categories']).toEqual([0, 1, 1]);
    const [area] = layout.static;
    expect(given['static']).toEqual(
      float([0, 10, 10].map((value) => (value - area!.level) / area!.spread)),
    );
  });

  it('of a multivariate network is all series at one time', async () => {
    const aligned = panelOf([sine(40), sine(40, { level: 5 }), sine(40, { level: 9 })]);
    const all = { ...aligned, exogenous: exogenousFor(aligned, 3) };
    const data = dataOf(all, { multivariate: true });
    const given = await gatherAll(data, BigInt64Array.of(2n, 7n));
    const expected = [2, 7].flatMap((start) =>
      [0, 1, 2].flatMap((c) => [...all.y.subarray(40 * c + start, 40 * c + start + 5)]),
    );
    expect(given['window']).toEqual(float(expected));
    expect(given['categories']).toEqual([0, 1, 2, 0, 1, 2]);
    expect(given['historical']!.slice(5, 10)).toEqual(given['historical']!.slice(0, 5));
    expect(data.layout).toMatchObject({ channels: 3, masked: false });
  });

  it('of all series needs them at the same times', () => {
    const panels = [panelOf([sine(40), sine(39)]), panelOf([sine(40), sine(40)])];
    const time = panels[1]!.time.slice();
    time[60]! += 0.5;
    for (const unaligned of [panels[0]!, { ...panels[1]!, time }]) {
      expect(() => dataOf(unaligned, { multivariate: true })).toThrowError(
        expect.objectContaining({ code: 'SERIES_NOT_ALIGNED' }),
      );
    }
  });

  it('of a short series begins before it, with at least one observation', async () => {
    const short = panelOf([sine(16, { level: 3 })]);
    const data = dataOf(short, { plan: { horizon, folds: [], trainStepsFromEnd: 10 } });
    expect(data.layout.masked).toBe(true);
    expect(data.training.count).toBe(3);
    const { window, observed, target } = await gatherAll(data, data.training.startsOf([0, 1, 2]));
    expect(observed).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1]);
    expect(window!.slice(10)).toEqual(float([0, 0, ...short.y.subarray(0, 3)]));
    expect(target!.slice(6)).toEqual(float([...short.y.subarray(3, 6)]));
    expect(
      dataOf(short, { plan: { horizon, folds: [], trainStepsFromEnd: 13 } }).training.count,
    ).toBe(0);
  });
});

describe('the index of samples', () => {
  it('holds each window with an observed value in look-back and horizon, once', () => {
    const gaps = fc.array(fc.boolean(), { minLength: 8, maxLength: 40 });
    fc.assert(
      fc.property(gaps, gaps, (one, other) => {
        const series = [one, other].map((there, i) => ({
          offset: i === 0 ? 0 : one.length,
          first: 0,
          end: there.length - 7,
          isObserved: (k: number) => there[k]!,
        }));
        const index = createSampleIndex(series, 5, 3);
        const expected = [one, other].flatMap((there, i) =>
          Array.from({ length: there.length - 7 }, (_, start) => start)
            .filter((start) => there.slice(start, start + 5).some(Boolean))
            .filter((start) => there.slice(start + 5, start + 8).some(Boolean))
            .map((start) => start + series[i]!.offset),
        );
        const all = Array.from({ length: index.count }, (_, k) => k);
        expect([...index.startsOf(all)].map(Number)).toEqual(expected);
      }),
    );
  });
});
