/** Series as the world has them and models fear them, one kind each, and panels that mix them with healthy ones. */
import fc from 'fast-check';
import { buildPanel } from '../../services/datasets/build-panel.ts';
import { createRepairLog } from '../../services/datasets/repair-log.ts';
import { parseFrequency } from '../../series/frequency.ts';
import type { Panel } from '../../series/panel.ts';

const most = 48;
const lengths = fc.integer({ min: 1, max: most });

function series(value: fc.Arbitrary<number>, length = lengths): fc.Arbitrary<number[]> {
  return length.chain((n) => fc.array(value, { minLength: n, maxLength: n }));
}

const plain = fc.double({ min: 0, max: 100, noNaN: true });
const weighted = (weight: number, arbitrary: fc.Arbitrary<number>) => ({ weight, arbitrary });

/** A season of six steps on a level, with some noise. */
const healthy = fc
  .array(plain, { minLength: most, maxLength: most })
  .map((noise) => noise.map((e, t) => 300 + t + 40 * Math.sin((Math.PI * t) / 3) + e / 10));

/** One kind of series under each name. */
export const hostileSeries = {
  short: series(plain, fc.integer({ min: 1, max: 9 })),
  constant: fc
    .tuple(lengths, fc.constantFrom(0, 7, -3.1, 1e300, -1e300, 1e-300, 5e-324))
    .map(([n, value]) => Array.from({ length: n }, () => value)),
  'zero-heavy': series(
    fc.oneof(weighted(8, fc.constant(0)), weighted(1, fc.integer({ min: 1, max: 9 }))),
  ),
  negative: series(plain.map((value) => -1000 - value)),
  'NaN-ridden': series(
    fc.oneof(weighted(2, fc.constantFrom(Number.NaN, Infinity, -Infinity)), weighted(1, plain)),
  ),
  huge: series(plain.map((value) => 1e300 + value * 1e298)),
  'huge of both signs': series(fc.double({ min: -1.7e308, max: 1.7e308, noNaN: true })),
  tiny: series(plain.map((value) => value * 1e-302)),
  'smaller than normal': series(fc.integer({ min: -3, max: 9 }).map((k) => k * 5e-324)),
  spiked: fc
    .tuple(healthy, fc.integer({ min: 0, max: most - 1 }), fc.constantFrom(1e12, -1e150, 1e300))
    .map(([values, at, spike]) => values.with(at, spike)),
} as const satisfies Record<string, fc.Arbitrary<number[]>>;

/** Several series of one kind; half of the time of one length, which multivariate models ask for. */
export const panelsOfAKind = Object.entries(hostileSeries).map(([kind, one]) => {
  const alike = one.map((values) => [values, values.toReversed()]);
  return [kind, fc.oneof(alike, fc.array(one, { minLength: 1, maxLength: 3 }))] as const;
});

/** Healthy series with one of another kind among them, half of the time as long as they are. */
export const mixedPanels = fc
  .tuple(
    fc.array(healthy, { minLength: 1, maxLength: 2 }),
    fc.oneof(...Object.values(hostileSeries)),
    fc.boolean(),
  )
  .map(([others, one, repeated]) => [
    ...others,
    repeated ? Array.from({ length: most }, (_, t) => one[t % one.length]!) : one,
  ]);

/** The panel that a run makes of such series; a kind without any value fails as it does there. */
export function repairedPanel(
  values: readonly (readonly number[])[],
  horizon: number,
): Promise<Panel> {
  return buildPanel(
    'hostile.csv',
    {
      ids: values.map((_, i) => `s${i}`),
      meaning: 'positions',
      exogenous: [],
      observations: (i) => ({
        time: Float64Array.from(values[i]!, (_, t) => t),
        values: Float64Array.from(values[i]!),
        exogenous: [],
      }),
    },
    { frequency: parseFrequency('index'), horizon },
    createRepairLog(),
  );
}
