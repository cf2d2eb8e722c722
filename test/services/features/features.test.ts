/** Features: nothing of the present or the future leaks into a row. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { calendarColumns, lagColumn, rollingColumns } from '../../../series/derived.ts';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import { quotePath, readText, withDuckDB } from '../../../services/datasets/duckdb.ts';
import { createFeatures } from '../../../services/features/features.ts';
import { panelOf } from '../../series/make-panel.ts';

const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('derived columns', () => {
  it('never change at or before a moment when values from that moment on change', () => {
    const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), {
      minLength: 12,
      maxLength: 30,
    });
    fc.assert(
      fc.property(values, fc.nat(), fc.integer({ min: 1, max: 5 }), (series, seed, width) => {
        const from = seed % series.length;
        const changed = series.map((value, t) => (t >= from ? value + 1000 : value));
        const derive = (y: number[]) => {
          const panel = panelOf([y]);
          return [lagColumn(panel, width), ...rollingColumns(panel, width + 1)];
        };
        const before = derive(series);
        const after = derive(changed);
        for (const [c, column] of before.entries()) {
          expect(after[c]!.values.slice(0, from + 1)).toEqual(column.values.slice(0, from + 1));
        }
      }),
    );
  });
  it('never reach into the series before', () => {
    const panel = panelOf([
      [100, 100, 100],
      [1, 2, 3],
    ]);
    expect([...lagColumn(panel, 1).values]).toEqual([NaN, 100, 100, NaN, 1, 2]);
    expect([...rollingColumns(panel, 2)[0]!.values]).toEqual([NaN, NaN, 100, NaN, NaN, 1.5]);
  });
  it('repeat with the calendar', () => {
    const week = calendarColumns(panelOf([Array.from({ length: 15 }, () => 0)])).find(
      ({ name }) => name === 'day_of_week_sin',
    )!;
    expect(week.values[8]).toBeCloseTo(week.values[1]!, 12);
    expect(week.values[1]).not.toBeCloseTo(week.values[2]!, 3);
  });
});

describe('the feature store', () => {
  it('keeps one row an observation, under an address that follows from the contents', async () => {
    const artifacts = createLocalArtifacts(folder);
    const features = createFeatures({ artifacts });
    const panel = panelOf([
      [3, 1, 4, 1, 5, 9, 2, 6],
      [5, 3, 5],
    ]);
    const stored = await features.build(panel, { season: 2 });
    expect((await features.build(panel, { season: 2 })).uri).toBe(stored.uri);
    expect(
      (
        await features.build(
          panelOf([
            [3, 1, 4, 1, 5, 9, 2, 7],
            [5, 3, 5],
          ]),
          { season: 2 },
        )
      ).uri,
    ).not.toBe(stored.uri);
    expect(stored.rows).toBe(11);
    const path = await artifacts.localPath(stored.uri);
    const rows = await withDuckDB((connection) =>
      readText(
        connection,
        `SELECT unique_id, ds::DATE::VARCHAR, y, lag_1, lag_2 FROM read_parquet(${quotePath(path)})`,
      ),
    );
    expect(rows).toHaveLength(11);
    expect(rows[2]).toEqual(
      ['s0', '2020-01-08', '4.0', '1.0', '3.0'].map((cell, k) =>
        k < 2 ? cell : String(Number(cell)),
      ),
    );
    expect(rows[8]).toEqual(['s1', '2020-01-06', '5', null, null]);
  });
});
