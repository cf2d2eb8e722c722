/** Tests of features: no leak, by definition, the same bytes every time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import { quoteName, quotePath, readText, withDuckDB } from '../../../services/datasets/duckdb.ts';
import { createFeatures } from '../../../services/features/features.ts';
import { strengths } from '../../../services/features/series-profile.ts';
import type { Panel } from '../../../series/panel.ts';
import { generate, normals, panelOf } from '../../series/make-panel.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder('features');
const artifacts = createLocalArtifacts(folder);
const features = createFeatures({ artifacts });

async function readTable(uri: string, columns: readonly string[]): Promise<(number | null)[][]> {
  const path = await artifacts.localPath(uri);
  const rows = await withDuckDB((connection) =>
    readText(
      connection,
      `SELECT ${columns.map((name) => `format('{}', ${quoteName(name)})`).join(', ')} FROM read_parquet(${quotePath(path)})`,
    ),
  );
  return rows.map((row) => row.map((cell) => (cell === null ? null : Number(cell))));
}

const noise = normals(3);
const wave = (length: number, season: number): Float64Array =>
  generate(length, (t) => 10 + Math.sin((2 * Math.PI * t) / season) + 0.1 * noise());

describe('derived inputs', () => {
  it('of a row never depend on its own value or a later one', async () => {
    const arbitrary = fc.tuple(
      fc.array(fc.integer({ min: 5, max: 30 }), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(1, 2, 7),
      fc.nat(),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    );
    await fc.assert(
      fc.asyncProperty(arbitrary, async ([lengths, season, place, change]) => {
        const panel = panelOf(lengths.map((length) => generate(length, (t) => Math.sin(t * t))));
        const from = place % panel.y.length;
        const series = panel.offsets.findLastIndex((offset) => offset <= from);
        const end = panel.offsets[series + 1]!;
        const y = panel.y.map((value, k) => (k >= from && k < end ? change + k : value));
        const before = await features.build(panel, { season });
        const after = await features.build({ ...panel, y }, { season });
        const rows = await readTable(before.uri, before.columns);
        const changed = await readTable(after.uri, after.columns);
        const untouched = (_: unknown, k: number): boolean => k <= from || k >= end;
        expect(changed.filter(untouched)).toEqual(rows.filter(untouched));
      }),
      { numRuns: 12 },
    );
  });

  it('are the calendar, the last values and rolling figures, by definition', async () => {
    const panel = panelOf([generate(30, (t) => t * t), generate(12, (t) => -t)]);
    const { uri, columns, rows } = await features.build(panel, { season: 7 });
    expect(rows).toBe(42);
    const table = await readTable(uri, ['y', ...columns]);
    const at = (row: number, name: string): number | null =>
      table[row]![columns.indexOf(name) + 1]!;
    expect(at(20, 'lag_1')).toBe(19 * 19);
    expect(at(20, 'lag_7')).toBe(13 * 13);
    const week = Array.from({ length: 7 }, (_, k) => (13 + k) ** 2);
    const average = week.reduce((sum, value) => sum + value, 0) / 7;
    expect(at(20, 'rolling_mean_7')).toBeCloseTo(average, 9);
    const squares = week.reduce((sum, value) => sum + (value - average) ** 2, 0);
    expect(at(20, 'rolling_deviation_7')).toBeCloseTo(Math.sqrt(squares / 7), 9);
    // 2020-01-06 was a Monday, where the week begins.
    expect(at(0, 'day_of_week_sin')).toBe(0);
    expect(at(0, 'day_of_week_cos')).toBe(1);
    // The second series begins without a past.
    expect([at(0, 'lag_1'), at(30, 'lag_1'), at(36, 'lag_7')]).toEqual([null, null, null]);
    expect(at(31, 'lag_1')).toBe(-0);
  });

  it('fit the frequency', async () => {
    const named = async (frequency: string): Promise<string> =>
      (await features.build(panelOf([wave(30, 4)], frequency), { season: 4 })).columns.join(' ');
    expect(await named('h')).toContain('hour_of_day_sin');
    expect(await named('MS')).toContain('month_of_year_cos');
    expect(await named('MS')).not.toContain('day_of_week');
    expect(await named('index')).toBe('lag_1 lag_4 rolling_mean_4 rolling_deviation_4');
  });

  it('keep ids, times and the order of rows', async () => {
    const panel: Panel = { ...panelOf([wave(5, 2), wave(4, 2)]), ids: ['it"s, one', "and 'two'"] };
    const { uri } = await features.build(panel, { season: 2 });
    const path = await artifacts.localPath(uri);
    const rows = await withDuckDB((connection) =>
      readText(connection, `SELECT unique_id, epoch_ms(ds) FROM read_parquet(${quotePath(path)})`),
    );
    expect(rows.map(([id]) => id)).toEqual([
      ...Array.from({ length: 5 }, () => 'it"s, one'),
      ...Array.from({ length: 4 }, () => "and 'two'"),
    ]);
    expect(rows.map(([, ms]) => Number(ms))).toEqual([...panel.time]);
  });

  it('of equal panels are the same artifacts, byte for byte', async () => {
    const panel = panelOf(Array.from({ length: 40 }, () => wave(200, 7)));
    const copy: Panel = { ...panel, y: panel.y.slice(), time: panel.time.slice() };
    const request = { season: 7, descriptors: { entropy: generate(40, (i) => i / 40) } };
    expect(await features.build(copy, request)).toEqual(await features.build(panel, request));
  });
});

describe('figures of series', () => {
  it('are computed from the history that may be read, beside those of the caller', async () => {
    const series = [Float64Array.of(0, 2, 0, 4, 100), Float64Array.of(5, 5, 5)];
    const descriptors = { entropy: Float64Array.of(0.25, 0.5) };
    const built = await features.build(panelOf(series), {
      season: 1,
      stepsFromEnd: 1,
      descriptors,
    });
    expect(built.series.rows).toBe(2);
    const [first, second] = await readTable(built.series.uri, built.series.columns);
    const figure = (row: (number | null)[], name: string): number | null =>
      row[built.series.columns.indexOf(name)]!;
    expect(figure(first!, 'length')).toBe(4);
    expect(figure(first!, 'mean')).toBe(1.5);
    expect(figure(first!, 'deviation')).toBeCloseTo(Math.sqrt(11 / 3), 12);
    expect(figure(first!, 'zero_share')).toBe(0.5);
    expect(figure(first!, 'trend_strength')).toBeNull();
    expect([figure(first!, 'entropy'), figure(second!, 'entropy')]).toEqual([0.25, 0.5]);
    expect(figure(second!, 'deviation')).toBe(0);
  });

  it('tell trend from season from noise', () => {
    const line = generate(120, (t) => t);
    expect(strengths(line, 12).trend).toBeCloseTo(1, 6);
    const season = generate(120, (t) => Math.sin((2 * Math.PI * t) / 12));
    expect(strengths(season, 12).seasonal).toBeCloseTo(1, 6);
    expect(strengths(season, 12).trend).toBeLessThan(0.5);
    const random = generate(600, noise);
    expect(strengths(random, 12).seasonal).toBeLessThan(0.3);
    expect(strengths(random, 12).trend).toBeLessThan(0.3);
    expect(
      strengths(
        generate(60, () => 3),
        12,
      ),
    ).toEqual({ trend: 0, seasonal: 0 });
    expect(strengths(line.subarray(0, 23), 12).trend).toBeNaN();
  });
});
