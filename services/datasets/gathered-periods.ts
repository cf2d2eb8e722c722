/** Tables with a period in each column, such as a year in a row with a column for each month: rows of single periods. */
import { isMissing, monthOf } from './cell-text.ts';
import { copyOf, textOf } from './copied-column.ts';
import { roleOf, type Role } from './joined-time.ts';
import type { OpenFile } from './open-file.ts';
import { missingSql, type SourceColumn } from './source.ts';
import { wordOf } from './usual-names.ts';

/** What all columns of one kind of period are called together, and where each begins. */
interface Periods {
  /** The role of the column of names that takes their place, and of the column with which it is a time. */
  readonly unit: Role;
  readonly within: 'year' | 'date';
  /** The place of a column of this name among the periods, undefined if it is none. */
  readonly placeOf: (word: string) => number | undefined;
  /** Whether places, in rising order, are all that there are. */
  readonly isWhole: (places: readonly number[]) => boolean;
  /** The text that a reader of times takes for the place. */
  readonly textOf: (place: number) => string;
}

const numbered = (pattern: RegExp) => (word: string) => {
  const match = pattern.exec(word);
  return match ? Number(match.slice(1).find((digits) => digits !== undefined)) : undefined;
};
const countsFrom = (starts: readonly number[], size: number) => (places: readonly number[]) =>
  places.length === size &&
  starts.includes(places[0]!) &&
  places.every((place, k) => place === places[0]! + k);
const minutesOfDay = 1440;

const kinds: readonly Periods[] = [
  {
    unit: 'month',
    within: 'year',
    placeOf: (word) => monthOf(word) ?? numbered(/^(?:m|month_?)?(\d{1,2})$/)(word),
    isWhole: countsFrom([1], 12),
    textOf: String,
  },
  {
    unit: 'quarter',
    within: 'year',
    placeOf: numbered(/^(?:q|qtr_?|quarter_?)([1-4])$|^([1-4])q$/),
    isWhole: countsFrom([1], 4),
    textOf: String,
  },
  {
    unit: 'hour',
    within: 'date',
    placeOf: numbered(/^(?:h|he|hr|hour)_?(\d{1,2})$/),
    isWhole: countsFrom([0, 1], 24),
    textOf: String,
  },
  {
    unit: 'clock',
    within: 'date',
    placeOf: (word) => {
      const match = /^(\d{1,2}):(\d{2})(:00)?$/.exec(word);
      return match ? 60 * Number(match[1]) + Number(match[2]) : undefined;
    },
    isWhole: (places) =>
      places.length > 1 && places.every((place, k) => place === (minutesOfDay / places.length) * k),
    textOf: (place) => `${Math.floor(place / 60)}:${String(place % 60).padStart(2, '0')}`,
  },
];
/** The name of the column that holds the periods' names. */
const headings: Partial<Record<Role, string>> = { clock: 'time' };
const VALUE = 'value';

/** The columns that are periods, in the order of time. */
interface Found {
  readonly kind: Periods;
  readonly columns: readonly SourceColumn[];
  readonly places: readonly number[];
}

function findPeriods(columns: readonly SourceColumn[]): Found | undefined {
  for (const kind of kinds) {
    const found = columns
      .flatMap((column) => {
        const place = kind.placeOf(wordOf(column.name));
        return place === undefined ? [] : [{ column, place }];
      })
      .sort((a, b) => a.place - b.place);
    const places = found.map(({ place }) => place);
    const others = columns.filter((column) => !found.some((one) => one.column === column));
    const hasCoarse = others.some((column) => roleOf(column) === kind.within);
    if (kind.isWhole(places) && hasCoarse)
      return { kind, places, columns: found.map(({ column }) => column) };
  }
  return undefined;
}

/**
 * `file` with a row for each period that has a value, where each row has a column for every month or quarter of its year,
 * or for every hour or clock time of its day; the columns then are what else the file has, the period's name and "value".
 * As it is where that is not so, or where a column that would go is among those that the user `named`, as `wordOf` gives them.
 */
export async function gatherPeriods(file: OpenFile, named: ReadonlySet<string>): Promise<OpenFile> {
  const { source, connection, log } = file;
  const found = findPeriods(source.columns);
  if (!found || found.columns.some(({ name }) => named.has(wordOf(name)))) return file;
  const { kind, places, columns } = found;
  const heading = headings[kind.unit] ?? kind.unit;
  const others = source.columns.filter((column) => !columns.includes(column));
  if (others.some(({ name }) => [heading, VALUE].includes(wordOf(name)))) return file;
  const texts = places.map(kind.textOf);
  const cells = columns.map((column) => textOf(column, false));
  const kept = others.map((column, c) => `${textOf(column, false)} AS c${c}`);
  await connection.run(
    `CREATE TABLE gathered AS SELECT * FROM (
       SELECT ${[...kept, `unnest([${texts.map((text) => `'${text}'`).join(', ')}]) AS period`, `unnest([${cells.join(', ')}]) AS cell`].join(', ')}
       FROM ${source.relation}) WHERE NOT ${missingSql('cell')}`,
  );
  const rows = gatherSample(others, columns, texts);
  const period = copyOf({ ...columns[0]!, ...rows.period, name: heading }, 'period');
  const typical =
    columns.find(({ notation, kind }) => notation ?? kind === 'number') ?? columns[0]!;
  const value = copyOf({ ...typical, ...rows.value, name: VALUE }, 'cell');
  log.note(
    'periods-gathered',
    '',
    columns.length,
    `${columns[0]!.name} to ${columns.at(-1)!.name}`,
  );
  const copies = others.map((column, c) => ({
    ...copyOf(column, `c${c}`),
    sample: rows.others[c]!,
  }));
  return {
    ...file,
    source: {
      columns: [...copies, period, value],
      relation: 'gathered',
      isHeadless: source.isHeadless,
      passedOver: source.passedOver,
      typed: () => undefined,
    },
  };
}

type Cells = SourceColumn['sample'];

/** The sample of the table that is made, from that of the one it is made of. */
function gatherSample(
  others: readonly SourceColumn[],
  columns: readonly SourceColumn[],
  texts: readonly string[],
): {
  readonly others: readonly Cells[];
  readonly period: Pick<SourceColumn, 'sample' | 'kind'>;
  readonly value: Pick<SourceColumn, 'sample'>;
} {
  const present = columns[0]!.sample.flatMap((_, row) =>
    columns.flatMap(({ sample }, c) => (isMissing(sample[row] ?? null) ? [] : [{ row, c }])),
  );
  return {
    others: others.map(({ sample }) => present.map(({ row }) => sample[row] ?? null)),
    period: {
      kind: texts[0]!.includes(':') ? 'text' : 'number',
      sample: present.map(({ c }) => texts[c]!),
    },
    value: { sample: present.map(({ row, c }) => columns[c]!.sample[row] ?? null) },
  };
}
