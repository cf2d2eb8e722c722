/** Derived inputs of a panel: calendar, lags and rolling figures, each using only what was known before the observation. */
import type { Frequency } from './frequency.ts';
import { seriesLength, type Panel } from './panel.ts';

/** One derived column, as long as the panel's observations. */
export interface DerivedColumn {
  readonly name: string;
  readonly values: Float64Array;
}

const dayMs = 86_400_000;

/** Position within a repeating period (0..1) of an epoch time. */
type Phase = (timeMs: number) => number;

const hourOfDay: Phase = (time) => (((time % dayMs) + dayMs) % dayMs) / dayMs;
const dayOfWeek: Phase = (time) => ((new Date(time).getUTCDay() + 6) % 7) / 7;
const monthOfYear: Phase = (time) => new Date(time).getUTCMonth() / 12;
const dayOfYear: Phase = (time) => {
  const year = new Date(time).getUTCFullYear();
  return (time - Date.UTC(year, 0, 1)) / (Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1));
};

const hours = [
  ['hour_of_day', hourOfDay],
  ['day_of_week', dayOfWeek],
  ['day_of_year', dayOfYear],
] as const;
const days = [
  ['day_of_week', dayOfWeek],
  ['day_of_year', dayOfYear],
] as const;

/** Which positions in the calendar say something at a frequency. */
const phasesOf: Readonly<Record<Frequency['unit'], readonly (readonly [string, Phase])[]>> = {
  second: hours,
  minute: hours,
  hour: hours,
  day: days,
  'business-day': days,
  week: [['day_of_year', dayOfYear]],
  month: [['month_of_year', monthOfYear]],
  quarter: [['month_of_year', monthOfYear]],
  year: [],
  index: [],
};

/** Sine and cosine of every calendar position that the panel's frequency resolves; known for the future too. */
export function calendarColumns({
  time,
  frequency,
}: Pick<Panel, 'time' | 'frequency'>): DerivedColumn[] {
  return phasesOf[frequency.unit].flatMap(([name, phase]) => [
    { name: `${name}_sin`, values: time.map((t) => Math.sin(2 * Math.PI * phase(t))) },
    { name: `${name}_cos`, values: time.map((t) => Math.cos(2 * Math.PI * phase(t))) },
  ]);
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
