/** The report of a run: escaping, self-containedness, what it tells, and its charts. */
import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { fanChart } from '../../../services/report/fan-chart.ts';
import { escapeText, html, markupText } from '../../../services/report/markup.ts';
import { evenlySpaced, reportDataOf } from '../../../services/report/report-data.ts';
import { renderReport } from '../../../services/report/report.ts';
import { compareWords } from '../../../services/report/score-section.ts';
import {
  formatReach,
  formatTick,
  formatWeight,
  listNames,
} from '../../../services/report/wording.ts';
import {
  decision,
  hostileName,
  positions,
  sampleDelivery,
  scoreRow,
  wave,
} from './sample-delivery.ts';

const hostile = { [hostileName]: wave(48), plain: wave(30) };
const reportOf = (...delivery: Parameters<typeof sampleDelivery>): string =>
  renderReport(reportDataOf(sampleDelivery(...delivery)));
const pageOf = (text: string) => parseHTML(text).document;
const textOf = (page: ReturnType<typeof pageOf>, selector: string): string =>
  page.querySelector(selector)?.textContent?.replaceAll(/\s+/g, ' ').trim() ?? '';

describe('markup', () => {
  it('escapes whatever text is put into it, alone and in lists', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const made = markupText(html`<b title="${text}">${[text, html`<i>${text}</i>`]}</b>`);
        const inert = escapeText(text);
        expect(made).toBe(`<b title="${inert}">${inert}<i>${inert}</i></b>`);
        expect(inert).not.toMatch(/[<>"']/);
      }),
    );
  });

  it('leaves out null and false and keeps zero', () => {
    expect(markupText(html`a${null}b${false}c${0}`)).toBe('abc0');
  });
});

describe('the report', () => {
  it('lets no name, reason, file or evidence become markup', () => {
    const text = reportOf(hostile);
    expect(text).not.toMatch(/<script/i);
    expect(text).not.toContain('<!--');
    expect(text.match(/<\/style>/g)).toHaveLength(1);
    expect(text.match(/<\/title>/g)).toHaveLength(1);
    const page = pageOf(text);
    expect(page.querySelectorAll('[onload]')).toHaveLength(0);
    expect(textOf(page, '#forecasts figcaption strong')).toBe(hostileName);
    for (const section of ['#models', '#repairs', '#decisions', '#settings', '#files']) {
      expect(textOf(page, section)).toContain(hostileName);
    }
  });

  it('loads nothing from elsewhere', () => {
    const text = reportOf(hostile).replaceAll(/xmlns(:xlink)?="[^"]*"/g, '');
    expect(text).not.toMatch(/https?:\/\//);
    expect(text).not.toMatch(/@import|url\(|<link|<img|<iframe/);
    expect(pageOf(text).querySelectorAll('[src], [href]')).toHaveLength(0);
  });

  it('tells in words how much better than seasonal-naive the served forecast is on the test folds', () => {
    const lede = textOf(pageOf(reportOf(hostile)), '.lede').replaceAll('\u00a0', ' ');
    expect(lede).toContain('75 % nlinear, 25 % naive');
    expect(lede).toContain(
      'On the 2 test folds, which chose nothing, it is 50 % better than seasonal-naive',
    );
    expect(lede).toContain('1 series fell back to the naive family');
  });

  it('says so when it is worse, and when nothing could be measured', () => {
    const delivery = sampleDelivery(hostile);
    const prediction = {
      ...delivery.state.prediction!,
      scores: [scoreRow('test', 'served forecast', 3)],
    };
    const worse = pageOf(reportOf(hostile, { state: { prediction } }));
    expect(textOf(worse, '.lede .bad').replaceAll('\u00a0', ' ')).toBe('50 % worse than');
    const unscored = { ...prediction, scores: [] };
    const unknown = pageOf(reportOf(hostile, { state: { prediction: unscored, scores: null } }));
    expect(textOf(unknown, '.lede')).toContain('was not measured');
    expect(textOf(unknown, '#accuracy')).toContain('Accuracy is not known');
    expect(unknown.querySelectorAll('table.scores')).toHaveLength(0);
  });

  it('marks the best model of each table and sets the served forecast first', () => {
    const page = pageOf(reportOf(hostile));
    for (const kind of ['test', 'validation']) {
      expect(page.querySelectorAll(`table.${kind} tr.best`)).toHaveLength(1);
      expect(textOf(page, `table.${kind} tr.best th`)).toBe('nlinearbest');
    }
    const rows = [...page.querySelectorAll('table.test tbody th')].map((cell) => cell.textContent);
    expect(rows).toEqual(['served forecast', 'nlinearbest', 'seasonal-naive', 'naive']);
    const ratios = [...page.querySelectorAll('table.test tbody tr')].map(
      (row) => row.querySelectorAll('td')[2]?.textContent,
    );
    expect(ratios).toEqual(['0.500', '0.450', '1.000', '1.250']);
  });

  it('tells family and weight of every model, and which rule made one forecast of several', () => {
    const delivery = sampleDelivery({ plain: wave(48) });
    const reported = (method: string): string => {
      const prediction = { ...delivery.state.prediction!, method };
      return reportOf({ plain: wave(48) }, { state: { prediction } });
    };
    const page = pageOf(reported('greedy-selection'));
    const cells = [...page.querySelectorAll('table.test tbody tr')].map((row) =>
      [...row.children].map((cell) => cell.textContent?.replaceAll('\u00a0', ' ')),
    );
    expect(cells.map(([model, family]) => [model, family])).toEqual([
      ['served forecast', ''],
      ['nlinearbest', 'network'],
      ['seasonal-naive', 'naive'],
      ['naive', 'naive'],
    ]);
    expect(cells.map((row) => row.at(-1))).toEqual(['', '75 %', '–', '25 %']);
    expect(textOf(page, '.lede')).toContain('is a weighted average: 75');
    expect(textOf(page, '#models')).toContain('naive naive 25');
    const median = textOf(pageOf(reported('median')), '.lede');
    expect(median).toContain('at each step the median of several models: nlinear, naive.');
    expect(median).not.toContain('75');
  });

  it('never calls a weight nothing that is there', () => {
    expect([0, 0.001, 0.0049, 0.005, 1, null].map((weight) => formatWeight(weight))).toEqual(
      ['0 %', '< 1 %', '< 1 %', '1 %', '100 %', '–'].map((text) => text.replaceAll(' ', '\u00a0')),
    );
  });

  it('names the first of many models of a series, and counts the rest', () => {
    expect(listNames('a')).toBe('a');
    expect(listNames('a+b+c+d+e')).toBe('a, b, c, d, e');
    expect(listNames('a+b+c+d+e+f')).toBe('a, b, c, d and 2 more');
  });

  it('ranks by MAE where MASE has no scale', () => {
    const { state } = sampleDelivery(hostile);
    const scores = {
      ...state.scores!,
      scores: [scoreRow('test', 'seasonal-naive', null), scoreRow('test', 'nlinear', 0.9)],
    };
    const page = pageOf(reportOf(hostile, { state: { scores } }));
    expect(textOf(page, 'table.test tr.best th')).toBe('seasonal-naivebest');
    expect(textOf(page, '.lede')).toContain('MAE');
  });

  it('contains every decision with its reason, the routing of the orchestrator set apart', () => {
    const decisions = Array.from({ length: 9 }, (_, i) =>
      decision(i + 1, {
        agent: i % 2 === 0 ? 'orchestrator' : 'training',
        alternatives: [{ action: `other ${i}`, whyNot: `why not ${i}` }],
      }),
    );
    const page = pageOf(reportOf(hostile, { decisions }));
    const items = [...page.querySelectorAll('.timeline > li')];
    expect(items.map((item) => item.getAttribute('data-decision'))).toEqual(
      decisions.map(({ id }) => id),
    );
    for (const [i, item] of items.entries()) {
      expect(item.textContent).toContain(decisions[i]!.reason);
      expect(item.querySelector('details')?.textContent).toContain(`other ${i}: why not ${i}`);
      expect(item.classList.contains('quiet')).toBe(i % 2 === 0);
    }
  });

  it('does not set a choice of the orchestrator apart that a person made', () => {
    const page = pageOf(reportOf(hostile, { decisions: [decision(1, { policy: 'person' })] }));
    expect(page.querySelectorAll('.quiet')).toHaveLength(0);
    expect(textOf(page, '.timeline')).toContain('decided by a person');
  });

  it('names the registered version of the production model and what it is', () => {
    const { state } = sampleDelivery(hostile);
    const champion = {
      ...state.candidates[0]!,
      name: 'champion',
      profile: null,
      panel: state.panel!.uri,
    };
    const prediction = { ...state.prediction!, weights: [{ model: 'champion', weight: 1 }] };
    const page = pageOf(reportOf(hostile, { state: { candidates: [], champion, prediction } }));
    expect(textOf(page, '.lede')).toContain('The forecast is made by champion (nlinear).');
    expect(textOf(page, 'table.weights code')).toBe('sample-h6@3');
  });
});

describe('the data of a report', () => {
  it('draws at most twelve series, evenly spaced from the first to the last', () => {
    expect(evenlySpaced(3, 12)).toEqual([0, 1, 2]);
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`s${i}`, wave(5)]));
    const { series } = reportDataOf(sampleDelivery(many));
    expect(series).toHaveLength(12);
    expect([series[0]!.id, series[11]!.id]).toEqual(['s0', 's39']);
    expect(new Set(series.map(({ id }) => id)).size).toBe(12);
  });

  it('keeps four horizons of the past, aligned with its times', () => {
    const [first] = reportDataOf(sampleDelivery({ long: wave(48) })).series;
    expect(first!.history.values).toEqual(wave(48).slice(-24));
    expect(first!.history.times.at(-1)).toBe(Date.UTC(2020, 47, 1));
    expect(first!.times[0]).toBe(Date.UTC(2020, 48, 1));
  });

  it('reads the intervals of each series from its own quantiles, widest first', () => {
    const { series } = reportDataOf(sampleDelivery({ a: [10], b: [20] }));
    expect(series[1]!.bands.map(({ level }) => level)).toEqual([95, 80, 50]);
    expect(series[1]!.bands[1]!.lower[0]).toBeCloseTo(19.6);
    expect(series[1]!.bands[1]!.upper[5]).toBeCloseTo(20.4);
  });
});

describe('the fan chart', () => {
  const chartOf = (values: readonly number[], frequency?: typeof positions): string | undefined => {
    const delivery = sampleDelivery({ s: values }, frequency ? { frequency } : {});
    return fanChart(reportDataOf(delivery).series[0]!, frequency === undefined);
  };
  const cases: Readonly<Record<string, readonly number[]>> = {
    'one observation': [7],
    'a constant': Array.from({ length: 30 }, () => 5),
    zeros: [0, 0, 0],
    'missing values': [1, 2, NaN, 4, NaN, NaN, 7, NaN],
    'huge values': [1e300, 2e300],
    'tiny values': [1e-12, -1e-12],
  };
  for (const [name, values] of Object.entries(cases)) {
    it(`draws ${name} without an undefined coordinate`, () => {
      for (const chart of [chartOf(values), chartOf(values, positions)]) {
        expect(chart).not.toMatch(/NaN|undefined|Infinity/);
        const svg = pageOf(`<body>${chart}</body>`).querySelector('svg')!;
        expect(svg.querySelectorAll('.band path')).toHaveLength(3);
        expect(svg.querySelectorAll('.forecast path')).toHaveLength(1);
        expect(svg.querySelectorAll('.origin line')).toHaveLength(1);
      }
    });
  }

  it('shows a lone observation as a dot', () => {
    const dots = (values: number[]): number =>
      pageOf(`<body>${chartOf(values)}</body>`).querySelectorAll('circle').length;
    expect(dots([7])).toBe(1);
    expect(dots([1, NaN, 3, 4])).toBe(1);
    expect(dots([1, 2, 3])).toBe(0);
  });

  it('labels positions with whole numbers and times with dates', () => {
    const labels = (chart: string | undefined): string =>
      pageOf(`<body>${chart}</body>`).querySelector('[aria-label="x-axis tick label"]')!
        .textContent!;
    expect(labels(chartOf(wave(48)))).toContain('2023');
    expect(labels(chartOf(wave(48), positions))).toMatch(/^[\d\s]+$/);
    expect(labels(chartOf(wave(48), positions))).toContain('40');
    expect(labels(chartOf([7], positions))).not.toContain('.');
  });

  it('is left out, with a word in its place, where values exceed what can be drawn', () => {
    expect(chartOf([-1.7e308, 1.7e308])).toBeUndefined();
    expect(reportOf({ vast: [-1.7e308, 1.7e308] })).toContain('Its values cannot be drawn.');
  });

  it('puts the name of its series into words for those who do not see it', () => {
    const page = pageOf(reportOf(hostile));
    const labels = [...page.querySelectorAll('[role="img"]')].map((each) =>
      each.getAttribute('aria-label'),
    );
    expect(labels[1]).toMatch(/^plain: forecast of 6 steps up to 2022-12-01, .* 80.% interval/);
    expect(labels).toHaveLength(2);
  });

  it('is drawn for a panel without times', () => {
    const text = reportOf(hostile, { frequency: positions });
    expect(text).toContain('6 steps ahead for 2 series');
    expect(text).not.toMatch(/NaN|Invalid|undefined/);
  });
});

describe('the wording of a report', () => {
  it('compares in words', () => {
    const words = (own: number, reference: number): string =>
      compareWords(own, reference).replaceAll('\u00a0', ' ');
    expect(words(0.5, 1)).toBe('50 % better than');
    expect(words(1.004, 1)).toBe('0.4 % worse than');
    expect(words(1.00001, 1)).toBe('as good as');
    expect(words(0, 0)).toBe('as good as');
    expect(words(1, 0)).toBe('worse than');
  });

  it('counts a reach in the units of the frequency', () => {
    expect(formatReach(12, { unit: 'month', count: 1, anchor: 'start' })).toBe('12 months');
    expect(formatReach(1, { unit: 'business-day', count: 1, anchor: 'start' })).toBe(
      '1 business day',
    );
    expect(formatReach(96, { unit: 'minute', count: 15, anchor: 'start' })).toBe(
      '96 steps of 15 minutes',
    );
  });

  it('keeps neighbouring ticks apart', () => {
    expect([143_200, 0.25, 5000, -20, 1e-7, 101_325.5].map(formatTick)).toEqual([
      '143.2K',
      '0.25',
      '5,000',
      '−20',
      '1e−7',
      '101.3255K',
    ]);
  });
});
