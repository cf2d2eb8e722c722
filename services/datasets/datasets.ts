/** Datasets: reads a file of series in any of the known formats and layouts into a panel, checked and repaired. */
import { parseFrequency } from '../../series/frequency.ts';
import type { Panel } from '../../series/panel.ts';
import type { RunRequest } from '../../state/request.ts';
import { fail, isForecastError } from '../../state/errors.ts';
import { buildPanel } from './build-panel.ts';
import { withDuckDB } from './duckdb.ts';
import { formatOf } from './file-format.ts';
import { checkGzip, checkInputFile, digestFile } from './input-file.ts';
import { detectLayout, type DistinctShare, type Layout } from './layout.ts';
import type { OpenFile } from './open-file.ts';
import { readSeries } from './raw-series.ts';
import { mapReadError } from './read-errors.ts';
import { checkZstd } from './zstd-frames.ts';
import { createRepairLog, type Repair } from './repair-log.ts';
import { openSource } from './source.ts';
import { readText } from './duckdb.ts';

export type { Repair, RepairKind } from './repair-log.ts';

/** What was read, and how. */
export interface LoadedData {
  readonly panel: Panel;
  /** Every repair and remark, one entry a kind. */
  readonly repairs: readonly Repair[];
  readonly layout: Layout['kind'];
  /** The columns that were used; no time where positions or dates are the header itself. */
  readonly columns: {
    readonly id: readonly string[];
    readonly time: string | null;
    readonly target: readonly string[];
  };
  /** SHA-256 of the file: `sha256:<64 hex digits>`. */
  readonly digest: string;
}

export type LoadRequest = Pick<RunRequest, 'data' | 'frequency' | 'id' | 'time' | 'target'>;

export interface Datasets {
  /** SHA-256 of the file as `sha256:<64 hex digits>`. Errors: INPUT_NOT_FOUND, INPUT_IS_FOLDER, INPUT_EMPTY, INPUT_UNREADABLE. */
  digest(path: string): Promise<string>;
  /**
   * The panel of `request.data`; columns that the request leaves out are recognised. Errors: INPUT_*, COLUMN_MISSING,
   * COLUMNS_UNDETECTED, TIME_UNREADABLE, TARGET_NOT_NUMERIC, NO_USABLE_SERIES, FREQUENCY_UNKNOWN,
   * FREQUENCY_UNDETECTED, OPTION_INVALID.
   */
  load(request: LoadRequest): Promise<LoadedData>;
}

/** Datasets over local files; each load has a DuckDB of its own, in memory. */
export function createDatasets(): Datasets {
  return { digest: digestFile, load };
}

async function load(request: LoadRequest): Promise<LoadedData> {
  const path = request.data;
  const frequency = request.frequency === undefined ? undefined : parseFrequency(request.frequency);
  await checkInputFile(path);
  const format = formatOf(path);
  const digest = await digestFile(path);
  if (format.compression === 'gzip') await checkGzip(path);
  if (format.compression === 'zstd') await checkZstd(path);
  const log = createRepairLog();
  const { raw, layout } = await withDuckDB(async (connection) => {
    const source = await openSource(connection, path, format);
    const [row] = await readText(connection, `SELECT 1 FROM ${source.relation} LIMIT 1`);
    if (row === undefined) fail('INPUT_EMPTY', { path, what: 'a header and no rows' });
    const file: OpenFile = { path, connection, source, log };
    const layout = await detectLayout(source.columns, request, distinctShareIn(file));
    return { layout, raw: await readSeries(file, layout) };
  }).catch((error: unknown) => {
    if (isForecastError(error)) throw error;
    return mapReadError(path, error);
  });
  const panel = await buildPanel(path, raw, frequency, log);
  return { panel, repairs: log.list(), layout: layout.kind, columns: columnsOf(layout), digest };
}

function distinctShareIn({ connection, source }: OpenFile): DistinctShare {
  return async (columns) => {
    const key = columns.map(({ text }) => text).join(', ');
    const [row] = await readText(
      connection,
      `SELECT count(DISTINCT (${key})) / count(*) FROM ${source.relation} WHERE ${columns[0]!.text} IS NOT NULL`,
    );
    return Number(row![0]);
  };
}

function columnsOf(layout: Layout): LoadedData['columns'] {
  const names = (columns: readonly { readonly name: string }[]): string[] =>
    columns.map(({ name }) => name);
  if (layout.kind === 'wide') {
    return { id: [], time: layout.time.name, target: names(layout.targets) };
  }
  if (layout.kind === 'rows') return { id: names(layout.ids), time: null, target: [] };
  return { id: names(layout.ids), time: layout.time.name, target: [layout.target.name] };
}
