/** Gathers what was repaired or noticed in the input, and says each kind of it in one line. */
import type { RepairKind as SeriesRepairKind } from '../../series/repairs.ts';

export type RepairKind =
  | SeriesRepairKind
  | 'synthetic-time'
  | 'order-as-time'
  | 'rows-without-id'
  | 'rows-without-time'
  | 'infinite-as-missing'
  | 'aligned-to-grid'
  | 'other-frequency-dropped'
  | 'irregular-dropped'
  | 'all-missing-dropped'
  | 'constant-series'
  | 'short-series';

/** One kind of repair or remark over the whole input. */
export interface Repair {
  readonly kind: RepairKind;
  /** How many series it touched. */
  readonly series: number;
  /** How many observations it touched. */
  readonly observations: number;
  /** One readable line, naming up to three series. */
  readonly detail: string;
}

export interface RepairLog {
  /** Counts a repair of `observations` observations of series `id`; `context` completes the line of some kinds. */
  note(kind: RepairKind, id: string, observations: number, context?: string): void;
  /** What was noted, in the order of first notes. */
  list(): Repair[];
}

interface Entry {
  series: number;
  observations: number;
  readonly examples: string[];
  readonly context: string;
}

const namedSeries = 3;

/** A log without entries. */
export function createRepairLog(): RepairLog {
  const entries = new Map<RepairKind, Entry>();
  return {
    note(kind, id, observations, context = '') {
      let entry = entries.get(kind);
      if (!entry)
        entries.set(kind, (entry = { series: 0, observations: 0, examples: [], context }));
      entry.series += 1;
      entry.observations += observations;
      if (entry.examples.length < namedSeries) entry.examples.push(id);
    },
    list: () =>
      [...entries].map(([kind, entry]) => ({
        kind,
        series: entry.series,
        observations: entry.observations,
        detail: `${phrases[kind](entry)}${examplesOf(entry)}`,
      })),
  };
}

const count = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
const seriesOf = ({ series }: Entry): string => count(series, 'series', 'series');

function examplesOf({ series, examples }: Entry): string {
  const names = examples.map((id) =>
    (id.length > 60 ? `${id.slice(0, 57)}...` : id).replaceAll(/\s+/g, ' '),
  );
  const more = series - names.length;
  return `: ${names.join(', ')}${more > 0 ? ` and ${more.toLocaleString('en')} more` : ''}`;
}

const rowsOf = ({ observations }: Entry): string => count(observations, 'row');
const valuesOf = ({ observations }: Entry): string => count(observations, 'value');

const phrases: Readonly<Record<RepairKind, (entry: Entry) => string>> = {
  'synthetic-time': (e) =>
    `the file has positions and no times; they were placed on a calendar of frequency ${e.context} whose last position is 2000-01-01, in ${seriesOf(e)}`,
  'order-as-time': (e) => `${e.context}; positions in time order stand for them, in ${seriesOf(e)}`,
  'rows-without-id': (e) =>
    `${rowsOf(e)} without a series id ${e.observations === 1 ? 'was' : 'were'} left out`,
  'rows-without-time': (e) =>
    `${rowsOf(e)} with neither time nor value ${e.observations === 1 ? 'was' : 'were'} left out`,
  'infinite-as-missing': (e) => `${valuesOf(e)} infinite and taken as missing, in ${seriesOf(e)}`,
  sorted: (e) =>
    `rows were not in time order and were sorted, ${count(e.observations, 'time')} in ${seriesOf(e)}`,
  'duplicates-dropped': (e) =>
    `${rowsOf(e)} shared a time with a later row, which was kept, in ${seriesOf(e)}`,
  'aligned-to-grid': (e) =>
    `${count(e.observations, 'timestamp')} off the grid of frequency ${e.context} moved to its nearest point, in ${seriesOf(e)}`,
  'missing-trimmed': (e) =>
    `${valuesOf(e)} missing at the beginning or end were cut off, in ${seriesOf(e)}`,
  'missing-interpolated': (e) =>
    `${valuesOf(e)} missing were interpolated linearly, in ${seriesOf(e)}`,
  'gaps-interpolated': (e) =>
    `${count(e.observations, 'time')} absent from the data were added and interpolated linearly, in ${seriesOf(e)}`,
  'gaps-left': (e) =>
    `${seriesOf(e)} left out, as ${count(e.observations, 'time')} are absent, far more than are there; check the timestamps`,
  'other-frequency-dropped': (e) =>
    `${seriesOf(e)} left out for not being of frequency ${e.context} like most`,
  'irregular-dropped': (e) => `${seriesOf(e)} left out, as the timestamps follow no frequency`,
  'all-missing-dropped': (e) => `${seriesOf(e)} left out, as every value is missing`,
  'constant-series': (e) => `${seriesOf(e)} never ${e.series === 1 ? 'changes' : 'change'} value`,
  'short-series': (e) => `${seriesOf(e)} shorter than ${e.context}`,
};
