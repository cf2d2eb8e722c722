/** Tests of the comparison with peers: both sides are scored by definition, and every workload fits its series. */
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scoreForecast } from '../../bench/peers/scores.ts';
import { readSet, workloads } from '../../bench/peers/workloads.ts';
import { sharedData } from '../shared-data.ts';

describe('the scores of a forecast', () => {
  it('take each fold of each series from its place', () => {
    // Two series, two folds of two steps, season 1: the mean absolute differences before the folds are 1 and 10.
    const set = {
      name: 'small',
      values: Float64Array.of(1, 2, 3, 10, 20, 30, 40, 5, 15, 25, 1, 2, 3, 4),
      lengths: [7, 7],
      season: 1,
    };
    // [folds, series, horizon]
    const forecast = Float64Array.of(11, 21, 1, 2, 30, 43, 5, 5);
    const { mae, mase } = scoreForecast(set, forecast, 2, 2);
    // Series 1: errors 1, 1 and 0, 3. Series 2: errors 0, 0 and 2, 1.
    expect(mae).toBeCloseTo((1 + 1.5 + 0 + 1.5) / 4, 12);
    expect(mase).toBeCloseTo((1 + 1.5 + 0 + 0.15) / 4, 12);
  });
});

const path = sharedData('m4/Hourly-train.csv.gz');

describe.skipIf(path === undefined)('the sets of series', () => {
  const folder = dirname(dirname(path!));

  it.each(workloads)('hold a window to train on: $model on $set', (workload) => {
    const { values, lengths } = readSet(workload, folder);
    const { lookBack, horizon, folds } = workload;
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(values.length);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(Math.min(...lengths) - folds * horizon).toBeGreaterThanOrEqual(lookBack + horizon);
  });

  it('are those that were published', () => {
    const byName = new Map(workloads.map((workload) => [workload.set, workload]));
    const etth1 = readSet(byName.get('etth1')!, folder);
    const hourly = readSet(byName.get('m4-hourly')!, folder);
    expect(etth1.lengths).toEqual(Array.from({ length: 7 }, () => 17_420));
    expect(hourly.lengths.length).toBe(414);
    expect(new Set(hourly.lengths)).toEqual(new Set([748, 1008]));
  });
});
