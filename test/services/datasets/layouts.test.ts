/** Tests of layouts: real files and small ones, each recognised as what it is. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDatasets, type LoadRequest } from '../../../services/datasets/datasets.ts';
import { sharedData } from '../../shared-data.ts';
import { dailyRows, errorOf, frequencyOf, loadText, valuesOf } from './load-text.ts';

const vega = 'node_modules/vega-datasets/data';

interface Expected {
  readonly layout: 'long' | 'wide' | 'rows';
  readonly series: number;
  readonly observations: number;
  readonly frequency: string;
  readonly ids: readonly string[];
}

async function expectLoaded(request: LoadRequest, expected: Expected): Promise<void> {
  const loaded = await createDatasets().load(request);
  const { panel, layout } = loaded;
  expect({
    layout,
    series: panel.ids.length,
    observations: panel.y.length,
    frequency: frequencyOf(loaded),
    ids: panel.ids.slice(0, expected.ids.length),
  }).toEqual(expected);
  expect(panel.y.every(Number.isFinite)).toBe(true);
}

const named = (target: string[], id?: string[]): Partial<LoadRequest> =>
  id ? { target, id } : { target };

describe('files that come with the package', () => {
  const files: [string, Partial<LoadRequest>, Expected][] = [
    [
      'us-employment.csv',
      {},
      {
        layout: 'wide',
        series: 23,
        observations: 2760,
        frequency: 'MS',
        ids: ['nonfarm', 'private'],
      },
    ],
    [
      'stocks.csv',
      {},
      {
        layout: 'long',
        series: 5,
        observations: 560,
        frequency: 'MS',
        ids: ['MSFT', 'AMZN', 'IBM', 'GOOG', 'AAPL'],
      },
    ],
    [
      'seattle-weather.csv',
      {},
      {
        layout: 'wide',
        series: 4,
        observations: 5844,
        frequency: 'D',
        ids: ['precipitation', 'temp_max', 'temp_min', 'wind'],
      },
    ],
    [
      'seattle-weather.csv',
      named(['temp_max']),
      { layout: 'long', series: 1, observations: 1461, frequency: 'D', ids: ['temp_max'] },
    ],
    [
      'co2-concentration.csv',
      {},
      {
        layout: 'wide',
        series: 2,
        observations: 1492,
        frequency: 'MS',
        ids: ['CO2', 'adjusted CO2'],
      },
    ],
    [
      'unemployment-across-industries.json',
      named(['count']),
      { layout: 'long', series: 14, observations: 1708, frequency: 'MS', ids: ['Government'] },
    ],
    [
      'weather.csv',
      named(['wind']),
      {
        layout: 'long',
        series: 2,
        observations: 2922,
        frequency: 'D',
        ids: ['Seattle', 'New York'],
      },
    ],
    [
      'iowa-electricity.csv',
      {},
      { layout: 'long', series: 3, observations: 51, frequency: 'YS', ids: ['Fossil Fuels'] },
    ],
    [
      'sp500-2000.csv',
      named(['close']),
      { layout: 'long', series: 1, observations: 5295, frequency: 'B', ids: ['close'] },
    ],
    [
      'global-temp.csv',
      {},
      { layout: 'long', series: 1, observations: 144, frequency: 'YS', ids: ['temp'] },
    ],
  ];
  it.each(files)('%s %o', async (file, columns, expected) => {
    await expectLoaded({ data: join(vega, file), ...columns }, expected);
  });
});

describe('shared real series', () => {
  const files: [string, Partial<LoadRequest>, Expected][] = [
    [
      'ett/ETTh1.csv.gz',
      {},
      {
        layout: 'wide',
        series: 7,
        observations: 121_940,
        frequency: 'h',
        ids: ['HUFL', 'HULL', 'MUFL', 'MULL', 'LUFL', 'LULL', 'OT'],
      },
    ],
    [
      'ett/ETTh1.csv.gz',
      named(['OT', 'HUFL']),
      { layout: 'wide', series: 2, observations: 34_840, frequency: 'h', ids: ['OT', 'HUFL'] },
    ],
    [
      'ltsf/exchange_rate.csv.gz',
      {},
      { layout: 'wide', series: 8, observations: 60_704, frequency: 'D', ids: ['0', '1'] },
    ],
    [
      'ltsf/national_illness.csv.gz',
      {},
      { layout: 'wide', series: 7, observations: 6762, frequency: 'W', ids: ['% WEIGHTED ILI'] },
    ],
    [
      'classic/R/AirPassengers.csv.gz',
      {},
      {
        layout: 'long',
        series: 1,
        observations: 144,
        frequency: 'MS',
        ids: ['value'],
      },
    ],
    [
      'classic/R/UKgas.csv.gz',
      {},
      { layout: 'long', series: 1, observations: 108, frequency: 'QS', ids: ['value'] },
    ],
    [
      'classic/R/lynx.csv.gz',
      {},
      { layout: 'long', series: 1, observations: 114, frequency: 'YS', ids: ['value'] },
    ],
    [
      'classic/R/WWWusage.csv.gz',
      {},
      { layout: 'long', series: 1, observations: 100, frequency: 'index', ids: ['value'] },
    ],
    [
      'classic/R/EuStockMarkets.csv.gz',
      {},
      {
        layout: 'wide',
        series: 4,
        observations: 7440,
        frequency: 'index',
        ids: ['DAX', 'SMI', 'CAC', 'FTSE'],
      },
    ],
    [
      'classic/darts/temps.csv.gz',
      {},
      {
        layout: 'long',
        series: 1,
        observations: 3652,
        frequency: 'D',
        ids: ['Daily minimum temperatures'],
      },
    ],
    [
      'energy/epf_electricity_short_exog.csv.gz',
      named(['y']),
      {
        layout: 'long',
        series: 4,
        observations: 6720,
        frequency: 'h',
        ids: ['BE', 'DE', 'FR', 'NP'],
      },
    ],
    [
      'energy/vic_elec.csv.gz',
      {},
      {
        layout: 'wide',
        series: 2,
        observations: 105_216,
        frequency: '30min',
        ids: ['Demand', 'Temperature'],
      },
    ],
    [
      'finance/sp500_ohlcv_dev120_2011_2018.csv.gz',
      named(['adjusted_close']),
      { layout: 'long', series: 120, observations: 250_320, frequency: 'B', ids: ['AAL'] },
    ],
    [
      'retail/m5_dev_items10pct.csv.gz',
      {},
      {
        layout: 'rows',
        series: 3380,
        observations: 1_455_295,
        frequency: 'D',
        ids: ['FOODS_1_004_CA_1'],
      },
    ],
    [
      'retail/stallion.csv.gz',
      named(['volume'], ['agency', 'sku']),
      {
        layout: 'long',
        series: 350,
        observations: 21_000,
        frequency: 'MS',
        ids: ['Agency_22/SKU_01'],
      },
    ],
    [
      'm4/Hourly-train.csv.gz',
      {},
      { layout: 'rows', series: 414, observations: 353_500, frequency: 'index', ids: ['H1', 'H2'] },
    ],
    [
      'm4/Hourly-train.csv.gz',
      { frequency: 'h' },
      { layout: 'rows', series: 414, observations: 353_500, frequency: 'h', ids: ['H1'] },
    ],
  ];
  for (const [file, columns, expected] of files) {
    const data = sharedData(file);
    it.skipIf(data === undefined)(`${file} ${JSON.stringify(columns)}`, async () => {
      await expectLoaded({ data: data!, ...columns }, expected);
    });
  }

  const finance = sharedData('finance/sp500_ohlcv_dev120_2011_2018.csv.gz');
  it.skipIf(finance === undefined)('of several prices a row are those at the close', async () => {
    const { columns, panel } = await createDatasets().load({ data: finance! });
    expect(columns.target).toEqual(['close']);
    expect(panel.ids).toHaveLength(120);
  });

  const retail = sharedData('retail/stallion.csv.gz');
  it.skipIf(retail === undefined)('told by two columns together are found', async () => {
    const { load } = createDatasets();
    const { columns } = await load({ data: retail!, target: ['volume'] });
    expect(columns.id).toEqual(['agency', 'sku']);
  });
});

describe('layouts', () => {
  it('take a numeric id in a long file', async () => {
    const text = `store,date,sales\n${dailyRows([1, 2, 3], '7')}${dailyRows([4, 5, 6], '8')}`;
    expect(valuesOf(await loadText(text))).toEqual({ 7: [1, 2, 3], 8: [4, 5, 6] });
  });

  it('refuse two different series whose joined ids are the same text', async () => {
    const text = `a,b,ds,y\n${dailyRows([1, 2], 'x/y,z')}${dailyRows([1, 2], 'x,y/z')}`;
    const { code, message } = await errorOf(loadText(text, { id: ['a', 'b'] }));
    expect(code).toBe('INPUT_UNREADABLE');
    expect(message).toContain('"x/y/z"');
  });

  it('read series in rows by the names of years', async () => {
    const text = 'country,code,1990,1991,1992\nFrance,FR,1,2,3\nSpain,ES,4,5,6\n';
    const loaded = await loadText(text);
    expect(loaded.layout).toBe('rows');
    expect(frequencyOf(loaded)).toBe('YS');
    expect(valuesOf(loaded)).toEqual({ France: [1, 2, 3], Spain: [4, 5, 6] });
  });

  it('read rows of unequal length, padded or not', async () => {
    const loaded = await loadText('"V1","V2","V3","V4"\n"A","1","2","3"\n"B","4","5"\n"C","6",,\n');
    expect(valuesOf(loaded)).toEqual({ A: [1, 2, 3], B: [4, 5], C: [6] });
    expect(loaded.panel.frequency.unit).toBe('index');
  });

  it('let named columns override what would be recognised, in any case of letters', async () => {
    const text = `ds,when,y,other\n${dailyRows([1, 2, 3])
      .trim()
      .split('\n')
      .map((row) => `9999-01-01,${row},7`)
      .join('\n')}\n`;
    const loaded = await loadText(text, { time: 'WHEN', target: ['other'] });
    expect(loaded.columns).toEqual({ id: [], time: 'when', target: ['other'] });
    expect(valuesOf(loaded)).toEqual({ other: [7, 7, 7] });
  });

  it('take y, target or value out of several numbers, and ignore row numbers and calendar parts', async () => {
    const text = `,ds,y,month,rain\n0,2020-01-01,1,1,5\n1,2020-01-02,2,1,6\n2,2020-01-03,3,1,7\n`;
    expect(valuesOf(await loadText(text))).toEqual({ y: [1, 2, 3] });
  });

  it('refuse several targets beside ids', async () => {
    const text = `id,ds,a,b\n${dailyRows(['1,1', '2,2'], 's')}`;
    expect((await errorOf(loadText(text, { target: ['a', 'b'] }))).code).toBe('OPTION_INVALID');
  });

  it('keep ids that mean "missing" elsewhere', async () => {
    const text = `country,date,sales\n${dailyRows([1, 2], 'NA')}${dailyRows([3, 4], 'null')}`;
    expect(valuesOf(await loadText(text, { id: ['country'] }))).toEqual({
      NA: [1, 2],
      null: [3, 4],
    });
  });

  it('read semicolons, tabs and bars as they find them', async () => {
    for (const delimiter of [';', '\t', '|']) {
      const text = `date,value\n${dailyRows([1.5, 2.5])}`.replaceAll(',', delimiter);
      expect(valuesOf(await loadText(text))).toEqual({ value: [1.5, 2.5] });
    }
  });

  it('are not misled by separators inside of quoted names', async () => {
    const text = `"!",when,";;;|"\n${dailyRows([1, 2], 'a')}`;
    expect((await loadText(text, { id: ['!'], target: [';;;|'] })).panel.ids).toEqual(['a']);
  });
});
