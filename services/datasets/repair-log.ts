/** Gathers what was repaired or noticed in the input, and says each kind of it in one line. */
import type { RepairKind as SeriesRepairKind } from '../../series/repairs.ts';
import { shownCell } from './cell-text.ts';

/** What is done to series or said of them while a panel is built. */
export type RepairKind =
  | SeriesRepairKind
  | 'no-header'
  | 'lines-passed-over'
  | 'periods-gathered'
  | 'ids-chosen'
  | 'target-chosen'
  | 'decimal-commas'
  | 'parted-thousands'
  | 'synthetic-time'
  | 'order-as-time'
  | 'rows-without-id'
  | 'rows-without-time'
  | 'margins'
  | 'infinite-as-missing'
  | 'aligned-to-grid'
  | 'other-frequency-dropped'
  | 'irregular-dropped'
  | 'all-missing-dropped'
  | 'constant-series'
  | 'short-series'
  | 'future-rows'
  | 'exogenous-filled';

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
  /** Counts a repair of `observations` observations of series `id` (empty for rows of none); `context` completes the line of some kinds. */
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
      if (id !== '' && entry.examples.length < namedSeries) entry.examples.push(id);
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

function examplesOf({ series, examples }: Entry): string {
  const names = examples.map(shownCell);
  if (names.length === 0) return '';
  const more = series - names.length;
  return `: ${names.join(', ')}${more > 0 ? ` and ${more.toLocaleString('en')} more` : ''}`;
}

const were = ({ observations }: Entry): string => (observations === 1 ? 'was' : 'were');
const seriesOf = ({ series }: Entry): string => count(series, 'series', 'series');
const rowsOf = ({ observations }: Entry): string => count(observations, 'row');
const missingOf = ({ observations }: Entry): string => count(observations, 'missing value');
const timesOf = ({ observations }: Entry): string => count(observations, 'timestamp');

const phrases: Readonly<Record<RepairKind, (entry: Entry) => string>> = {
  'no-header': (e) =>
    `the first line is no header but a row, so the columns are called ${shownCell(e.context)}`,
  'lines-passed-over': (e) =>
    `${count(e.observations, 'line')} of words ${were(e)} passed over: "${shownCell(e.context)}"`,
  'periods-gathered': (e) =>
    `the columns ${shownCell(e.context)} are times of one series (name some with --target to have each as a series)`,
  'ids-chosen': (e) => `series are told apart by ${shownCell(e.context)} (--id names others)`,
  'target-chosen': (e) => `the target is ${shownCell(e.context)} (--target names another)`,
  'decimal-commas': () => 'numbers such as 1.234,5 were read with a decimal comma',
  'parted-thousands': () =>
    'numbers such as $1,234.5 or 5.1% were read without their signs and parted thousands',
  'synthetic-time': (e) =>
    `positions were placed on a calendar of frequency ${e.context} that ends in January 2000, in ${seriesOf(e)}`,
  'order-as-time': (e) =>
    `${e.context}, so positions in time order stand for the times, in ${seriesOf(e)}`,
  'rows-without-id': (e) => `${rowsOf(e)} without a series id ${were(e)} left out`,
  'rows-without-time': (e) => `${rowsOf(e)} with neither time nor value ${were(e)} left out`,
  margins: (e) =>
    `${rowsOf(e)} at the edge of the data ${were(e)} left out, with "${shownCell(e.context)}" in place of a time`,
  'infinite-as-missing': (e) =>
    `${count(e.observations, 'infinite value')} ${were(e)} taken as missing, in ${seriesOf(e)}`,
  sorted: (e) => `rows out of time order were sorted, ${timesOf(e)} in ${seriesOf(e)}`,
  'duplicates-dropped': (e) =>
    `${rowsOf(e)} shared a timestamp with a later row and ${were(e)} replaced by it, in ${seriesOf(e)}`,
  'aligned-to-grid': (e) =>
    `${timesOf(e)} ${were(e)} moved to the nearest point of the grid of frequency ${e.context}, in ${seriesOf(e)}`,
  'missing-trimmed': (e) =>
    `${missingOf(e)} at the beginning or end ${were(e)} cut off, in ${seriesOf(e)}`,
  'missing-interpolated': (e) =>
    `${missingOf(e)} ${were(e)} interpolated linearly, in ${seriesOf(e)}`,
  'gaps-interpolated': (e) =>
    `${timesOf(e)} absent from the data ${were(e)} added and interpolated linearly, in ${seriesOf(e)}`,
  'gaps-left': (e) =>
    `${seriesOf(e)} left out for gaps of ${timesOf(e)} in all, far more than there are values; check the times`,
  'other-frequency-dropped': (e) =>
    `${seriesOf(e)} left out for another frequency than the ${e.context} of most series`,
  'irregular-dropped': (e) => `${seriesOf(e)} left out for timestamps that follow no frequency`,
  'all-missing-dropped': (e) => `${seriesOf(e)} left out for having no value at all`,
  'constant-series': (e) => `${seriesOf(e)} with one and the same value throughout`,
  'short-series': (e) => `${seriesOf(e)} shorter than ${e.context}`,
  'future-rows': (e) =>
    `${rowsOf(e)} behind the last value of the target ${were(e)} taken as the future of ${seriesOf(e)}`,
  'exogenous-filled': (e) =>
    `${missingOf(e)} of exogenous columns ${were(e)} filled in, numbers linearly and indicators by the one before, in ${seriesOf(e)}`,
};
