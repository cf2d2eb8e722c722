/** Tests of exogenous columns of a panel: they stay with their series and their times whatever is made of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkExogenous,
  qualifiedNames,
  type Exogenous,
  type SeriesPart,
} from '../../series/exogenous.ts';
import { createPanel, seriesTimes, takeSeries, type Panel } from '../../series/panel.ts';
import { applyRecipe } from '../../series/recipe.ts';
import { recipes } from '../../state/run-state.ts';
import { panelOf } from './make-panel.ts';

const stepsAhead = 2;

/** Every value says where it belongs: series * 1000 + position, from the end on in the columns' steps ahead. */
function markedPanel(lengths: readonly number[]): Panel {
  const panel = panelOf(lengths.map((length) => Array.from({ length }, (_, k) => k * k + 1)));
  const marks = lengths.flatMap((length, i) => Array.from({ length }, (_, k) => 1000 * i + k));
  const ahead = lengths.flatMap((length, i) => [1000 * i + length, 1000 * i + length + 1]);
  const values = Float64Array.from(marks);
  const each = Float64Array.from(lengths, (_, i) => i);
  return createPanel({
    ...panel,
    exogenous: {
      stepsAhead,
      future: [{ name: 'price', values, ahead: Float64Array.from(ahead) }],
      historical: [{ name: 'rain', values: values.map((value) => 5000 - value) }],
      static: [{ name: 'size', values: each }],
      categories: [
        {
          name: 'kind',
          labels: lengths.map((_, i) => `kind ${i}`),
          codes: Uint32Array.from(each, (i) => i + 1),
        },
      ],
    },
  });
}

/** What each series has, with the position of its first observation in the series it came from. */
function expectMarks(
  panel: Panel,
  lengths: readonly number[],
  origins: readonly SeriesPart[],
): void {
  const { future, historical, static: fixed, categories } = panel.exogenous!;
  for (const [k, { series, skip }] of origins.entries()) {
    const [from, to] = [panel.offsets[k]!, panel.offsets[k + 1]!];
    const marks = Array.from({ length: to - from }, (_, t) => 1000 * series + skip + t);
    const end = 1000 * series + lengths[series]!;
    expect([...future[0]!.values.subarray(from, to)]).toEqual(marks);
    expect([...historical[0]!.values.subarray(from, to)]).toEqual(marks.map((mark) => 5000 - mark));
    expect([...future[0]!.ahead.subarray(2 * k, 2 * k + 2)]).toEqual([end, end + 1]);
    expect(fixed[0]!.values[k]).toBe(series);
    expect(categories[0]!.labels[categories[0]!.codes[k]! - 1]).toBe(`kind ${series}`);
  }
}

const lengthsOf = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

describe('exogenous columns', () => {
  it('go with the series that are taken, in any order, and lose the observations that are left out', () => {
    fc.assert(
      fc.property(lengthsOf, fc.infiniteStream(fc.nat(4)), (lengths, numbers) => {
        const panel = markedPanel(lengths);
        const next = (): number => numbers.next().value as number;
        const parts = lengths.map(() => ({ series: next() % lengths.length, skip: next() }));
        const taken = takeSeries(panel, parts);
        expectMarks(taken, lengths, parts);
        for (const [k, { series, skip }] of parts.entries()) {
          expect(taken.ids[k]).toBe(panel.ids[series]);
          expect(seriesTimes(taken, k)).toEqual(seriesTimes(panel, series).slice(skip));
        }
      }),
    );
  });

  it('stay at their times under every treatment of the target', () => {
    fc.assert(
      fc.property(lengthsOf, fc.integer({ min: 1, max: 4 }), (lengths, season) => {
        for (const recipe of recipes) {
          const treated = applyRecipe(markedPanel(lengths), recipe, season);
          const skip = recipe === 'seasonal-difference' ? season : 0;
          expectMarks(
            treated,
            lengths,
            lengths.map((_, series) => ({ series, skip })),
          );
        }
      }),
    );
  });

  it('are named by kind', () => {
    const { exogenous } = markedPanel([2]);
    expect(qualifiedNames(exogenous!)).toEqual([
      'future:price',
      'historical:rain',
      'static:size',
      'categories:kind',
    ]);
    expect(qualifiedNames(exogenous!, ['static', 'future'])).toEqual([
      'future:price',
      'static:size',
    ]);
  });

  it.each<readonly [string, (exogenous: Exogenous) => Partial<Exogenous>]>([
    [
      'one value an observation',
      ({ historical }) => ({ historical: [{ ...historical[0]!, values: new Float64Array(1) }] }),
    ],
    ['one value a step ahead', () => ({ stepsAhead: 3 })],
    ['one value a series', () => ({ static: [{ name: 'x', values: new Float64Array(9) }] })],
    [
      'one code a series',
      ({ categories }) => ({ categories: [{ ...categories[0]!, codes: new Uint32Array(9) }] }),
    ],
    [
      'a label for every code',
      ({ categories }) => ({ categories: [{ ...categories[0]!, labels: [] }] }),
    ],
    ['one name', () => ({ static: [{ name: 'rain', values: new Float64Array(2) }] })],
  ])('have %s', (rule, broken) => {
    const panel = markedPanel([3, 2]);
    const exogenous = { ...panel.exogenous!, ...broken(panel.exogenous!) };
    expect(() => checkExogenous(exogenous, 2, 5)).toThrow(rule);
    expect(() => createPanel({ ...panel, exogenous })).toThrow(rule);
  });
});
