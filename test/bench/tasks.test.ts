/** Tests of the benchmark's readers against the sizes and naive scores that their publishers give. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findTask, loadTask, taskNames } from '../../bench/tasks.ts';
import { certainForecast, createTally, normalQuantiles } from '../../bench/scores.ts';
import { cutSeries, type Task } from '../../bench/task-data/task.ts';
import { seasonalNaive } from '../../models/naive/seasonal-naive.ts';
import { naive } from '../../models/naive/naive.ts';
import type { LocalModel } from '../../models/model.ts';
import { formatTime } from '../../series/format-time.ts';
import { parseFrequency } from '../../series/frequency.ts';
import { seriesTimes, seriesValues } from '../../series/panel.ts';
import { sharedData } from '../shared-data.ts';

const readme = sharedData('README.md');
const folder = readme === undefined ? '' : join(readme, '..');

const read = new Map<string, Task>();
/** The whole task, read once. */
function taskOf(name: string): Task {
  const task = read.get(name) ?? loadTask(name, folder);
  read.set(name, task);
  return task;
}

/** Scores of a naive model on all windows of a task. */
function scoreNaive(task: Task, model: LocalModel<Record<string, never>>) {
  const tally = createTally(task);
  const context = { horizon: task.horizon, season: task.seasons[0]! };
  for (const window of task.windows) {
    const mean = new Float64Array(window.test.length);
    const deviation = new Float64Array(window.test.length);
    for (const i of window.panel.ids.keys()) {
      const fit = model.fit(seriesValues(window.panel, i), context, {});
      mean.set(fit.mean, i * task.horizon);
      deviation.set(fit.deviation(), i * task.horizon);
    }
    tally.add(window, { mean, quantiles: normalQuantiles(mean, deviation) });
  }
  return tally.scores();
}

const day = (task: Task, series: number, k: number): string =>
  formatTime(seriesTimes(task.windows[0]!.panel, series).at(k)!, parseFrequency(task.frequency));

describe('cutting series', () => {
  const frequency = parseFrequency('D');
  const values = Float64Array.from([1, 2, 3, 4, 5, 6]);
  const future = { price: values.map((value) => 10 * value) };

  it('puts what is known in the panel, what followed in the test part, and leaves short series out', () => {
    const short = { id: 'short', values: values.subarray(0, 3), start: 0, future };
    const long = { id: 'long', values, start: 0, future };
    const { panel, test } = cutSeries([long, short], { horizon: 2 }, frequency, 3);
    expect(panel.ids).toEqual(['long']);
    expect([...panel.y]).toEqual([1, 2, 3]);
    expect([...test]).toEqual([4, 5]);
    expect(panel.time[2]).toBe(2 * 86_400_000);
    expect(panel.exogenous?.future).toEqual([
      {
        name: 'price',
        values: Float64Array.from([10, 20, 30]),
        ahead: Float64Array.from([40, 50]),
      },
    ]);
  });
});

describe.skipIf(readme === undefined)('the tasks', () => {
  // Series, observations before the first origin, windows; the first training value and the first test value.
  const facts: Readonly<Record<string, readonly number[]>> = {
    'm4-hourly': [414, 353_500, 1, 605, 619],
    'm4-weekly': [359, 366_912, 1, 1089.2, 35_397.16],
    'm4-yearly': [23_000, 720_458, 1, 5172.1, 7290.2],
    'm1-yearly': [181, 3429, 1, 3600, 588_568],
    'm1-quarterly': [203, 8320, 1, 0.54, 0.72],
    'm1-monthly': [617, 44_892, 1, 697_458, 1_179_180],
    'tourism-yearly': [518, 10_606, 1, 25_092.2284, 36_555.6156],
    'tourism-quarterly': [427, 39_128, 1, 3592.55, 6915.52],
    'tourism-monthly': [366, 100_496, 1, 1149.87, 6611.115],
    hospital: [767, 55_224, 1, 27, 13],
    'fred-md': [107, 76_612, 1, 2437.296, 16_548.593],
    'electricity-weekly': [321, 47_508, 1, 8032, 1542],
    'traffic-weekly': [862, 82_752, 1, 6.4875, 10.3964],
    sp500: [120, 217_560, 4, 10.0386, 53.34439],
    m5: [3377, 1_360_655, 1, 11, 0],
    'vic-elec': [1, 37_920, 6, 4382.825174, 4308.008882],
    'electricity-prices': [4, 6048, 7, 70, 33.8],
  };

  it('have facts to be tested by', () => {
    expect(Object.keys(facts)).toEqual(taskNames);
  });

  it.each(taskNames)('hold all of %s', (name) => {
    const task = taskOf(name);
    const { panel, test } = task.windows[0]!;
    expect([panel.ids.length, panel.y.length, task.windows.length, panel.y[0], test[0]]).toEqual(
      facts[name],
    );
    expect(test.length).toBe(panel.ids.length * task.horizon);
    expect(test.some(Number.isNaN)).toBe(false);
    expect(panel.y.some(Number.isNaN)).toBe(false);
  });

  it('begin when their publishers say', () => {
    expect(day(taskOf('m1-yearly'), 0, 0)).toBe('1972-01-01');
    expect(day(taskOf('hospital'), 0, -1)).toBe('2005-12-01');
    expect(day(taskOf('electricity-weekly'), 0, 1)).toBe('2012-01-08');
    expect(day(taskOf('m5'), 0, 0)).toBe('2015-03-03');
    expect(day(taskOf('vic-elec'), 0, 1)).toBe('2012-01-01 00:30:00');
    expect(day(loadTask('electricity-prices', folder, { windows: 1 }), 0, -1)).toBe(
      '2016-12-29 23:00:00',
    );
  });

  it('know their columns for the horizon', () => {
    const { windows } = loadTask('electricity-prices', folder, { series: 1, windows: 1 });
    const { exogenous } = windows[0]!.panel;
    expect(exogenous?.future.map(({ name }) => name)).toEqual(['exogenous1', 'exogenous2']);
    expect(exogenous?.stepsAhead).toBe(24);
    expect(exogenous?.future[0]?.values[0]).toBe(57_253);
  });

  // Naive MASE of the Chronos paper's results (Ansari et al. 2024) and of the M4 competition's evaluation files.
  it.each([
    'm1-quarterly',
    'm1-monthly',
    'tourism-quarterly',
    'tourism-monthly',
    'hospital',
    'fred-md',
  ])('give the published MASE of the seasonal naive forecast of %s', (name) => {
    const published = findTask(name).published['SeasonalNaive of statsforecast']?.mase;
    const { mase } = scoreNaive(taskOf(name), seasonalNaive);
    expect(mase).toBeCloseTo(published!, 3);
  });

  it('give the published MASE of the naive forecast of electricity-weekly', () => {
    const { mase } = scoreNaive(taskOf('electricity-weekly'), naive);
    expect(mase).toBeCloseTo(3.0372, 3);
  });

  it.each([
    ['m4-hourly', 71.245],
    ['m4-weekly', 26.358],
    ['m4-yearly', 56.554],
  ])('give the published MSIS of the naive forecast of %s', (name, published) => {
    expect(scoreNaive(taskOf(name), naive).msis).toBeCloseTo(published, 2);
  });

  it('carry the Naive2 of the organisers of M4', () => {
    const task = taskOf('m4-hourly');
    const tally = createTally(task);
    tally.add(task.windows[0]!, certainForecast(task.naive2!));
    expect(tally.scores().mase).toBeCloseTo(2.395, 3);
  });
});
