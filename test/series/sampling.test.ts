/** Deterministic samples. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evenlySpaced } from '../../series/sampling.ts';

describe('evenlySpaced', () => {
  it('takes all where there are few, else evenly spread numbers, each once', () => {
    expect([...evenlySpaced(3, 5)]).toEqual([0, 1, 2]);
    expect([...evenlySpaced(10, 4)]).toEqual([0, 2, 5, 7]);
    expect([...evenlySpaced(0, 4)]).toEqual([]);
    fc.assert(
      fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 300 }), (count, limit) => {
        const sample = evenlySpaced(count, limit);
        expect(sample).toHaveLength(Math.min(count, limit));
        expect(new Set(sample).size).toBe(sample.length);
        expect(sample.every((i) => i < count)).toBe(true);
      }),
    );
  });
});
