/** The guide to accuracy: its tables are those of the recorded results. */
import { describe, expect, it } from 'vitest';
import type { CoverageCell } from '../bench/coverage.ts';
import type { PresetCell } from '../bench/presets.ts';
import type { StatisticalCell } from '../bench/statistical-job.ts';
import { taskNames } from '../bench/tasks.ts';
import { median } from '../series/quantiles.ts';
import { presets } from '../state/request.ts';
import { expectGeneratedSection, markdownTable } from './generated-text.ts';
import { readSource } from './source-tree.ts';

const path = 'docs/accuracy.md';

const resultsOf = <T>(name: string): T[] =>
  (JSON.parse(readSource(`bench/results/${name}.json`).text) as { results: T[] }).results;
const models = resultsOf<StatisticalCell>('statistical');
const runs = resultsOf<PresetCell>('presets');
const coverages = resultsOf<CoverageCell>('coverage');

const alone: Readonly<Record<string, string>> = {
  boosting: 'models:gradient-boosting',
  networks: 'models:nlinear+dlinear+rlinear',
};
const local = 'naive seasonal-naive window-average ses ets dynamic-theta ces mstl arima tsb'.split(
  ' ',
);
const columns = [...local, ...Object.keys(alone)];

/** A score of one column on one task; undefined where it was not measured. */
function scoreOf(task: string, column: string, score: 'mase' | 'wql'): number | undefined {
  const preset = alone[column];
  const cell =
    preset === undefined
      ? models.find((one) => one.task === task && one.model === column)
      : runs.find((one) => one.task === task && one.preset === preset)?.scores;
  return cell?.[score];
}

function tableOf(score: 'mase' | 'wql', digits: number): string {
  const rows = taskNames.map((task) => {
    const texts = columns.map((column) => scoreOf(task, column, score)?.toFixed(digits) ?? '–');
    const lowest = Math.min(...texts.map(Number).filter((value) => !Number.isNaN(value)));
    return [task, ...texts.map((text) => (Number(text) === lowest ? `**${text}**` : text))];
  });
  return markdownTable(['task', ...columns], rows);
}

const percent = (share: number): string => (100 * share).toFixed(1);
const isWithin = (share: number, nominal: number): boolean =>
  Math.abs(Number(percent(share)) - nominal) <= 2;

function presetRow(task: string, preset: string): string[] {
  const cell = runs.find((one) => one.task === task && one.preset === preset);
  if (cell?.scores == null) return [];
  const { scores, owa, minutes, peakMib, regret } = cell;
  return [
    task,
    preset,
    scores.smape.toFixed(2),
    scores.mase.toFixed(3),
    owa?.toFixed(3) ?? '',
    scores.wql.toFixed(4),
    scores.msis.toFixed(2),
    `${percent(scores.coverage80)} / ${percent(scores.coverage95)}`,
    regret === null ? '' : `${percent(regret)} %`,
    minutes.toFixed(1),
    peakMib?.toFixed(0) ?? '',
  ];
}

describe('the guide to accuracy', () => {
  it('has the scores of every model', () => {
    expectGeneratedSection(path, 'MASE of models', tableOf('mase', 3));
    expectGeneratedSection(path, 'WQL of models', tableOf('wql', 4));
  });

  it('has the scores of the presets, and their regrets', () => {
    const head = ['task', 'preset', 'sMAPE', 'MASE', 'OWA', 'WQL', 'MSIS'];
    const rows = taskNames.flatMap((task) => presets.map((preset) => presetRow(task, preset)));
    const measured = rows.filter(({ length }) => length > 0);
    const table = markdownTable(
      [...head, 'inside 80 / 95 %', 'regret', 'minutes', 'MiB'],
      measured,
    );
    const summaries = presets.map((preset) => {
      const regrets = runs.flatMap((cell) =>
        cell.preset === preset && cell.regret !== null ? [cell.regret] : [],
      );
      return `- \`${preset}\`: regret over ${regrets.length} tasks ${percent(median(regrets))} % (median), ${percent(Math.max(...regrets))} % (worst)`;
    });
    expect(measured.length).toBeGreaterThan(taskNames.length);
    expectGeneratedSection(path, 'presets', `${table}\n\n${summaries.join('\n')}`);
  });

  it('has the coverage over several windows', () => {
    const rows = coverages.map(({ task, coverage80, coverage95, windows }) => [
      task,
      percent(coverage80),
      percent(coverage95),
      isWithin(coverage80, 80) && isWithin(coverage95, 95) ? 'yes' : 'no',
      windows.map((one) => `${percent(one.coverage80)} / ${percent(one.coverage95)}`).join(', '),
    ]);
    const meanOf = (name: 'coverage80' | 'coverage95'): string =>
      percent(coverages.reduce((sum, cell) => sum + cell[name], 0) / coverages.length);
    const table = markdownTable(
      ['task', '80 %', '95 %', 'both within 2 points', 'windows, 80 / 95 %'],
      rows,
    );
    const all = `Mean over the tasks: ${meanOf('coverage80')} and ${meanOf('coverage95')} %.`;
    expectGeneratedSection(path, 'coverage', `${table}\n\n${all}`);
  });
});
