/** Which calendar columns join the panel: the rule of the feature engineer, its evidence and its alternatives. */
import type { CalendarEvidence } from '../series/calendar-evidence.ts';
import { calendarPositions } from '../series/derived.ts';
import { defaultSeason, type Frequency, type FrequencyUnit } from '../series/frequency.ts';
import type { Recipe } from '../state/run-state.ts';
import type { Option } from './choice.ts';

/** A calendar position must have come round this often in the training part, or it would pass for a trend. */
const fewestCycles = 2;

const finerThanMonthly: ReadonlySet<FrequencyUnit> = new Set([
  'second',
  'minute',
  'hour',
  'day',
  'business-day',
  'week',
]);

/** What the choice of calendar columns depends on. */
export interface CalendarSituation {
  readonly frequency: Frequency;
  /** Season that was found, in steps. */
  readonly season: number;
  /** Networks of the run that take columns known ahead. */
  readonly takers: readonly string[];
  /** Columns that the champion takes, as `future:hour_of_day_sin`. */
  readonly taken: readonly string[];
  /** Read only if there are networks to take the columns. */
  evidence(): readonly CalendarEvidence[];
}

/** The positions that join, those that would if the decision were the other way round, and why. */
export interface CalendarJudgement {
  readonly positions: readonly string[];
  /** Undefined where nothing else could be done. */
  readonly otherwise: readonly string[] | undefined;
  readonly reason: string;
  /** What the training part says of each position. */
  readonly evidence: Readonly<Record<string, string>>;
}

/**
 * The rule: calendar positions join if a network of the run takes columns known ahead, and the frequency is finer than
 * monthly or the season that was found is the calendar's. Of the positions that the frequency resolves, one that never
 * changes or that has not come round twice in the training part stays out. What the champion takes joins in any case.
 */
export function judgeCalendar(situation: CalendarSituation): CalendarJudgement {
  const { frequency, season, takers, taken } = situation;
  const needed = calendarPositions(frequency).filter((position) =>
    taken.includes(`future:${position}_sin`),
  );
  if (takers.length === 0) {
    const reason =
      needed.length > 0
        ? `the champion takes ${needed.join(', ')}`
        : 'no calendar columns, as no network of this run takes columns known ahead';
    return { positions: needed, otherwise: undefined, reason, evidence: {} };
  }
  const judged = situation.evidence().map((each) => ({ ...each, problem: problemOf(each) }));
  const usable = judged.filter(({ problem }) => problem === null).map(({ position }) => position);
  const most = [...new Set([...usable, ...needed])];
  const isFine = finerThanMonthly.has(frequency.unit);
  const isSeason = season > 1 && season === defaultSeason(frequency);
  const joins = isFine || isSeason;
  const positions = joins ? most : needed;
  const otherwise = joins ? needed : most;
  return {
    positions,
    otherwise: otherwise.length === positions.length ? undefined : otherwise,
    reason: reasonOf(positions, { isFine, isSeason, takers }),
    evidence: Object.fromEntries(
      judged.map((each) => [
        each.position,
        each.problem === null ? shareWords(each) : `unfit: ${each.problem}`,
      ]),
    ),
  };
}

function problemOf({ cycles, varies }: CalendarEvidence): string | null {
  if (!varies) return 'it is the same at every step';
  if (cycles >= fewestCycles) return null;
  return `the training part spans ${cycles.toFixed(1)} of its periods, fewer than ${fewestCycles}`;
}

function shareWords({ ofValues, ofErrors }: CalendarEvidence): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return `explains ${percent(ofValues)} of the variance of the values and ${percent(ofErrors)} of that of the seasonal-naive errors`;
}

function reasonOf(
  positions: readonly string[],
  { isFine, isSeason, takers }: { isFine: boolean; isSeason: boolean; takers: readonly string[] },
): string {
  if (!isFine && !isSeason) {
    return positions.length === 0
      ? 'no calendar columns, as the season that was found is not that of the calendar'
      : `the champion takes ${positions.join(', ')}`;
  }
  if (positions.length === 0) return 'no calendar column tells the steps apart';
  const why = isFine ? 'the frequency is finer than monthly' : "the season is the calendar's";
  return `${positions.join(', ')} known ahead for ${takers.join(', ')}, as ${why}`;
}

/** How the target is treated, and which calendar positions join. */
export interface Treatment {
  readonly recipe: Recipe;
  readonly positions: readonly string[];
}

/** The recipes, each with the preferred calendar columns, and the first of them with the calendar decided otherwise. */
export function treatmentsOf(
  recipes: readonly Option<Recipe>[],
  { positions, otherwise }: CalendarJudgement,
): Option<Treatment>[] {
  const options = recipes.map((option) => ({
    ...option,
    value: { recipe: option.value, positions },
  }));
  const [first] = options;
  if (first === undefined || otherwise === undefined) return options;
  const isWithout = otherwise.length < positions.length;
  const other = {
    action: `${first.action} ${isWithout ? 'without' : 'with'} calendar`,
    value: { ...first.value, positions: otherwise },
    whyNot: isWithout
      ? 'the calendar is known ahead and costs little'
      : "the season that was found is not the calendar's",
  };
  return [...options, other];
}
