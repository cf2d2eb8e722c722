/** Features of the target's time: its place in the day, week, month and year, as far as the frequency resolves them. */
import { addSteps } from '../calendar.ts';
import type { Frequency } from '../frequency.ts';
import { type Panel, seriesTimes } from '../panel.ts';
import type { Feature } from './feature.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** A place in the calendar; those with few values may be taken as categories. */
interface CalendarPlace {
  readonly name: string;
  readonly categories?: number;
  of(timeMs: number): number;
}

const places = {
  minute: {
    name: 'minute',
    of: (time) => Math.floor((((time % dayMs) + dayMs) % dayMs) / minuteMs),
  },
  hour: { name: 'hour', categories: 24, of: (time) => new Date(time).getUTCHours() },
  weekday: {
    name: 'day_of_week',
    categories: 7,
    of: (time) => (new Date(time).getUTCDay() + 6) % 7,
  },
  day: { name: 'day_of_month', of: (time) => new Date(time).getUTCDate() },
  yearDay: { name: 'day_of_year', of: (time) => 1 + Math.floor((time - yearStart(time)) / dayMs) },
  week: {
    name: 'week_of_year',
    of: (time) => 1 + Math.floor((time - yearStart(time)) / (7 * dayMs)),
  },
  month: { name: 'month', categories: 12, of: (time) => new Date(time).getUTCMonth() },
  quarter: {
    name: 'quarter',
    categories: 4,
    of: (time) => Math.floor(new Date(time).getUTCMonth() / 3),
  },
} as const satisfies Readonly<Record<string, CalendarPlace>>;

const { minute, hour, weekday, day, yearDay, week, month, quarter } = places;
const placesOf: Readonly<Record<Frequency['unit'], readonly CalendarPlace[]>> = {
  second: [minute, hour, weekday],
  minute: [minute, hour, weekday],
  hour: [hour, weekday, yearDay],
  day: [weekday, day, yearDay, month],
  'business-day': [weekday, day, yearDay, month],
  week: [week, month],
  month: [month],
  quarter: [quarter],
  year: [],
  index: [],
};

function yearStart(timeMs: number): number {
  return Date.UTC(new Date(timeMs).getUTCFullYear(), 0, 1);
}

/** The time of position `position` of series `series`, which may lie beyond its end. */
export function positionTime(panel: Panel, series: number, position: number): number {
  const times = seriesTimes(panel, series);
  if (position < times.length) return times[position]!;
  return addSteps(times.at(-1) ?? 0, panel.frequency, position - times.length + 1);
}

/** Columns for the target's place in the calendar of `panel`'s frequency; none for years and positions. */
export function calendarFeatures(
  panel: Panel,
  kind: 'none' | 'numeric' | 'categorical',
): Feature[] {
  if (kind === 'none') return [];
  return placesOf[panel.frequency.unit].map(({ name, categories, of }) => ({
    name,
    unit: 'plain',
    ...(kind === 'categorical' && categories !== undefined && { categories }),
    write({ series, origins, steps }, out) {
      for (let r = 0; r < origins.length; r++) {
        out[r] = of(positionTime(panel, series, origins[r]! + steps[r]! - 1));
      }
    },
  }));
}
