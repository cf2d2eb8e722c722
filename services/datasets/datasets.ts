/** Datasets: reads a file of series in any of the known formats and layouts into a panel, checked and repaired. */
import { parseFrequency } from '../../series/frequency.ts';
import type { Panel } from '../../series/panel.ts';
import type { NamedExogenous, RunRequest } from '../../state/request.ts';
import { fail, isForecastError } from '../../state/errors.ts';
import { buildPanel } from './build-panel.ts';
import { shownNames } from './cell-text.ts';
import { readText, withDuckDB } from './duckdb.ts';
import { joinFuture } from './future-file.ts';
import { gatherPeriods } from './gathered-periods.ts';
import { checkFormat, digestFile } from './input-file.ts';
import { rowNumbers } from './joined-time.ts';
import { type Census, detectLayout, type Layout, mayBeTarget } from './layout.ts';
import { checkExogenous, findExogenous } from './named-exogenous.ts';
import type { OpenFile } from './open-file.ts';
import { readSeries, type RawSeries } from './raw-series.ts';
import { mapReadError } from './read-errors.ts';
import { createRepairLog, type Repair } from './repair-log.ts';
import { openSource, type SourceColumn } from './source.ts';
import { wordOf } from './usual-names.ts';

export type { Repair, RepairKind } from './repair-log.ts';

/** What was read, and how. */
export interface LoadedData {
  readonly panel: Panel;
  /** Every repair and remark, one entry a kind. */
  readonly repairs: readonly Repair[];
  readonly layout: Layout['kind'];
  /** The columns that were used; no time where positions or dates are the header itself, or none is told. */
  readonly columns: {
    readonly id: readonly string[];
    readonly time: string | null;
    readonly target: readonly string[];
  };
  /** SHA-256 of the file: `sha256:<64 hex digits>`. */
  readonly digest: string;
}

/** What is read, and for how many steps the future columns must be known; none if the horizon is left out. */
export type LoadRequest = Pick<RunRequest, 'data' | 'frequency' | 'id' | 'time' | 'target'> &
  NamedExogenous &
  Partial<Pick<RunRequest, 'horizon'>>;

export interface Datasets {
  /** SHA-256 of the file as `sha256:<64 hex digits>`. Errors: INPUT_NOT_FOUND, INPUT_IS_FOLDER, INPUT_EMPTY, INPUT_UNREADABLE. */
  digest(path: string): Promise<string>;
  /**
   * The panel of `request.data`; columns that the request leaves out are recognised. Errors: INPUT_*, COLUMN_MISSING,
   * COLUMNS_UNDETECTED, TIME_UNREADABLE, TARGET_NOT_NUMERIC, NO_USABLE_SERIES, FREQUENCY_UNKNOWN,
   * FREQUENCY_UNDETECTED, OPTION_INVALID; of exogenous columns EXOGENOUS_UNREADABLE, EXOGENOUS_EMPTY, STATIC_CHANGES
   * and FUTURE_MISSING.
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
  const format = await checkFormat(path);
  const digest = await digestFile(path);
  const log = createRepairLog();
  const { raw, layout } = await withDuckDB(async (connection) => {
    const source = await openSource(connection, path, format);
    const [row] = await readText(connection, `SELECT 1 FROM ${source.relation} LIMIT 1`);
    if (row === undefined) fail('INPUT_EMPTY', { path, what: 'a header and no rows' });
    return readFile({ path, connection, source, log }, request);
  }).catch((error: unknown) => {
    if (isForecastError(error)) throw error;
    return mapReadError(path, error);
  });
  const panel = await buildPanel(path, raw, { frequency, horizon: request.horizon ?? 0 }, log);
  return { panel, repairs: log.list(), layout: layout.kind, columns: columnsOf(layout), digest };
}

async function readFile(
  opened: OpenFile,
  request: LoadRequest,
): Promise<{ readonly layout: Layout; readonly raw: RawSeries }> {
  const file = await gatherPeriods(opened, namedIn(request));
  const { columns } = file.source;
  const exogenous = findExogenous(columns, request);
  const others = exogenous.map(({ column }) => column);
  const layout = await detectLayout(columns, { ...request, others }, censusOf(file));
  noteReading(file, layout, others);
  if (layout.kind === 'long') noteChoices(file, layout, others, request);
  if (exogenous.length === 0) return { layout, raw: await readSeries(file, layout, []) };
  checkExogenous(layout, exogenous);
  if (request.futureData === undefined) {
    return { layout, raw: await readSeries(file, layout, exogenous) };
  }
  const joined = await joinFuture(file, layout, exogenous, request.futureData);
  return { layout, raw: await readSeries(joined.file, joined.layout, joined.exogenous) };
}

const namedIn = ({ id, time, target, future, historical, static: fixed }: LoadRequest) =>
  new Set(
    [id, time?.split(','), target, future, historical, fixed]
      .flatMap((names) => names ?? [])
      .map(wordOf),
  );

/** Says what is unusual about how the file is read. */
function noteReading(
  { source, log }: OpenFile,
  layout: Layout,
  others: readonly SourceColumn[],
): void {
  const values = layout.kind === 'rows' ? layout.points : targetsOf(layout);
  const notations = new Set([...values, ...others].flatMap(({ notation }) => notation ?? []));
  const { passedOver, isHeadless, columns } = source;
  if (isHeadless) log.note('no-header', '', 0, columns.map(({ name }) => name).join(', '));
  if (passedOver.length > 0) log.note('lines-passed-over', '', passedOver.length, passedOver[0]);
  for (const notation of notations) log.note(notation, '', 0);
  if (layout.kind === 'rows' || layout.time !== rowNumbers) return;
  for (const { name } of values) log.note('order-as-time', name, 0, 'no column holds times');
}

/** Says which columns were chosen among several that could be meant. */
function noteChoices(
  { source, log }: OpenFile,
  { ids, time, target }: Extract<Layout, { kind: 'long' }>,
  others: readonly SourceColumn[],
  request: LoadRequest,
): void {
  if (!request.id && ids.length > 1) {
    log.note('ids-chosen', '', 0, `${shownNames(ids).join(' and ')} together`);
  }
  const used = new Set<SourceColumn>([...ids, time, target, ...others]);
  const rivals = source.columns.filter((column) => !used.has(column) && mayBeTarget(column, true));
  if (!request.target && rivals.length > 0) {
    const [first] = shownNames(rivals);
    const more = rivals.length > 1 ? ` or ${rivals.length - 1} more` : '';
    log.note('target-chosen', '', 0, `${target.name}, not ${first}${more}`);
  }
}

const targetsOf = (layout: Exclude<Layout, { kind: 'rows' }>): readonly SourceColumn[] =>
  layout.kind === 'wide' ? layout.targets : [layout.target];

function censusOf({ connection, source: { relation } }: OpenFile): Census {
  const ask = async (what: string, where: string): Promise<number> => {
    const [row] = await readText(connection, `SELECT ${what} FROM ${relation} WHERE ${where}`);
    return Number(row![0] ?? Number.NaN);
  };
  return {
    distinctShare: (columns) => {
      const key = columns.map(({ text }) => text).join(', ');
      return ask(`count(DISTINCT (${key})) / count(*)`, `${columns[0]!.text} IS NOT NULL`);
    },
    largest: ({ number }) => ask(`max(${number})`, `isfinite(${number})`),
  };
}

function columnsOf(layout: Layout): LoadedData['columns'] {
  const names = (columns: readonly { readonly name: string }[]): string[] =>
    columns.map(({ name }) => name);
  if (layout.kind === 'rows') return { id: names(layout.ids), time: null, target: [] };
  return {
    id: layout.kind === 'wide' ? [] : names(layout.ids),
    time: layout.time === rowNumbers ? null : layout.time.name,
    target: names(targetsOf(layout)),
  };
}
