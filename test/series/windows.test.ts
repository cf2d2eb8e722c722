/** Training windows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seriesLength } from '../../series/panel.ts';
import { createWindowIndex } from '../../series/windows.ts';
import { generate, panelOf } from './make-panel.ts';

describe('createWindowIndex', () => {
  it('lists every window once, none across the cut or the border of a series', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 25 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 8 }),
        (lengths, lookBack, horizon, stepsFromEnd) => {
          const panel = panelOf(lengths.map((length) => generate(length, (t) => t)));
          const index = createWindowIndex(panel, lookBack, horizon, stepsFromEnd);
          const expected: { series: number; start: number }[] = [];
          for (let i = 0; i < lengths.length; i++) {
            const last = seriesLength(panel, i) - stepsFromEnd - lookBack - horizon;
            for (let t = 0; t <= last; t++) {
              expected.push({ series: i, start: panel.offsets[i]! + t });
            }
          }
          const all = Array.from({ length: index.count }, (_, k) => k);
          expect(all.map(index.locate)).toEqual(expected);
          expect([...index.startsOf(all)]).toEqual(expected.map(({ start }) => BigInt(start)));
          expect([...index.seriesOf(all)]).toEqual(expected.map(({ series }) => BigInt(series)));
          expect(index.seriesCount).toBe(new Set(expected.map(({ series }) => series)).size);
        },
      ),
    );
  });

  it('refuses a window that does not exist', () => {
    const index = createWindowIndex(panelOf([[1, 2, 3]]), 1, 1, 0);
    expect(index.count).toBe(2);
    expect(() => index.locate(2)).toThrow('window 2 of 2');
  });
});
