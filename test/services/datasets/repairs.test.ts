/** Tests of repairs: what is mended, left out or remarked, and that it is said. */
import { describe, expect, it } from 'vitest';
import { seriesValues } from '../../../series/panel.ts';
import type { LoadedData, RepairKind } from '../../../services/datasets/datasets.ts';
import { dailyRows, errorOf, frequencyOf, loadText, timesOf, valuesOf } from './load-text.ts';

const kindsOf = ({ repairs }: LoadedData): RepairKind[] => repairs.map(({ kind }) => kind);
const repairOf = ({ repairs }: LoadedData, kind: RepairKind) =>
  repairs.find((repair) => repair.kind === kind);

const ramp = (length: number, from = 1): number[] => Array.from({ length }, (_, k) => from + k);
const long = (...rows: string[]): string => `unique_id,ds,y\n${rows.join('')}`;
const good = dailyRows(ramp(20), 'good');

describe('repairs of single series', () => {
  it('sorts rows that are out of order', async () => {
    const rows = dailyRows(ramp(20), 'a').trim().split('\n').toReversed().join('\n');
    const loaded = await loadText(long(good, `${rows}\n`));
    expect(valuesOf(loaded)).toEqual({ good: ramp(20), a: ramp(20) });
    expect(loaded.repairs).toEqual([
      {
        kind: 'sorted',
        series: 1,
        observations: 19,
        detail: 'rows out of time order were sorted, 19 timestamps in 1 series: a',
      },
    ]);
  });

  it('keeps the later of two rows of one time', async () => {
    const loaded = await loadText(long(dailyRows(ramp(20), 'a'), 'a,2020-01-03,33\n'));
    expect([...seriesValues(loaded.panel, 0)].slice(0, 4)).toEqual([1, 2, 33, 4]);
    expect(repairOf(loaded, 'duplicates-dropped')).toMatchObject({ series: 1, observations: 1 });
  });

  it('adds absent times and puts the straight line there', async () => {
    const rows = dailyRows(ramp(20), 'a').split('\n');
    rows.splice(5, 3);
    const loaded = await loadText(long(rows.join('\n')));
    expect(valuesOf(loaded)).toEqual({ a: ramp(20) });
    expect(repairOf(loaded, 'gaps-interpolated')).toMatchObject({ series: 1, observations: 3 });
  });

  it('interpolates missing values inside and cuts them off at both ends, whatever they are written as', async () => {
    const values = ['', 'NA', 3, 4, 'NaN', 'null', 7, '?', 'n/a', 10, ...ramp(10, 11), '-', 'None'];
    const loaded = await loadText(long(dailyRows(values, 'a')));
    expect(valuesOf(loaded)).toEqual({ a: ramp(18, 3) });
    expect(timesOf(loaded)[0]).toBe('2020-01-03T00:00');
    expect(repairOf(loaded, 'missing-trimmed')).toMatchObject({ series: 1, observations: 4 });
    expect(repairOf(loaded, 'missing-interpolated')).toMatchObject({ series: 1, observations: 4 });
  });

  it('takes infinite values as missing', async () => {
    const loaded = await loadText(
      long(dailyRows([1, 'inf', 3, '-Infinity', 5, '1e999', ...ramp(14, 7)], 'a')),
    );
    expect(valuesOf(loaded)).toEqual({ a: ramp(20) });
    expect(repairOf(loaded, 'infinite-as-missing')).toMatchObject({ series: 1, observations: 3 });
  });

  it('moves times that jitter to the grid', async () => {
    const seconds = [3, 1, 59, 0, 2, 58, 1, 0, 4, 2, 1, 57, 3, 0, 1, 2, 59, 1, 2, 0];
    const start = Date.UTC(2020, 0, 1, 12);
    const rows = seconds.map((second, k) => {
      const late = second > 30 ? second - 60 : second;
      return `a,${new Date(start + k * 300_000 + late * 1000).toISOString()},${k}\n`;
    });
    const loaded = await loadText(long(...rows));
    expect(frequencyOf(loaded)).toBe('5min');
    expect(loaded.panel.y).toHaveLength(20);
    expect(repairOf(loaded, 'aligned-to-grid')?.series).toBe(1);
  });

  it('gives periods one day of the month: last trading days become month ends', async () => {
    const days = [
      '2020-01-31',
      '2020-02-28',
      '2020-03-31',
      '2020-04-30',
      '2020-05-29',
      '2020-06-30',
      '2020-07-31',
      '2020-08-31',
    ];
    const loaded = await loadText(long(...days.map((day, k) => `a,${day},${k}\n`)));
    expect(frequencyOf(loaded)).toBe('ME');
    expect(timesOf(loaded)[1]).toBe('2020-02-29T00:00');
    expect(repairOf(loaded, 'aligned-to-grid')?.observations).toBe(2);
  });

  it('aligns what daylight saving time shifted', async () => {
    const rows = ramp(24).map((_, month) => {
      const hour = month % 12 >= 4 && month % 12 <= 9 ? 7 : 8;
      return `a,${new Date(Date.UTC(2018, month, 1, hour)).toISOString()},${month}\n`;
    });
    const loaded = await loadText(long(...rows));
    expect(frequencyOf(loaded)).toBe('MS');
    expect(timesOf(loaded)[6]).toBe('2018-07-01T08:00');
  });
});

describe('series that are left out, by name', () => {
  it('have no value at all', async () => {
    const loaded = await loadText(long(good, dailyRows(['NA', '', 'NaN'], 'void')));
    expect(loaded.panel.ids).toEqual(['good']);
    expect(repairOf(loaded, 'all-missing-dropped')?.detail).toContain('void');
  });

  it('are of another frequency than most', async () => {
    const monthly = ramp(24).map(
      (m) => `slow,${new Date(Date.UTC(2020, m, 1)).toISOString()},${m}\n`,
    );
    const loaded = await loadText(long(good, dailyRows(ramp(20), 'also'), ...monthly));
    expect(loaded.panel.ids).toEqual(['good', 'also']);
    expect(repairOf(loaded, 'other-frequency-dropped')?.detail).toBe(
      '1 series left out for another frequency than the D of most series: slow',
    );
  });

  it('follow no frequency', async () => {
    const wild = [0, 3, 4, 11, 13, 40, 90, 91, 150].map(
      (day) => `wild,${new Date(Date.UTC(2020, 0, 1 + day, day % 24)).toISOString()},1\n`,
    );
    const loaded = await loadText(long(good, ...wild));
    expect(loaded.panel.ids).toEqual(['good']);
    expect(kindsOf(loaded)).toContain('irregular-dropped');
  });

  it('have one wrong date that would stretch them over millions of steps', async () => {
    const loaded = await loadText(long(good, dailyRows(ramp(20), 'typo'), 'typo,9020-01-21,21\n'));
    expect(loaded.panel.ids).toEqual(['good']);
    expect(repairOf(loaded, 'gaps-left')?.detail).toContain('typo');
    const alone = loadText(long(dailyRows(ramp(20), 'typo'), 'typo,9020-01-21,21\n'));
    expect(await errorOf(alone)).toMatchObject({ code: 'NO_USABLE_SERIES' });
  });

  it('but not daily series that skip weekends, or are too short to show their frequency', async () => {
    const weekdays = dailyRows(ramp(40), 'office')
      .split('\n')
      .filter((row) => row === '' || ![0, 6].includes(new Date(row.split(',')[1]!).getUTCDay()))
      .join('\n');
    const loaded = await loadText(
      long(good, dailyRows(ramp(40), 'shop'), weekdays, 'new,2020-01-05,1\nnew,2020-01-08,4\n'),
    );
    expect(loaded.panel.ids).toEqual(['good', 'shop', 'office', 'new']);
    expect(valuesOf(loaded)['new']).toEqual([1, 2, 3, 4]);
  });
});

describe('rows that are left out', () => {
  it('have no id, or neither time nor value', async () => {
    const loaded = await loadText(long(good, ',2020-01-01,5\n', 'good,,\n', ',,\n'));
    expect(valuesOf(loaded)).toEqual({ good: ramp(20) });
    expect(repairOf(loaded, 'rows-without-id')?.detail).toBe(
      '1 row without a series id was left out',
    );
    expect(repairOf(loaded, 'rows-without-time')?.observations).toBe(2);
  });

  it('are blank in a wide file', async () => {
    const loaded = await loadText(`ds,a,b\n${dailyRows(ramp(9).map((v) => `${v},${v}`))},,\n`);
    expect(valuesOf(loaded)).toEqual({ a: ramp(9), b: ramp(9) });
    expect(repairOf(loaded, 'rows-without-time')?.observations).toBe(1);
  });
});

describe('remarks', () => {
  it('name constant and short series, which stay', async () => {
    const loaded = await loadText(
      long(
        good,
        dailyRows(
          Array.from({ length: 20 }, () => 5),
          'flat',
        ),
        dailyRows([1, 2, 4], 'brief'),
      ),
    );
    expect(loaded.panel.ids).toEqual(['good', 'flat', 'brief']);
    expect(repairOf(loaded, 'constant-series')?.detail).toBe(
      '1 series with one and the same value throughout: flat',
    );
    expect(repairOf(loaded, 'short-series')?.detail).toBe(
      '1 series shorter than 14 observations: brief',
    );
  });

  it('name three series and count the rest', async () => {
    const rows = ['a', 'b', 'c', 'd', 'e'].map((id) => dailyRows([1, 2], id));
    const loaded = await loadText(long(...rows));
    expect(repairOf(loaded, 'short-series')?.detail).toMatch(/^5 series .*: a, b, c and 2 more$/);
  });

  it('are absent where nothing was done', async () => {
    expect((await loadText(long(good))).repairs).toEqual([]);
  });

  it('stay on one line whatever the ids hold', async () => {
    const loaded = await loadText(
      long(dailyRows([1, 2], '"x\ny"'), dailyRows([1, 2], 'z'.repeat(200))),
    );
    for (const { detail } of loaded.repairs) {
      expect(detail).not.toContain('\n');
      expect(detail.length).toBeLessThan(200);
    }
  });
});
