/** What people read of a backtest, as golden text. */
import { describe, expect, it } from 'vitest';
import { describeActivity } from '../../../app/cli/progress.ts';
import { renderBacktest } from '../../../app/cli/render/backtest.ts';
import { createStyle } from '../../../app/cli/render/style.ts';
import { sampleBacktest } from './sample-run.ts';

const plain = createStyle({}, {});

describe('the report of a backtest', () => {
  it('tells windows, scores beside the baselines, and which models differ', () => {
    expect(renderBacktest(sampleBacktest, plain)).toMatchInlineSnapshot(`
      "Compared 3 models on 5 windows of 12 steps, 12 steps apart, for 6 series of jobs.csv (frequency MS,
      season 12).

      Accuracy on all windows (lower is better)
        model            MASE  RMSSE  sMAPE      WQL   MSIS  in 80 %  in 95 %  bias  vs seasonal-naive    time
        theta *         0.810  0.972   8.10  0.04050   5.67     79 %     94 %  −1 %              −10 %  810 ms
        seasonal-naive  0.900  1.080   9.00  0.04500   6.30     79 %     94 %  −1 %                     900 ms
        naive           1.700  2.040  17.00  0.08500  11.90     79 %     94 %  −1 %              +89 %   1.7 s

      Over 6 series, at 5 %: theta has the best average rank; of the others only seasonal-naive does not
      differ from it (critical difference of ranks 1.353, Friedman test p 0.0005).
        model           average rank  alike
        theta                  1.333  a
        seasonal-naive         1.667  ab
        naive                  3.000   b

      Over 5 windows, at 5 %: theta has the least mean error; of the others only seasonal-naive does not
      differ from it (Diebold-Mariano tests, p-values by Holm).

      Written to scores: backtest.json, scores.csv"
    `);
  });

  it('says so where no test is possible, and leaves out columns without figures', () => {
    const models = sampleBacktest.models.map((row) => ({
      ...row,
      mase: null,
      msis: null,
      wql: null,
      coverage80: null,
      coverage95: null,
      relativeBias: null,
    }));
    const differences = { ...sampleBacktest.differences, overSeries: null, overWindows: null };
    const text = renderBacktest({ ...sampleBacktest, models, differences, out: null }, plain);
    expect(text).toMatch(/^ {2}model +RMSSE +sMAPE +MAE +vs seasonal-naive +time$/m);
    expect(text).toContain('that takes five series or four windows');
    expect(text).not.toContain('Written');
  });

  it('says in words how many differ', () => {
    const told = (overlap: number[], pValue: number): string => {
      const { overSeries, ...rest } = sampleBacktest.differences;
      const names = overSeries!.ranks.map(({ model }) => model);
      const groups = [names.filter((_, place) => overlap.includes(place))];
      const test = { statistic: 1, pValue };
      const differences = { ...rest, overSeries: { ...overSeries!, groups, test } };
      return renderBacktest({ ...sampleBacktest, differences }, plain).replaceAll(/\s+/g, ' ');
    };
    expect(told([0], 0.001)).toContain('all others differ from it (critical');
    expect(told([0, 1, 2], 0.001)).toContain('none of the others differs from it (critical');
    expect(told([0, 1, 2], 0.3)).toContain('no two models differ (Friedman test');
  });

  it('tells how often models were trained', () => {
    const told = (trainings: number, refitEvery: number): string => {
      const models = sampleBacktest.models.map((row, place) =>
        place === 0 ? { ...row, model: 'nlinear', trainings } : row,
      );
      const text = renderBacktest({ ...sampleBacktest, models, refitEvery }, plain);
      return text.replaceAll(/\s+/g, ' ');
    };
    expect(told(1, 0)).toContain(
      'nlinear was trained once, before the first window; all others were fitted anew in every window.',
    );
    expect(told(5, 1)).toContain('nlinear was trained 5 times, anew after every window;');
    expect(told(3, 2)).toContain('nlinear was trained 3 times, anew after every 2 windows;');
    expect(told(0, 1)).not.toContain('fitted');
  });

  it('is announced window by window on the live line', () => {
    const line = { level: 'info', time: '2026-11-20T08:30:00.123Z', run: 'backtest' } as const;
    const progress = { ...line, event: 'backtest-progressed', model: 'theta', done: 3, total: 15 };
    expect(describeActivity(progress as never)).toBe('backtest: theta, window 3 of 15 in all');
  });
});
