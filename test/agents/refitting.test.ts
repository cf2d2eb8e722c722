/** Which of the serving models are trained once more, and in which order. */
import { describe, expect, it } from 'vitest';
import { worthRefitting } from '../../agents/refitting.ts';
import type { Candidate } from '../../state/run-state.ts';

const candidate = (name: string): Candidate => ({ name }) as Candidate;

describe('what is trained once more', () => {
  const candidates = ['first', 'second', 'third'].map(candidate);
  const shares = [
    { model: 'theta', weight: 0.5 },
    { model: 'first', weight: 0.1 },
    { model: 'second', weight: 0.005 },
    { model: 'third', weight: 0.395 },
  ];
  it('is the heaviest first, and not what hardly counts', () => {
    expect(worthRefitting(candidates, shares).map(({ name }) => name)).toEqual(['third', 'first']);
  });
});
