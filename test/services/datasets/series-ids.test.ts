/** Tests of which columns tell the series, and which are only numbers of rows. */
import { describe, expect, it } from 'vitest';
import { dailyRows, errorOf, frequencyOf, loadText } from './load-text.ts';

describe('series', () => {
  it('take two or three columns that together tell the series, but not the number of a row', async () => {
    const ids = ['1', '2'].flatMap((store) => ['a', 'b'].map((item) => `${store},${item}`));
    const text = `store,item,date,sales\n${ids.map((id) => dailyRows([1, 2, 3], id)).join('')}`;
    expect((await loadText(text)).panel.ids).toEqual(['1/a', '1/b', '2/a', '2/b']);
    const lines = ids.flatMap((id) => dailyRows([1, 2, 3], id).trim().split('\n'));
    const numbered = ['id,store_nbr,family,date,sales,onpromotion']
      .concat(lines.map((line, k) => `${1000 + 7 * k},${line},${k % 2}`))
      .join('\n');
    const { columns, repairs } = await loadText(numbered);
    expect(columns).toEqual({ id: ['store_nbr', 'family'], time: 'date', target: ['sales'] });
    expect(repairs.slice(0, 2).map(({ detail }) => detail)).toEqual([
      'series are told apart by store_nbr and family together (--id names others)',
      'the target is sales, not onpromotion (--target names another)',
    ]);
    const named = { id: ['store_nbr', 'family'], target: ['sales'] };
    expect((await loadText(numbered, named)).repairs.map(({ kind }) => kind)).toEqual([
      'short-series',
    ]);
    const three = ['x', 'y'].flatMap((channel) => ids.map((id) => `${channel},${id}`));
    const content = `channel,store,item,date,sales\n${three.map((id) => dailyRows([1, 2], id)).join('')}`;
    expect((await loadText(content)).panel.ids).toHaveLength(8);
  });

  it('take epoch times and dates in digits by names that speak of time, and no numbers of rows', async () => {
    const hour = (k: number): number => 1_577_836_800_000 + 3_600_000 * k;
    const rows = Array.from({ length: 30 }, (_, k) =>
      [k + 1, hour(k), Math.sin(k), hour(k + 1) - 1].join(','),
    );
    const candles = await loadText(`rownames,open_time,close,close_time\n${rows.join('\n')}`);
    expect(frequencyOf(candles)).toBe('h');
    expect(candles.columns.target).toEqual(['close', 'close_time']);
    const keys = Array.from(
      { length: 28 },
      (_, k) => `202402${String(k + 1).padStart(2, '0')},${k * k}`,
    );
    const loaded = await loadText(`date_key,amount\n${keys.join('\n')}`);
    expect([frequencyOf(loaded), loaded.columns.time]).toEqual(['D', 'date_key']);
  });

  it('ask for the ids where nothing tells the series apart', async () => {
    const days = dailyRows([1, 2, 3], '1');
    const hidden = await errorOf(loadText(`store,date,sales,price\n${days.repeat(4)}`));
    expect(hidden.code).not.toBe('none');
    const rows = ['1,5', '1,6', '1,7'].map((id) => dailyRows([1, 2, 3], id)).join('');
    const { code } = await errorOf(loadText(`store,shelf,date,sales\n${rows}`));
    expect(code).toBe('COLUMNS_UNDETECTED');
  });
});
