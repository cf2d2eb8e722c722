/** Tests of the M4 benchmark against the figures that the organisers published. */
import { describe, expect, it } from 'vitest';
import { measureYardsticks } from '../../bench/m4-benchmarks.ts';
import { owa, readSet, readSubmission, repeatLast, scoreForecasts } from '../../bench/m4-data.ts';
import { sharedData } from '../shared-data.ts';

const folder = sharedData('m4');

describe.skipIf(folder === undefined)('the M4 measures', () => {
  // Makridakis et al. 2020, evaluation files of the competition: sMAPE and MASE by frequency.
  it.each([
    { name: 'Hourly', naive: [43.003, 11.608], sNaive: [13.912, 1.193], naive2: [18.383, 2.395] },
    { name: 'Weekly', naive: [9.161, 2.777], sNaive: [9.161, 2.777], naive2: [9.161, 2.777] },
    { name: 'Yearly', naive: [16.342, 3.974], sNaive: [16.342, 3.974], naive2: [16.342, 3.974] },
  ] as const)(
    'give the published figures of the naive forecasts of $name',
    ({ name, naive, sNaive, naive2 }) => {
      const set = readSet(folder!, name);
      const published = (figures: readonly [number, number], forecasts: Float64Array): void => {
        const scores = scoreForecasts(set, forecasts, 0);
        expect(scores.smape).toBeCloseTo(figures[0], 3);
        expect(scores.mase).toBeCloseTo(figures[1], 3);
      };
      published(naive, repeatLast(set, 1, 0));
      published(sNaive, repeatLast(set, set.season, 0));
      published(naive2, readSubmission(`${folder!}/reference/submission-Naive2.zip`, set));
    },
  );

  it.each(['Hourly', 'Weekly', 'Yearly'] as const)(
    "give the scores of the organisers' sheet for their forecasts of %s, and for ours by the same methods",
    (name) => {
      const yardsticks = measureYardsticks(folder!, name, ['sNaive', 'Naive2', 'SES']);
      for (const { method, published, submitted, ours } of yardsticks) {
        // The sheet has three decimals.
        expect(submitted!.smape).toBeCloseTo(published.smape, 3);
        expect(submitted!.mase).toBeCloseTo(published.mase, 3);
        // Estimates stop at other places: R's and ours differ by 0.05 % at most.
        const allowed = method === 'SES' ? 0.001 : 0;
        const bound = (figure: number): number => figure * allowed + 0.0005;
        expect(Math.abs(ours!.smape - published.smape)).toBeLessThan(bound(published.smape));
        expect(Math.abs(ours!.mase - published.mase)).toBeLessThan(bound(published.mase));
      }
    },
  );

  it('give the published OWA of the seasonal naive forecast of Hourly', () => {
    const set = readSet(folder!, 'Hourly');
    const naive2 = readSubmission(`${folder!}/reference/submission-Naive2.zip`, set);
    const scores = scoreForecasts(set, repeatLast(set, 24, 0), 0);
    expect(owa(scores, scoreForecasts(set, naive2, 0))).toBeCloseTo(0.6275, 4);
  });

  it('look at nothing after the origin when they judge an earlier one', () => {
    const set = readSet(folder!, 'Weekly');
    const { horizon } = set;
    const test = new Float64Array(set.test.length).fill(Number.NaN);
    const blind = scoreForecasts({ ...set, test }, repeatLast(set, 1, horizon), horizon);
    expect(blind.mase).toBeGreaterThan(1);
    expect(blind).toEqual(scoreForecasts(set, repeatLast(set, 1, horizon), horizon));
  });
});
