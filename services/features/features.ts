/** Features: the derived inputs of a panel, leak-proof, and figures of its series, as Parquet in the artifact store. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  calendarColumns,
  lagColumn,
  rollingColumns,
  type DerivedColumn,
} from '../../series/derived.ts';
import type { Panel } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import {
  appendNumbers,
  appendTexts,
  quoteName,
  quotePath,
  withDuckDB,
} from '../datasets/duckdb.ts';
import { profileSeries, type ProfileColumn } from './series-profile.ts';

/** A stored table; its address is the digest of its bytes, and those follow from its contents. */
export interface StoredTable {
  readonly uri: string;
  readonly columns: string[];
  readonly rows: number;
}

/** The stored inputs of every observation: `columns` are the derived ones, after `unique_id`, `ds` and `y`. */
export interface StoredFeatures extends StoredTable {
  /** Figures of every series, after `unique_id`. */
  readonly series: StoredTable;
}

/** What to derive. */
export interface FeatureRequest {
  /** Season length in steps, 1 if none. */
  readonly season: number;
  /** Last values of every series that its figures must not read; 0 if left out. */
  readonly stepsFromEnd?: number;
  /** Further figures of every series, such as of its spectrum: name to [series]. */
  readonly descriptors?: Readonly<Record<string, Float64Array>>;
}

export interface Features {
  /**
   * Derives, stores and names the inputs; the same panel and request give the same artifacts. Every value of a row is known
   * before its observation: the calendar, or values of earlier rows of the series. Errors as `Artifacts.put`.
   */
  build(panel: Panel, request: FeatureRequest): Promise<StoredFeatures>;
}

/** Features kept in `artifacts`. */
export function createFeatures({ artifacts }: { artifacts: Artifacts }): Features {
  return {
    async build(panel, { season, stepsFromEnd = 0, descriptors = {} }) {
      const derived = deriveColumns(panel, season);
      const given = Object.entries(descriptors).map(([name, values]) => ({ name, values }));
      const figures = [...profileSeries(panel, season, stepsFromEnd), ...given];
      assert(
        figures.every(({ values }) => values.length === panel.ids.length),
        'every descriptor has one figure a series',
      );
      const { observations, series } = await toParquet(panel, derived, figures);
      const names = (columns: readonly { readonly name: string }[]): string[] =>
        columns.map(({ name }) => name);
      const stored = { columns: names(derived), rows: panel.y.length };
      return {
        uri: await artifacts.put(observations),
        ...stored,
        series: {
          uri: await artifacts.put(series),
          columns: names(figures),
          rows: panel.ids.length,
        },
      };
    },
  };
}

/** Calendar positions, the last value, the last season's value, and rolling figures over one season. */
function deriveColumns(panel: Panel, season: number): DerivedColumn[] {
  const width = Math.max(season, 2);
  return [
    ...calendarColumns(panel),
    lagColumn(panel, 1),
    ...(season > 1 ? [lagColumn(panel, season)] : []),
    ...rollingColumns(panel, width),
  ];
}

interface Tables {
  readonly observations: Uint8Array;
  readonly series: Uint8Array;
}

/** One thread and a fixed order of rows make the bytes a function of the contents. */
async function toParquet(
  panel: Panel,
  derived: readonly DerivedColumn[],
  figures: readonly ProfileColumn[],
): Promise<Tables> {
  const folder = await mkdtemp(join(tmpdir(), 'agentic-forecast-features-'));
  try {
    return await withDuckDB(
      (connection) => fillAndCopy(connection, folder, panel, derived, figures),
      {
        threads: 1,
      },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fillAndCopy(
  connection: DuckDBConnection,
  folder: string,
  panel: Panel,
  derived: readonly DerivedColumn[],
  figures: readonly ProfileColumn[],
): Promise<Tables> {
  const places = new Float64Array(panel.y.length);
  for (let i = 0; i < panel.ids.length; i++) places.fill(i, panel.offsets[i], panel.offsets[i + 1]);
  await appendTexts(connection, 'ids', panel.ids);
  await appendNumbers(
    connection,
    'figures',
    figures.map(({ values }) => values),
    panel.ids.length,
  );
  const columns = [places, panel.time, panel.y, ...derived.map(({ values }) => values)];
  await appendNumbers(connection, 'observations', columns, panel.y.length);
  const named = (all: readonly { readonly name: string }[], first: number): string =>
    all.map(({ name }, k) => `${present(`c${first + k}`)} AS ${quoteName(name)}`).join(', ');
  const ds =
    panel.frequency.unit === 'index'
      ? 'CAST(c1 AS BIGINT)'
      : 'make_timestamp(CAST(c1 * 1000 AS BIGINT))';
  const write = async (name: string, select: string): Promise<Uint8Array> => {
    const path = join(folder, name);
    await connection.run(
      `COPY (${select}) TO ${quotePath(path)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    return readFile(path);
  };
  return {
    observations: await write(
      'observations.parquet',
      `SELECT ids.text AS unique_id, ${ds} AS ds, ${present('c2')} AS y, ${named(derived, 3)}
       FROM observations JOIN ids ON ids.rowid = c0 ORDER BY observations.rowid`,
    ),
    series: await write(
      'series.parquet',
      `SELECT ids.text AS unique_id, ${named(figures, 0)}
       FROM figures JOIN ids ON ids.rowid = figures.rowid ORDER BY ids.rowid`,
    ),
  };
}

/** In tables for others a missing value is NULL, not NaN. */
const present = (column: string): string => `if(isnan(${column}), NULL, ${column})`;
