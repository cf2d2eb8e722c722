/** What people read: summaries, tables, timelines and progress, as golden text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeActivity, describeEvent } from '../../../app/cli/progress.ts';
import { renderTimeline } from '../../../app/cli/render/decisions.ts';
import { renderRuns, renderStatus } from '../../../app/cli/render/run-status.ts';
import { renderScores } from '../../../app/cli/render/scores.ts';
import { forecastSparkline, sparkline } from '../../../app/cli/render/sparkline.ts';
import { createStyle, wantsColor } from '../../../app/cli/render/style.ts';
import { renderSummary } from '../../../app/cli/render/summary.ts';
import * as wording from '../../../app/cli/render/wording.ts';
import type { EventName } from '../../../state/events.ts';
import { sampleDecisions, sampleEngine, sampleFork, sampleRun } from './sample-run.ts';

const plain = createStyle({}, {});

describe('the summary of a run', () => {
  it('tells headline, accuracy beside the baselines, preview, decisions, repairs, files and next steps', () => {
    expect(renderSummary(sampleRun, sampleDecisions, plain)).toMatchInlineSnapshot(`
      "Forecast 12 steps ahead for 2 series in 14.2 s.
      On the test folds it has MASE 0.8305, −36 % against seasonal-naive.

        run         r1 (completed)
        data        jobs.csv: 2 series, 236 observations (118 each), frequency MS
        season      12 steps
        made of     nlinear 75 %, seasonal-naive 25 %
        registered  jobs-h12@3

      Accuracy on the test folds, which chose nothing (lower is better)
        model             MASE    MAE   RMSE  sMAPE  in 80 %  in 95 %  vs seasonal-naive  weight
        served forecast  0.831  262.1  327.6  1.661     79 %     94 %              −36 %
        nlinear *        0.812  256.7  320.9  1.625     79 %     94 %              −38 %    75 %
        seasonal-naive   1.304  412.3  515.4  2.608     79 %     94 %                       25 %
        naive            1.710  540.0  675.0  3.420     79 %     94 %              +31 %       –

      Accuracy on the validation folds, which chose the models (lower is better)
        model            MASE    MAE   RMSE  sMAPE  vs seasonal-naive  weight
        nlinear *       0.790  250.0  312.5  1.580              −34 %    75 %
        seasonal-naive  1.200  380.0  475.0  2.400                       25 %

      nonfarm by nlinear, seasonal-naive
        ▁▁▂▃▃▄▅▆▆▇██▁▁▂▃▃▄▅▆▆▇██ ┊ ▁▁▂▃▄▄▅▆▆▇██
        time        forecast       80 % interval
        2016-01-01   135,100  134,900 to 135,300
        2016-02-01   135,600  135,400 to 135,800
        2016-03-01   136,100  135,900 to 136,300
        2016-04-01   136,600  136,400 to 136,800
        2016-05-01   137,100  136,900 to 137,300
        2016-06-01   137,600  137,400 to 137,800
        and 6 more steps

      Decisions
        2-training: train nlinear
          its validation MASE of 0.79 is the lowest of six configurations, a third under that of the
          seasonal naive forecast

      How the input was read and repaired
        2 missing months of private were interpolated

      Written to /data/forecasts/r1
        forecasts.csv
        report.html

      Next
        agentic-forecast decisions r1
          why, on which evidence, and what was rejected
        agentic-forecast explain r1
          what the forecast of a series is made of
        agentic-forecast show r1
          this run again, at any time
        agentic-forecast fork r1 --at 2-training --choose 'train dlinear'
          what if it had been decided otherwise"
    `);
  });

  it('says how the forecast compares also where a baseline is better', () => {
    const scores = sampleRun.scores.map((row) =>
      row.model === 'served forecast' ? { ...row, mase: 1.4 } : row,
    );
    expect(renderSummary({ ...sampleRun, scores }, [], plain)).toContain(
      'On the test folds it has MASE 1.400, +7 % against seasonal-naive.',
    );
  });

  it('leaves the comparison out where the baseline makes no error or nothing could be judged', () => {
    const constant = sampleRun.scores.map((row) => ({ ...row, mase: null, mae: 0 }));
    const summary = renderSummary({ ...sampleRun, scores: constant }, [], plain);
    expect(summary).toContain('On the test folds it has MAE 0.\n');
    const unjudged = sampleRun.scores.map((row) => ({ ...row, mase: null, mae: null }));
    expect(renderSummary({ ...sampleRun, scores: unjudged }, [], plain)).not.toContain(
      'On the test folds it has',
    );
  });

  it('says that accuracy is unknown where nothing could be held out', () => {
    const unmeasured = sampleRun.scores.map((row) => ({ ...row, mase: null, mae: null }));
    for (const scores of [[], unmeasured]) {
      expect(renderScores(scores, [], plain)).toBe(
        'Accuracy is not known: the series are too short to hold any of it out.',
      );
    }
  });

  it('ranks by MAE where MASE has no scale, and leaves its column out', () => {
    const scores = sampleRun.scores.map((row, i) => (i === 0 ? { ...row, mase: null } : row));
    const table = renderScores(scores, [], plain);
    expect(table.split('\n')[3]).toMatch(/^ {2}nlinear \* /);
    expect(table.split('\n\n')[0]).not.toContain('MASE');
  });
});

describe('the status of a run', () => {
  it('tells position, accuracy and, for a fork, parent and fork side by side', async () => {
    const shown = await sampleEngine().show('r2');
    expect(renderStatus(shown, plain)).toMatchInlineSnapshot(`
      "  run         r2 (completed)
        data        jobs.csv: 2 series, 236 observations (118 each), frequency MS
        fork of     r1 at 2-training: train dlinear
        season      12 steps
        made of     dlinear 100 %
        registered  jobs-h12@3
        started     2026-11-20 08:30
        worked      9.1 s
        position    step 13, at the end
        visits      orchestrator 6, training 1
        folder      /data/forecasts/r1

      Accuracy on the test folds, which chose nothing (lower is better)
        model             MASE    MAE   RMSE  sMAPE  in 80 %  in 95 %  vs seasonal-naive  weight
        served forecast  0.900  280.0  350.0  1.800     79 %     94 %              −31 %
        dlinear *        0.900  280.0  350.0  1.800     79 %     94 %              −31 %   100 %
        seasonal-naive   1.304  412.3  515.4  2.608     79 %     94 %                          –

      Compared with its parent: 2-training chose train dlinear
                                                          parent r1        fork r2  change
        status                                            completed      completed
        worked                                               14.2 s          9.1 s
        made of                   nlinear 75 %, seasonal-naive 25 %  dlinear 100 %
        MASE of served forecast                              0.8305         0.9000    +8 %
        MASE of nlinear                                      0.8123              –       –
        MASE of dlinear                                           –         0.9000       –
        MASE of seasonal-naive                                1.304          1.304    ±0 %
        MASE of naive                                         1.710              –       –
        mean forecast of nonfarm                            137,850        140,607    +2 %"
    `);
  });

  it('names the error of a failed run and the next node of a stopped one', () => {
    const text = renderStatus(
      {
        ...sampleRun,
        status: 'failed',
        position: { next: ['training'], step: 4, visits: {} },
        scores: [],
        error: { code: 'STORE_FULL', message: 'No space left.' },
      },
      plain,
    );
    expect(text).toContain('position    step 4, next training');
    expect(text).toContain('STORE_FULL: No space left.');
  });
});

describe('the list of runs', () => {
  it('has one line a run', () => {
    expect(renderRuns(sampleEngine().runs(), plain)).toMatchInlineSnapshot(`
      "  run  status     data      horizon  started           worked  fork of
        r2   completed  jobs.csv       12  2026-11-20 08:30   9.1 s  r1
        r1   stopped    jobs.csv       12  2026-11-20 08:30  14.2 s"
    `);
  });

  it('says how to start where there is none', () => {
    expect(renderRuns([], plain)).toContain('start one with: agentic-forecast run');
  });
});

describe('the timeline of decisions', () => {
  it('tells action, reason, evidence and what was rejected', () => {
    expect(renderTimeline('r1', sampleDecisions, plain)).toMatchInlineSnapshot(`
      "2 decisions of run r1

      1-orchestrator  training
          when      2026-11-20 08:30:05, took 1 ms
          why       train-the-best: the search has found configurations worth a full training
          evidence  trials 6; best nlinear
          rejected  forecast: forecast-now: the work before it is not done

      2-training  train nlinear
          when      2026-11-20 08:30:06, took 7.1 s, decided by a person
          why       its validation MASE of 0.79 is the lowest of six configurations, a third under that of
                    the seasonal naive forecast
          evidence  validation loss 0.03312; warm start no; weights (nlinear 0.75)
          rejected  train dlinear: validation MASE 0.84 is higher
                    train nothing: the baselines are worse"
    `);
  });
});

describe('progress', () => {
  const line = (event: EventName, fields: Record<string, unknown> = {}) => ({
    level: 'info',
    time: '2026-11-20T08:30:00.000Z',
    run: 'r1',
    event,
    ...fields,
  });

  it('says how to resume as soon as a run has begun', () => {
    expect(describeEvent(line('run-started'), plain)).toBe(
      'Run r1 has begun; if interrupted, continue it with: agentic-forecast resume r1',
    );
  });

  it('tells each decision with its reason, but none that a fork inherits', () => {
    const fields = { decision: sampleDecisions[0] };
    expect(describeEvent(line('decision-made', fields), plain)).toBe(
      'orchestrator → training\n    train-the-best: the search has found configurations worth a full training',
    );
    expect(describeEvent(line('decision-made', { ...fields, inherited: true }), plain)).toBe('');
  });

  it('shows a first quick forecast, with or without timestamps and intervals', () => {
    const preview = [
      { id: 'a', model: 'seasonal-naive', history: [1, 2], times: [0], forecast: [3] },
    ];
    expect(
      describeEvent(line('baseline-forecast-ready', { preview }), plain),
    ).toMatchInlineSnapshot(`
      "
      A first quick forecast; better ones follow
      a by seasonal-naive
        ▁▅ ┊ █
        time  forecast
        +1       3.000
      "
    `);
  });

  it('changes only the live line for steps of a training', () => {
    const fields = { model: 'nlinear', step: 300, maxSteps: 1000, loss: 0.034_56 };
    const event = line('training-progressed', fields);
    expect(describeEvent(event, plain)).toBe('');
    expect(describeActivity(event)).toBe(
      'training nlinear: step 300 of at most 1000, loss 0.03456',
    );
    expect(describeActivity(line('trial-finished', { trial: 2, score: 0.79 }))).toBe(
      'hyperparameter-search: trial 3 scored 0.7900',
    );
  });

  it('says nothing about an event whose fields are not as expected', () => {
    expect(describeEvent(line('decision-made', { decision: { agent: 'nobody' } }), plain)).toBe('');
    expect(describeActivity(line('training-progressed'))).toBe('');
  });
});

describe('colour', () => {
  it('follows NO_COLOR, FORCE_COLOR and the stream, in this order', () => {
    expect(wantsColor({ isTTY: true }, {})).toBe(true);
    expect(wantsColor({ isTTY: false }, {})).toBe(false);
    expect(wantsColor({ isTTY: true }, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
    expect(wantsColor({ isTTY: true }, { NO_COLOR: '' })).toBe(true);
    expect(wantsColor({}, { FORCE_COLOR: '1' })).toBe(true);
    expect(wantsColor({ isTTY: true }, { FORCE_COLOR: '0' })).toBe(false);
    expect(wantsColor({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
  });

  it('changes nothing but escape sequences', () => {
    const colored = createStyle({ isTTY: true, columns: 100 }, {});
    const text = renderSummary(sampleFork, sampleDecisions, colored);
    expect(text).toContain('\u001B[');
    // oxlint-disable-next-line no-control-regex -- escape sequences are control characters
    const stripped = text.replaceAll(/\u001B\[\d+m/g, '').replaceAll(/ +$/gm, '');
    expect(stripped).toBe(renderSummary(sampleFork, sampleDecisions, plain));
  });
});

describe('sparkline', () => {
  it('rises with its values and spans the whole scale', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([5, 5, 5])).toBe('▅▅▅');
    expect(sparkline([0, Number.NaN, 7])).toBe('▁ █');
    expect(sparkline([])).toBe('');
  });

  it('keeps one character a value, and the order of the values', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { maxLength: 40 }), (values) => {
        const line = sparkline(values);
        expect(line).toHaveLength(values.length);
        const finite = values.flatMap((value, i) => (Number.isFinite(value) ? [{ value, i }] : []));
        const ordered = finite.toSorted((a, b) => a.value - b.value).map(({ i }) => line[i]!);
        expect(ordered).toEqual(ordered.toSorted());
      }),
    );
  });

  it('joins the end of the history and the start of the forecast on one scale', () => {
    expect(forecastSparkline([9, 0, 1], [6, 7, 7], 6)).toBe('█▁▁ ┊ ▆▇');
    expect(forecastSparkline([9, 9, 0, 7], [7, 7, 7], 3)).toBe('▁█ ┊ █');
  });
});

describe('wording', () => {
  it.each([
    [142_345.4, '142,345'],
    [1234.5, '1,235'],
    [21.366, '21.37'],
    [0.004_123_4, '0.004123'],
    [-3.5, '−3.500'],
    [0, '0'],
    [-0.000_000_1, '−1.000e−7'],
    [1e18, '1.000e+18'],
    [Infinity, '∞'],
    [Number.NaN, '–'],
    [null, '–'],
  ])('writes %d as %s', (value, text) => {
    expect(wording.formatNumber(value)).toBe(text);
  });

  it('gives a column one number of decimals', () => {
    expect(wording.formatColumn([412.31, 9.876, null, -0.001])).toEqual([
      '412.3',
      '9.9',
      '–',
      '0.0',
    ]);
  });

  it.each([
    [850, '850 ms'],
    [999.7, '1.0 s'],
    [14_230, '14.2 s'],
    [59_960, '1 min 0 s'],
    [125_000, '2 min 5 s'],
    [7_380_000, '2 h 3 min'],
  ])('writes %d milliseconds as %s', (durationMs, text) => {
    expect(wording.formatDuration(durationMs)).toBe(text);
  });

  it('writes changes with their sign', () => {
    expect(wording.formatChange(0.82, 1)).toBe('−18 %');
    expect(wording.formatChange(1.031, 1)).toBe('+3 %');
    expect(wording.formatChange(1.0012, 1)).toBe('+0.1 %');
    expect(wording.formatChange(0.9999, 1)).toBe('±0 %');
    expect(wording.formatChange(1, 1)).toBe('±0 %');
    expect(wording.formatChange(1, 0)).toBe('–');
  });

  it('writes times without the parts that say nothing', () => {
    expect(wording.formatTime('2024-01-31T00:00:00.000Z')).toBe('2024-01-31');
    expect(wording.formatTime('2024-01-31T13:05:00Z')).toBe('2024-01-31 13:05');
    expect(wording.formatTime('2024-01-31T13:05:07Z')).toBe('2024-01-31 13:05:07');
    expect(wording.formatTime('118')).toBe('118');
  });

  it('wraps text without losing a word or passing the width', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { maxLength: 30 });
    fc.assert(
      fc.property(words, fc.integer({ min: 24, max: 80 }), (list, width) => {
        const text = wording.wrap(list.join(' '), width, '    ');
        expect(text.split(/\s+/).filter(Boolean)).toEqual(list);
        for (const each of text.split('\n')) expect(each.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});
