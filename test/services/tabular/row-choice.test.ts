/** Row choice: every row once, or an even, repeatable sample. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseRows, countRows, type RowRange } from '../../../services/tabular/row-choice.ts';
import { createRandom } from '../../../tensor/random.ts';
import { generate, panelOf } from '../../series/make-panel.ts';

const random = () => createRandom(1, 'rows');

const scenarios = fc.record({
  lengths: fc.array(fc.integer({ min: 0, max: 25 }), { minLength: 1, maxLength: 4 }),
  first: fc.integer({ min: 1, max: 6 }),
  from: fc.integer({ min: 0, max: 12 }),
  end: fc.integer({ min: 0, max: 6 }),
  step: fc.integer({ min: 1, max: 4 }),
  width: fc.integer({ min: 0, max: 5 }),
  most: fc.integer({ min: 1, max: 60 }),
});

const scene = ({
  lengths,
  first,
  from,
  end,
  step,
  width,
}: typeof scenarios extends fc.Arbitrary<infer T> ? T : never) => {
  const panel = panelOf(lengths.map((length) => generate(length, (t) => t)));
  const range: RowRange = {
    targets: (length) => ({ from, to: Math.max(0, length - end) }),
    firstOrigin: () => first,
    steps: { from: step, to: step + width },
  };
  const expected = lengths.flatMap((length, series) =>
    Array.from({ length }, (_, origin) => origin).flatMap((origin) =>
      Array.from({ length: width + 1 }, (_, k) => step + k)
        .filter((s) => {
          const target = origin + s - 1;
          return origin >= first && target >= from && target < length - end;
        })
        .map((s) => [series, origin, s]),
    ),
  );
  return { panel, range, expected };
};

const listed = ({ series, origins, steps }: ReturnType<typeof chooseRows>): number[][] =>
  Array.from(series, (index, r) => [index, origins[r]!, steps[r]!]);

describe('the choice of rows', () => {
  it('is every row whose target and origin are in range, in order', () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const { panel, range, expected } = scene(scenario);
        expect(countRows(panel, range)).toBe(expected.length);
        expect(listed(chooseRows(panel, range, 1e6, random()))).toEqual(expected);
      }),
    );
  });

  it('is one row out of each equal stretch where they are too many', () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const { panel, range, expected } = scene(scenario);
        const { most } = scenario;
        const chosen = listed(chooseRows(panel, range, most, random()));
        expect(chosen).toEqual(listed(chooseRows(panel, range, most, random())));
        expect(chosen.length).toBe(Math.min(most, expected.length));
        const places = chosen.map((row) =>
          expected.findIndex((other) => other.join() === row.join()),
        );
        const stride = expected.length / chosen.length;
        for (const [k, place] of places.entries()) {
          expect(place).toBeGreaterThanOrEqual(Math.floor(k * stride));
          expect(place).toBeLessThan((k + 1) * stride);
        }
      }),
    );
  });
});
