/** Feature tables: what each column holds, that none looks ahead, and that normalisation is undone exactly. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeaturePlan } from '../../series/features/feature-plan.ts';
import {
  buildFeatureTable,
  forecastsOf,
  type RowSet,
  targetsOf,
} from '../../series/features/feature-table.ts';
import { createPanel, type Panel } from '../../series/panel.ts';
import { generate, normals, panelOf } from './make-panel.ts';

const plan: FeaturePlan = {
  lags: [1, 2, 5],
  changes: [1, 4],
  windows: [3, 6],
  seasons: [4, 7],
  seasonalLags: 2,
  smoothing: [0.5],
  expanding: true,
  calendar: 'numeric',
  position: true,
  step: true,
  size: true,
  exogenous: { future: [], historical: [], static: [], categories: [], lags: [] },
  normalisation: { logarithm: false, baseline: 'zero', scale: 'none', window: 4, season: 4 },
};

const baselines = ['zero', 'mean', 'last', 'seasonal'] as const;
const scales = ['none', 'level', 'deviation', 'change'] as const;

const rowsOf = (rows: readonly (readonly [number, number, number])[]): RowSet => ({
  series: Uint32Array.from(rows, ([series]) => series),
  origins: Int32Array.from(rows, ([, origin]) => origin),
  steps: Int32Array.from(rows, ([, , step]) => step),
});

/** The first row of a table by column. */
function rowOf(
  panel: Panel,
  own: Partial<FeaturePlan>,
  row: readonly [number, number, number],
): Record<string, number> {
  const { table } = buildFeatureTable({ panel }, { ...plan, ...own }, rowsOf([row]));
  return Object.fromEntries(table.columns.map(({ name, values }) => [name, values[0]!]));
}

/** A panel with a column of each kind. */
function withColumns(panel: Panel, stepsAhead: number): Panel {
  const { ids, y } = panel;
  return createPanel({
    ...panel,
    exogenous: {
      stepsAhead,
      future: [
        {
          name: 'price',
          values: y.map((_, t) => 100 + t),
          ahead: Float64Array.from({ length: ids.length * stepsAhead }, (_, k) => 900 + k),
        },
      ],
      historical: [{ name: 'visits', values: y.map((_, t) => 500 + t) }],
      static: [{ name: 'area', values: Float64Array.from(ids, (_, i) => 10 + i) }],
      categories: [
        { name: 'region', labels: ['east', 'west'], codes: Uint32Array.from(ids, (_, i) => i) },
      ],
    },
  });
}

const exogenous: FeaturePlan['exogenous'] = {
  future: ['price'],
  historical: ['visits'],
  static: ['area'],
  categories: [{ name: 'region', labels: ['west', 'east'] }],
  lags: [2],
};

describe('features of the history', () => {
  // 0, 1, 4, 9, ..., and the row looks from 12 at position 14.
  const panel = panelOf([generate(20, (t) => t * t)]);
  const row = rowOf(panel, {}, [0, 12, 3]);

  it('are lags counted from the origin and changes over spans', () => {
    expect(row).toMatchObject({ lag_1: 121, lag_2: 100, lag_5: 49 });
    expect(row).toMatchObject({ change_1_lag_1: 21, change_4_lag_2: 100 - 36 });
    // (64 + 81 + 100 + 121) / 4 - (16 + 25 + 36 + 49) / 4
    expect(row['change_4_mean']).toBeCloseTo(60, 12);
  });

  it('are the last known values at the position of the target in each season', () => {
    expect(row).toMatchObject({ season_4_lag_1: 100, season_4_lag_2: 36, season_4_mean: 68 });
    expect(row).toMatchObject({ season_7_lag_1: 49, season_7_lag_2: 0, season_7_mean: 24.5 });
  });

  it('are statistics of windows that end at the origin', () => {
    const mean = (81 + 100 + 121) / 3;
    const variance = ((81 - mean) ** 2 + (100 - mean) ** 2 + (121 - mean) ** 2) / 3;
    expect(row['mean_3']).toBeCloseTo(mean, 12);
    expect(row['deviation_3']).toBeCloseTo(Math.sqrt(variance), 12);
    expect(row).toMatchObject({ minimum_6: 36, maximum_6: 121 });
    expect(row['mean_of_all']).toBeCloseTo(506 / 12, 12);
  });

  it('weigh values by powers in an exponentially weighted mean', () => {
    let sum = 0;
    let weights = 0;
    for (let k = 0; k < 12; k++) {
      sum += 0.5 ** k * (11 - k) ** 2;
      weights += 0.5 ** k;
    }
    expect(row['smoothed_0.5']).toBeCloseTo(sum / weights, 9);
  });

  it('leave out missing values, and are missing where nothing is known', () => {
    const gappy = panelOf([[1, Number.NaN, 3, Number.NaN, 5, 6]]);
    const found = rowOf(gappy, {}, [0, 4, 1]);
    expect(found).toMatchObject({ lag_1: Number.NaN, lag_2: 3, lag_5: Number.NaN });
    expect(found).toMatchObject({
      mean_3: 3,
      minimum_6: 1,
      mean_of_all: 2,
      season_7_lag_1: Number.NaN,
    });
  });
});

describe('features of the target', () => {
  it('are its place in the calendar, beyond the end of the series too', () => {
    // Monday, 6 January 2020 and on; position 33 is Saturday, 8 February.
    const panel = panelOf([generate(30, (t) => t)]);
    expect(rowOf(panel, {}, [0, 30, 4])).toMatchObject({
      day_of_week: 5,
      day_of_month: 8,
      day_of_year: 39,
      month: 1,
      position: 33,
      step: 4,
    });
    expect(rowOf(panel, {}, [0, 3, 1])).toMatchObject({ day_of_week: 3, day_of_month: 9 });
  });

  it('are categories of few values where the calendar is asked for so', () => {
    const panel = panelOf([generate(30, (t) => t)], 'h');
    const { table } = buildFeatureTable(
      { panel },
      { ...plan, calendar: 'categorical' },
      rowsOf([[0, 26, 1]]),
    );
    const found = table.columns.filter(({ categories }) => categories !== undefined);
    expect(found.map(({ name, categories, values }) => [name, categories, values[0]])).toEqual([
      ['hour', 24, 2],
      ['day_of_week', 7, 1],
    ]);
  });

  it('are exogenous columns: future ones at its time, historical ones at the origin, codes by label', () => {
    const panel = withColumns(panelOf([generate(10, (t) => t), generate(10, (t) => t)]), 4);
    expect(rowOf(panel, { exogenous }, [1, 6, 2])).toMatchObject({
      price: 117,
      price_lag_2: 115,
      visits: 515,
      visits_lag_2: 513,
      area: 11,
      region: 2,
    });
    expect(rowOf(panel, { exogenous }, [1, 10, 4])).toMatchObject({ price: 907, price_lag_2: 905 });
    expect(rowOf(panel, { exogenous }, [0, 10, 1])).toMatchObject({ price: 900, region: 0 });
  });
});

describe('a row', () => {
  it('is the same whatever comes at or after its origin', () => {
    const scenario = fc.record({
      values: fc.array(
        fc.oneof(fc.double({ min: -50, max: 50, noNaN: true }), fc.constant(Number.NaN)),
        {
          minLength: 2,
          maxLength: 40,
        },
      ),
      later: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      origin: fc.double({ min: 0, max: 1, noNaN: true }),
      step: fc.integer({ min: 1, max: 9 }),
      baseline: fc.constantFrom(...baselines),
      scale: fc.constantFrom(...scales),
      logarithm: fc.boolean(),
    });
    fc.assert(
      fc.property(scenario, ({ values, later, origin: share, step, ...normalisation }) => {
        const origin = 1 + Math.floor(share * (values.length - 1));
        const own = { exogenous, normalisation: { ...plan.normalisation, ...normalisation } };
        const build = (change: (value: number, t: number) => number) => {
          const panel = withColumns(panelOf([values]), 50);
          const [visits] = panel.exogenous!.historical;
          return buildFeatureTable(
            {
              panel: {
                ...panel,
                y: panel.y.map(change),
                exogenous: {
                  ...panel.exogenous!,
                  historical: [{ ...visits!, values: visits!.values.map(change) }],
                },
              },
            },
            { ...plan, ...own },
            rowsOf([[0, origin, step]]),
          );
        };
        const known = build((value) => value);
        const changed = build((value, t) => (t >= origin ? later : value));
        expect(changed).toEqual(known);
      }),
      { numRuns: 200 },
    );
  });

  it('is the same alone as among others', () => {
    const normal = normals(3);
    const panel = panelOf([generate(40, normal), generate(25, normal)]);
    const rows = [
      [0, 3, 1],
      [0, 3, 2],
      [0, 9, 1],
      [0, 30, 4],
      [1, 2, 1],
      [1, 20, 3],
    ] as const;
    const own = {
      ...plan,
      normalisation: { ...plan.normalisation, baseline: 'seasonal', scale: 'change' },
    } as const;
    const together = buildFeatureTable({ panel }, own, rowsOf(rows));
    for (const [r, row] of rows.entries()) {
      const alone = buildFeatureTable({ panel }, own, rowsOf([row]));
      expect(alone.table.columns.map(({ values }) => values[0])).toEqual(
        together.table.columns.map(({ values }) => values[r]),
      );
    }
  });
});

describe('normalisation', () => {
  it.each(baselines.flatMap((baseline) => scales.map((scale) => [baseline, scale] as const)))(
    'by %s and %s is undone, with and without logarithms',
    (baseline, scale) => {
      const normal = normals(5);
      const positive = generate(60, () => 1000 * Math.exp(normal()));
      const panel = panelOf([positive, generate(60, () => 3e-7 * normal()), generate(60, () => 7)]);
      const rows = rowsOf(
        [0, 1, 2].flatMap((i) =>
          [1, 2, 13, 40].flatMap((origin) => [1, 6].map((step) => [i, origin, step] as const)),
        ),
      );
      for (const logarithm of [false, true]) {
        const own = {
          ...plan,
          normalisation: { ...plan.normalisation, baseline, scale, logarithm },
        };
        const features = buildFeatureTable({ panel }, own, rows);
        const targets = targetsOf(panel, rows, features);
        const values = forecastsOf(targets, features);
        for (let r = 0; r < values.length; r++) {
          const actual =
            panel.y[panel.offsets[rows.series[r]!]! + rows.origins[r]! + rows.steps[r]! - 1]!;
          const missing = features.logarithmic[r] === 1 && actual <= 0;
          const allowed =
            1e-11 * Math.abs(features.baseline[r]! * features.scale[r]!) + 1e-9 * Math.abs(actual);
          expect(Number.isNaN(targets[r]!)).toBe(missing);
          expect(missing || Math.abs(values[r]! - actual) <= allowed).toBe(true);
        }
      }
    },
  );

  it('takes a first and a seasonal difference', () => {
    const panel = panelOf([generate(20, (t) => t * t)]);
    const rows = rowsOf([
      [0, 12, 1],
      [0, 12, 6],
    ]);
    const targets = (baseline: 'last' | 'seasonal'): number[] => {
      const own = { ...plan, normalisation: { ...plan.normalisation, baseline } };
      return [...targetsOf(panel, rows, buildFeatureTable({ panel }, own, rows))];
    };
    expect(targets('last')).toEqual([144 - 121, 289 - 121]);
    expect(targets('seasonal')).toEqual([144 - 64, 289 - 81]);
  });

  it('makes rows of a series that is moved and stretched the same', () => {
    const normal = normals(9);
    const values = generate(50, (t) => Math.sin(t) + 0.1 * normal());
    const panel = panelOf([values, values.map((value) => 5e6 + 2000 * value)]);
    for (const baseline of ['mean', 'last', 'seasonal'] as const) {
      for (const scale of ['deviation', 'change'] as const) {
        const own = {
          ...plan,
          size: false,
          normalisation: { ...plan.normalisation, baseline, scale },
        };
        const rows = rowsOf([
          [0, 30, 2],
          [1, 30, 2],
        ]);
        const features = buildFeatureTable({ panel }, own, rows);
        for (const {
          values: [first, second],
        } of features.table.columns)
          expect(second).toBeCloseTo(first!, 5);
        const [first, second] = targetsOf(panel, rows, features);
        expect(second).toBeCloseTo(first!, 5);
      }
    }
  });

  it('stays finite for constant, tiny and huge series', () => {
    const shapes = [0, 1e-300, 1e300, -1e300].map((size) =>
      generate(30, (t) => size * (1 + (t % 3))),
    );
    const panel = panelOf([...shapes, generate(30, () => 4)]);
    for (const baseline of baselines) {
      for (const scale of scales) {
        const own = { ...plan, normalisation: { ...plan.normalisation, baseline, scale } };
        const rows = rowsOf(panel.ids.map((_, i) => [i, 20, 1] as const));
        const features = buildFeatureTable({ panel }, own, rows);
        expect(features.scale.every((value) => value > 0 && value < Infinity)).toBe(true);
        expect(features.baseline.every(Number.isFinite)).toBe(true);
        expect(features.table.columns.flatMap(({ values }) => [...values]).includes(Infinity)).toBe(
          false,
        );
      }
    }
  });
});
