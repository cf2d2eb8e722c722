/** Tests of the calendar's rule: when its columns join, what stays out and why, and what a fork may choose instead. */
import { describe, expect, it } from 'vitest';
import {
  judgeCalendar,
  treatmentsOf,
  type CalendarSituation,
} from '../../agents/calendar-choice.ts';
import type { CalendarEvidence } from '../../series/calendar-evidence.ts';
import { parseFrequency } from '../../series/frequency.ts';

const seen = (position: CalendarEvidence['position'], cycles: number, varies = true) => ({
  position,
  cycles,
  varies,
  ofValues: 0.413,
  ofErrors: 0.02,
});

const situation = (change: Partial<CalendarSituation> = {}): CalendarSituation => ({
  frequency: parseFrequency('D'),
  season: 1,
  takers: ['tft'],
  taken: [],
  evidence: () => [seen('day_of_week', 50), seen('day_of_year', 0.9)],
  ...change,
});
const monthly = (season: number): CalendarSituation =>
  situation({
    frequency: parseFrequency('MS'),
    season,
    evidence: () => [seen('month_of_year', 9)],
  });

describe('the calendar', () => {
  it('joins below a month whatever the season, as far as it has come round twice', () => {
    const judged = judgeCalendar(situation());
    expect(judged.positions).toEqual(['day_of_week']);
    expect(judged.otherwise).toEqual([]);
    expect(judged.reason).toBe(
      'day_of_week known ahead for tft, as the frequency is finer than monthly',
    );
    expect(judged.evidence).toEqual({
      day_of_week:
        'explains 41.3 % of the variance of the values and 2.0 % of that of the seasonal-naive errors',
      day_of_year: 'unfit: the training part spans 0.9 of its periods, fewer than 2',
    });
  });

  it('joins from a month on only with the season of the calendar', () => {
    expect(judgeCalendar(monthly(12))).toMatchObject({
      positions: ['month_of_year'],
      otherwise: [],
    });
    expect(judgeCalendar(monthly(1))).toMatchObject({
      positions: [],
      otherwise: ['month_of_year'],
      reason: 'no calendar columns, as the season that was found is not that of the calendar',
    });
  });

  it('leaves out what is the same at every step', () => {
    const { positions, evidence } = judgeCalendar(
      situation({ evidence: () => [seen('hour_of_day', 99, false), seen('day_of_week', 9)] }),
    );
    expect(positions).toEqual(['day_of_week']);
    expect(evidence['hour_of_day']).toBe('unfit: it is the same at every step');
  });

  it('is not even looked at where no network takes what is known ahead', () => {
    const evidence = (): never => {
      throw new Error('the evidence was read');
    };
    const judged = judgeCalendar(situation({ takers: [], evidence }));
    expect(judged).toMatchObject({ positions: [], otherwise: undefined, evidence: {} });
    const taken = ['future:day_of_week_sin', 'future:day_of_week_cos'];
    const needed = judgeCalendar(situation({ takers: [], taken, evidence }));
    expect(needed).toMatchObject({ positions: ['day_of_week'], otherwise: undefined });
  });

  it('gives what the champion takes in any case', () => {
    const taken = ['future:price', 'future:day_of_year_sin', 'future:day_of_year_cos'];
    expect(judgeCalendar(situation({ taken })).positions).toEqual(['day_of_week', 'day_of_year']);
    const yearly = ['future:month_of_year_sin'];
    expect(judgeCalendar({ ...monthly(1), taken: yearly })).toMatchObject({
      positions: ['month_of_year'],
      otherwise: undefined,
      reason: 'the champion takes month_of_year',
    });
  });
});

describe('treatments', () => {
  const recipes = (['plain', 'log'] as const).map((value) => ({
    action: `treat target ${value}`,
    value,
    whyNot: 'not now',
  }));

  it('are every recipe with the calendar as decided, and the first with it decided otherwise', () => {
    const options = treatmentsOf(recipes, judgeCalendar(situation()));
    expect(options.map(({ action, value }) => [action, value.recipe, value.positions])).toEqual([
      ['treat target plain', 'plain', ['day_of_week']],
      ['treat target log', 'log', ['day_of_week']],
      ['treat target plain without calendar', 'plain', []],
    ]);
    const [, , other] = treatmentsOf(recipes, judgeCalendar(monthly(1)));
    expect(other).toMatchObject({
      action: 'treat target plain with calendar',
      value: { recipe: 'plain', positions: ['month_of_year'] },
    });
  });

  it('are the recipes alone where the calendar leaves no choice', () => {
    expect(treatmentsOf(recipes, judgeCalendar(situation({ takers: [] })))).toHaveLength(2);
  });
});
