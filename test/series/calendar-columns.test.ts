/** Tests of calendar columns: known ahead without a look at the series, and the evidence for them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarEvidence, explainedShare } from '../../series/calendar-evidence.ts';
import { calendarColumns, calendarPositions, withCalendar } from '../../series/derived.ts';
import { createPanel } from '../../series/panel.ts';
import { panelOf } from './make-panel.ts';

const noise = (length: number): number[] => Array.from({ length }, (_, t) => Math.sin(t * t + 0.5));

describe('calendar columns', () => {
  it.each(['30min', 'h', 'D', 'B', 'W', 'MS', 'QS'])(
    'go on behind the end as if the series had gone on, at frequency %s',
    (frequency) => {
      const longer = panelOf([noise(40), noise(30)], frequency);
      const shorter = panelOf([noise(35), noise(25)], frequency);
      const positions = calendarPositions(longer.frequency);
      const { future, stepsAhead } = withCalendar(shorter, positions, 5).exogenous!;
      expect(stepsAhead).toBe(5);
      const all = calendarColumns(longer);
      expect(future.map(({ name }) => name)).toEqual(all.map(({ name }) => name));
      for (const [k, { values, ahead }] of future.entries()) {
        const whole = all[k]!.values;
        expect([...values]).toEqual([...whole.subarray(0, 35), ...whole.subarray(40, 65)]);
        expect([...ahead]).toEqual([...whole.subarray(35, 40), ...whole.subarray(65, 70)]);
      }
    },
  );

  it('stand behind the columns that a panel has, and give way to one of their name', () => {
    const panel = panelOf([noise(30)], 'D');
    const own = (name: string) => ({
      name,
      values: new Float64Array(30),
      ahead: new Float64Array(2),
    });
    const given = {
      stepsAhead: 2,
      future: [own('price'), own('day_of_week_sin')],
      historical: [],
      static: [],
      categories: [],
    };
    const both = withCalendar(createPanel({ ...panel, exogenous: given }), ['day_of_week'], 2);
    expect(both.exogenous!.future.map(({ name }) => name)).toEqual([
      'price',
      'day_of_week_sin',
      'day_of_week_cos',
    ]);
    expect(both.exogenous!.future[1]!.values).toBe(given.future[1]!.values);
    expect(() =>
      withCalendar(createPanel({ ...panel, exogenous: given }), ['day_of_week'], 3),
    ).toThrow('same steps');
  });
});

describe('evidence for the calendar', () => {
  it('reads nothing of the last steps', () => {
    const values = noise(400);
    const changed = values.map((value, t) => (t < 340 ? value : 1e6));
    for (const frequency of ['h', 'D']) {
      const evidence = calendarEvidence(panelOf([values], frequency), 7, 60);
      expect(calendarEvidence(panelOf([changed], frequency), 7, 60)).toEqual(evidence);
    }
  });

  it('tells what a position explains of the values, and what the season leaves of that', () => {
    const weekly = Array.from(
      { length: 400 },
      (_, t) => 5 + 3 * Math.cos((2 * Math.PI * (t + 2)) / 7),
    );
    const [week, year] = calendarEvidence(panelOf([weekly], 'D'), 7, 0);
    expect(week).toMatchObject({ position: 'day_of_week', varies: true });
    expect(week!.ofValues).toBeCloseTo(1, 9);
    expect(week!.ofErrors).toBeLessThan(0.05);
    expect(year!.ofValues).toBeLessThan(0.05);
    expect(year!.cycles).toBeCloseTo(399 / 365.2425, 9);
  });

  it('sees that the hour says nothing in steps of a day', () => {
    const [hour] = calendarEvidence(panelOf([noise(60)], '24h'), 1, 0);
    expect(hour).toMatchObject({ position: 'hour_of_day', varies: false, ofValues: 0 });
  });

  it('is the squared correlation of the values with their least-squares fit', () => {
    const columns = fc.array(fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: -9, max: 9 }))), {
      minLength: 5,
      maxLength: 30,
    });
    fc.assert(
      fc.property(columns, (rows) => {
        const [y, a, b] = [0, 1, 2].map((c) => Float64Array.from(rows, (row) => row[c]!));
        const share = explainedShare(y!, a!, b!);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
        // Regressing in two steps (Frisch and Waugh 1933): b first, then of a what b leaves.
        const centred = (x: Float64Array): Float64Array =>
          x.map((v) => v - x.reduce((s, w) => s + w, 0) / x.length);
        const dot = (u: Float64Array, v: Float64Array): number =>
          u.reduce((s, w, k) => s + w * v[k]!, 0);
        const without = (u: Float64Array, v: Float64Array): Float64Array => {
          const factor = dot(v, v) > 1e-9 ? dot(u, v) / dot(v, v) : 0;
          return u.map((w, k) => w - factor * v[k]!);
        };
        const [cy, ca, cb] = [y!, a!, b!].map(centred) as [
          Float64Array,
          Float64Array,
          Float64Array,
        ];
        const rest = without(without(cy, cb), without(ca, cb));
        const expected = dot(cy, cy) > 0 ? 1 - dot(rest, rest) / dot(cy, cy) : 0;
        expect(share).toBeCloseTo(expected, 8);
      }),
    );
  });
});
