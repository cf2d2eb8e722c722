/** What forecasts can be made of, and what is said about models that may not be used. */
import { describe, expect, it } from 'vitest';
import { betterLeftOut, weightOptions } from '../../agents/weight-options.ts';

const member = (name: string, ...residuals: number[]) => ({
  name,
  residuals: Float64Array.from(residuals),
});
const bad = member('tft', 2, -2, 2, -2);
const good = member('seasonal-naive', 1, -1, 1, -1);
const worse = member('naive', 3, 3, 3, 3);

describe('weightOptions', () => {
  it('puts the model with the lowest validation error first', () => {
    const actions = weightOptions([bad, good]).map(({ action }) => action);
    expect(actions).toEqual(['use seasonal-naive', 'use tft']);
  });
  it('are the baselines where nothing was judged', () => {
    const actions = weightOptions([]).map(({ action }) => action);
    expect(actions).toEqual(['use seasonal-naive', 'use naive']);
  });
});

describe('betterLeftOut', () => {
  it('names the best model that the request does not allow, and by how much it is better', () => {
    const said = betterLeftOut([good, worse, bad], [bad], [{ model: 'tft', weight: 1 }]);
    expect(said).toContain('seasonal-naive errs 50 % less');
  });
  it('says nothing where what is served is the best', () => {
    const weights = [{ model: 'seasonal-naive', weight: 1 }];
    expect(betterLeftOut([good, worse, bad], [good], weights)).toBe('');
    expect(betterLeftOut([good, bad], [good, bad], weights)).toBe('');
    expect(betterLeftOut([good, bad], [], weights)).toBe('');
  });
});
