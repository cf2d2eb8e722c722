/** Tests of the panel codec: exact both ways, and never fooled by damaged bytes. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePanel, encodePanel } from '../../../services/datasets/panel-codec.ts';
import { frequencyUnits, parseFrequency } from '../../../series/frequency.ts';
import { createPanel, type Panel } from '../../../series/panel.ts';
import { isForecastError } from '../../../state/errors.ts';

const value = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -0, Infinity, Number.MIN_VALUE));
const frequency = fc.constantFrom(
  's',
  '15min',
  'h',
  'D',
  'B',
  '2W',
  'MS',
  'ME',
  'QE',
  'YS',
  'index',
);

const anyPanel: fc.Arbitrary<Panel> = fc
  .tuple(
    fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.array(value, { maxLength: 20 })), {
      maxLength: 8,
    }),
    frequency,
  )
  .map(([series, name]) => {
    const offsets = new Uint32Array(series.length + 1);
    for (const [i, [, values]] of series.entries()) offsets[i + 1] = offsets[i]! + values.length;
    const y = Float64Array.from(series.flatMap(([, values]) => values));
    const time = Float64Array.from(y, (_, k) => -1e12 + k * 0.5);
    return createPanel({
      ids: series.map(([id]) => id),
      offsets,
      time,
      y,
      frequency: parseFrequency(name),
    });
  });

const anyName = fc.string({ unit: 'grapheme' });

/** A panel with up to three columns of each kind; their names differ. */
const anyPanelWithColumns: fc.Arbitrary<Panel> = fc
  .tuple(anyPanel, fc.uniqueArray(anyName, { minLength: 4, maxLength: 9 }), fc.nat(3), fc.gen())
  .map(([panel, names, stepsAhead, draw]) => {
    const numbers = (length: number): Float64Array =>
      Float64Array.from({ length }, () => draw(() => value));
    const { ids, y } = panel;
    const of = <C>(kind: number, column: (name: string) => C): C[] =>
      names.filter((_, k) => k % 4 === kind).map(column);
    return createPanel({
      ...panel,
      exogenous: {
        stepsAhead,
        future: of(0, (name) => ({
          name,
          values: numbers(y.length),
          ahead: numbers(ids.length * stepsAhead),
        })),
        historical: of(1, (name) => ({ name, values: numbers(y.length) })),
        static: of(2, (name) => ({ name, values: numbers(ids.length) })),
        categories: of(3, (name) => ({
          name,
          labels: ['a', name],
          codes: Uint32Array.from(ids, () => draw(fc.nat, { max: 2 })),
        })),
      },
    });
  });

const sameBits = (a: Float64Array, b: Float64Array): boolean =>
  a.length === b.length && a.every((value, k) => Object.is(value, b[k]));

describe('a panel as bytes', () => {
  it('comes back to the bit, wherever in memory the bytes lie', () => {
    fc.assert(
      fc.property(anyPanel, fc.nat(9), (panel, shift) => {
        const bytes = encodePanel(panel);
        const shifted = new Uint8Array(bytes.length + shift);
        shifted.set(bytes, shift);
        const back = decodePanel(shifted.subarray(shift));
        expect(back.ids).toEqual(panel.ids);
        expect(back.offsets).toEqual(panel.offsets);
        expect(back.frequency).toEqual(panel.frequency);
        expect(sameBits(back.time, panel.time) && sameBits(back.y, panel.y)).toBe(true);
        expect(encodePanel(back)).toEqual(bytes);
      }),
    );
  });

  it('brings its exogenous columns back to the bit as well', () => {
    fc.assert(
      fc.property(anyPanelWithColumns, (panel) => {
        const bytes = encodePanel(panel);
        const back = decodePanel(bytes);
        const [was, is] = [panel.exogenous!, back.exogenous!];
        expect(is).toEqual(was);
        const numbers = ({ future, historical, static: fixed }: typeof was): Float64Array[] =>
          [
            ...future.flatMap((column) => [column, { values: column.ahead }]),
            ...historical,
            ...fixed,
          ].map(({ values }) => values);
        const before = numbers(was);
        expect(numbers(is).every((column, k) => sameBits(column, before[k]!))).toBe(true);
        expect(encodePanel(back)).toEqual(bytes);
      }),
    );
  });

  it('is what it was before there were exogenous columns, if it has none', () => {
    const panel = createPanel({
      ids: ['a', 'b'],
      offsets: Uint32Array.of(0, 2, 3),
      time: Float64Array.of(1, 2, 1),
      y: Float64Array.of(0.1, Number.NaN, 3),
      frequency: parseFrequency('D'),
    });
    const digest = createHash('sha256').update(encodePanel(panel)).digest('hex');
    expect(digest).toBe('66432c03b236f468a90a95da7b4f03687aa8d41815d49973b237f4a99f3b194d');
  });

  it('knows every unit of frequency', () => {
    for (const unit of frequencyUnits) {
      const empty = {
        ids: [],
        offsets: new Uint32Array(1),
        time: new Float64Array(),
        y: new Float64Array(),
      };
      const panel = createPanel({ ...empty, frequency: { unit, count: 3, anchor: 'start' } });
      expect(decodePanel(encodePanel(panel)).frequency).toEqual(panel.frequency);
    }
  });
});

/** As many panels of either kind. */
const eitherPanel = fc.oneof(anyPanel, anyPanelWithColumns);

describe('damaged bytes', () => {
  const outcomeOf = (bytes: Uint8Array): string => {
    try {
      decodePanel(bytes);
      return 'decoded';
    } catch (error) {
      if (isForecastError(error)) return error.code;
      throw error;
    }
  };

  it('cut off or extended anywhere are refused by name', () => {
    fc.assert(
      fc.property(
        eitherPanel,
        fc.nat(),
        fc.uint8Array({ minLength: 1, maxLength: 20 }),
        (panel, cut, more) => {
          const bytes = encodePanel(panel);
          expect(outcomeOf(bytes.subarray(0, cut % bytes.length))).toBe('PANEL_CORRUPT');
          expect(outcomeOf(Uint8Array.of(...bytes, ...more))).toBe('PANEL_CORRUPT');
        },
      ),
    );
  });

  it('with any byte changed either are refused or decode to a well-formed panel', () => {
    fc.assert(
      fc.property(
        eitherPanel,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (panel, place, change) => {
          const bytes = encodePanel(panel);
          bytes[place % bytes.length]! ^= change;
          expect(['PANEL_CORRUPT', 'decoded']).toContain(outcomeOf(bytes));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('that claim huge sizes or falling offsets are refused before anything is made of them', () => {
    const panel = createPanel({
      ids: ['a', 'b'],
      offsets: Uint32Array.of(0, 1, 2),
      time: Float64Array.of(1, 1),
      y: Float64Array.of(1, 2),
      frequency: parseFrequency('D'),
    });
    const bytes = encodePanel(panel);
    const text = new TextDecoder().decode(bytes);
    const at = text.indexOf('"observations":2');
    const huge = bytes.slice();
    huge.set(new TextEncoder().encode('"observations":9'), at);
    expect(outcomeOf(huge)).toBe('PANEL_CORRUPT');
    const falling = { ...panel, offsets: Uint32Array.of(0, 3, 2) };
    expect(outcomeOf(encodePanel(falling))).toBe('PANEL_CORRUPT');
    expect(outcomeOf(encodePanel({ ...panel, time: Float64Array.of(Number.NaN, 1) }))).toBe(
      'PANEL_CORRUPT',
    );
  });
});
