/** Derived inputs of a panel: calendar, lags and rolling figures, each using only what was known before the observation. */
import { emptyExogenous, exogenousNames } from './exogenous.ts';
import { futureTimes, type Frequency } from './frequency.ts';
import { createPanel, seriesLength, seriesTimes, type Panel } from './panel.ts';
import { assert } from '../state/errors.ts';

/** One derived column, as long as the panel's observations. */
export interface DerivedColumn {
  readonly name: string;
  readonly values: Float64Array;
}

const dayMs = 86_400_000;

/** Position within a repeating period (0..1) of an epoch time. */
type Phase = (timeMs: number) => number;

/** A position in the calendar: its place in its period, and how long that is. */
interface Position {
  readonly phase: Phase;
  readonly periodMs: number;
}

const yearMs = 365.2425 * dayMs;
const positions = {
  hour_of_day: { phase: (time) => (((time % dayMs) + dayMs) % dayMs) / dayMs, periodMs: dayMs },
  day_of_week: { phase: (time) => ((new Date(time).getUTCDay() + 6) % 7) / 7, periodMs: 7 * dayMs },
  month_of_year: { phase: (time) => new Date(time).getUTCMonth() / 12, periodMs: yearMs },
  day_of_year: {
    phase: (time) => {
      const year = new Date(time).getUTCFullYear();
      const start = Date.UTC(year, 0, 1);
      return (time - start) / (Date.UTC(year + 1, 0, 1) - start);
    },
    periodMs: yearMs,
  },
} as const satisfies Readonly<Record<string, Position>>;

/** A position in the calendar. */
export type CalendarPosition = keyof typeof positions;

const withinDay = ['hour_of_day', 'day_of_week', 'day_of_year'] as const;
const withinWeek = ['day_of_week', 'day_of_year'] as const;

/** Which positions in the calendar say something at a frequency. */
const positionsOf: Readonly<Record<Frequency['unit'], readonly CalendarPosition[]>> = {
  second: withinDay,
  minute: withinDay,
  hour: withinDay,
  day: withinWeek,
  'business-day': withinWeek,
  week: ['day_of_year'],
  month: ['month_of_year'],
  quarter: ['month_of_year'],
  year: [],
  index: [],
};

/** The calendar positions that `frequency` resolves, the shortest period first; none for years and positions. */
export function calendarPositions(frequency: Frequency): readonly CalendarPosition[] {
  return positionsOf[frequency.unit];
}

/** Length of the period that a position repeats in, in milliseconds; a mean year for what repeats yearly. */
export function calendarPeriodMs(position: CalendarPosition): number {
  return positions[position].periodMs;
}

/** Sine and cosine of every calendar position that the panel's frequency resolves, or of `only`; known for the future too. */
export function calendarColumns(
  { time, frequency }: Pick<Panel, 'time' | 'frequency'>,
  only: readonly CalendarPosition[] = calendarPositions(frequency),
): DerivedColumn[] {
  return only.flatMap((name) => {
    const { phase } = positions[name];
    return [
      { name: `${name}_sin`, values: time.map((t) => Math.sin(2 * Math.PI * phase(t))) },
      { name: `${name}_cos`, values: time.map((t) => Math.cos(2 * Math.PI * phase(t))) },
    ];
  });
}

/**
 * The panel with calendar columns of `only` behind its future columns, given for `stepsAhead` steps, which must be as many
 * as those of its own future columns. A column of the panel with the name of a calendar column takes its place.
 */
export function withCalendar(
  panel: Panel,
  only: readonly CalendarPosition[],
  stepsAhead: number,
): Panel {
  const { exogenous = emptyExogenous, frequency, ids } = panel;
  assert(
    exogenous.future.length === 0 || exogenous.stepsAhead === stepsAhead,
    'all future columns are known for the same steps',
  );
  const times = new Float64Array(ids.length * stepsAhead);
  for (let i = 0; i < ids.length; i++) {
    const last = seriesTimes(panel, i).at(-1) ?? 0;
    times.set(futureTimes(last, frequency, stepsAhead), i * stepsAhead);
  }
  const ahead = calendarColumns({ time: times, frequency }, only);
  const taken = new Set(exogenousNames(exogenous));
  const added = calendarColumns(panel, only)
    .map((column, k) => ({ ...column, ahead: ahead[k]!.values }))
    .filter(({ name }) => !taken.has(name));
  const future = [...exogenous.future, ...added];
  return createPanel({ ...panel, exogenous: { ...exogenous, stepsAhead, future } });
}

/** The value `steps` before, within the same series; NaN where there is none. */
export function lagColumn(panel: Panel, steps: number): DerivedColumn {
  const values = new Float64Array(panel.y.length).fill(Number.NaN);
  for (let i = 0; i < panel.ids.length; i++) {
    for (let t = panel.offsets[i]! + steps; t < panel.offsets[i + 1]!; t++) {
      values[t] = panel.y[t - steps]!;
    }
  }
  return { name: `lag_${steps}`, values };
}

/** Mean and standard deviation of the `width` values before each observation; NaN until there are as many. */
export function rollingColumns(panel: Panel, width: number): DerivedColumn[] {
  const mean = new Float64Array(panel.y.length).fill(Number.NaN);
  const deviation = new Float64Array(panel.y.length).fill(Number.NaN);
  for (let i = 0; i < panel.ids.length; i++) {
    if (seriesLength(panel, i) <= width) continue;
    const start = panel.offsets[i]!;
    for (let t = start + width; t < panel.offsets[i + 1]!; t++) {
      // Two passes over the window: running sums would lose what a large level leaves of a small spread.
      let sum = 0;
      for (let k = t - width; k < t; k++) sum += panel.y[k]!;
      const average = sum / width;
      let squares = 0;
      for (let k = t - width; k < t; k++) squares += (panel.y[k]! - average) ** 2;
      mean[t] = average;
      deviation[t] = Math.sqrt(squares / width);
    }
  }
  return [
    { name: `rolling_mean_${width}`, values: mean },
    { name: `rolling_deviation_${width}`, values: deviation },
  ];
}
