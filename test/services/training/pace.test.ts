/** Tests of the pace of a training: how many steps a call takes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPace } from '../../../services/training/pace.ts';

const bounds = { validateEvery: 1000, maxSteps: 10_000, batch: 32, remainingMs: () => Infinity };

describe('the pace', () => {
  it('grows from one step to calls of half a second, and takes single steps where one is slower', () => {
    const pace = createPace(bounds);
    expect(pace.next(0)).toBe(1);
    pace.stepped(1, 100);
    expect(pace.next(1)).toBe(5);
    pace.stepped(5, 500);
    expect(pace.next(6)).toBe(5);
    pace.stepped(5, 20_000);
    expect(pace.next(11)).toBe(1);
  });

  it('ends calls where a validation is due and where the training ends', () => {
    fc.assert(
      fc.property(fc.nat(9_999), fc.integer({ min: 1, max: 100_000 }), (step, before) => {
        const pace = createPace(bounds);
        pace.stepped(before, 0);
        const reached = step + pace.next(step);
        expect(reached).toBeLessThanOrEqual(Math.min(10_000, (Math.floor(step / 1000) + 1) * 1000));
        expect(reached).toBeGreaterThan(step);
      }),
    );
  });

  it('stops when the time left is no more than a validation takes', () => {
    let remaining = 1000;
    const pace = createPace({ ...bounds, remainingMs: () => remaining });
    pace.stepped(1, 10);
    pace.validated(300);
    expect(pace.next(1)).toBe(8);
    remaining = 320;
    expect(pace.next(9)).toBe(2);
    remaining = 305;
    expect(pace.next(11)).toBe(0);
    expect(pace.next(0)).toBe(1);
  });
});
