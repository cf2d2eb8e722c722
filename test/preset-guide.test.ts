/** The guide to presets tells the truth: its table follows from the rules, and its commands are understood. */
import { describe, expect, it } from 'vitest';
import { judgeModels, modelsOfPreset, type Situation, tableRows } from '../agents/presets.ts';
import { runCli } from '../app/cli/cli.ts';
import { presets, trialsOf } from '../state/request.ts';
import { recordingHost } from './app/cli/sample-run.ts';
import { expectGeneratedSection, markdownTable } from './generated-text.ts';
import { commandLines, wordsOf } from './shell-commands.ts';
import { readSource } from './source-tree.ts';

const path = 'docs/presets.md';
const guide = readSource(path);

/** Data on which half of the series have intermittent demand, so that no rule leaves a model out. */
const anything: Situation = {
  series: 1000,
  observations: 100_000,
  medianLength: 100,
  intermittent: 0.5,
  horizon: 12,
  season: 12,
  seasons: [12],
  trainable: 1000,
  fits: 1,
  threads: 1,
};

/** Why `best` leaves the model out on such data, if it does. */
const objectionTo = (model: string, situation: Situation, limit = Infinity): string | undefined =>
  judgeModels('best', situation, limit).leftOut.find((one) => one.model === model)?.whyNot;

/** What data the model is of no use on. */
function uselessOn(model: string): string {
  const others: Partial<Situation>[] = [
    { intermittent: 0 },
    { intermittent: 1 },
    { season: 1 },
    { trainable: 0 },
  ];
  const reasons = others.map((change) => objectionTo(model, { ...anything, ...change }));
  return [...new Set(reasons.filter((reason) => reason !== undefined))].join('; ');
}

/** Seconds that the rule expects of a thousand fits. */
const costOf = (model: string): string =>
  /about (\S+) s/.exec(objectionTo(model, anything, 1e-9) ?? '')?.[1] ?? '';

describe('the guide to presets', () => {
  it('lists the models of all presets', () => {
    const rows = modelsOfPreset('best').map((model) => [
      `\`${model}\``,
      presets.find((preset) => modelsOfPreset(preset).includes(model))!,
      uselessOn(model),
      costOf(model),
    ]);
    const head = ['model', 'from', 'not where', 'seconds for 1,000 fits'];
    expectGeneratedSection(path, 'preset models', markdownTable(head, rows));
  });

  it('tells the trials of each preset', () => {
    const row = presets.map((preset) => trialsOf({ trials: undefined, preset })).join(' | ');
    expect(guide.text).toContain(`| configurations that the search tries | ${row} |`);
  });

  it('tells the rows that tables hold', () => {
    const rows = presets.map((preset) => tableRows(preset, Infinity));
    expect(rows).toEqual([200_000, 200_000, 1_000_000]);
    expect(tableRows('best', 900)).toBe(450_000);
    expect(tableRows('best', 60)).toBe(200_000);
    expect(guide.text).toContain(
      '| 200,000 | 200,000 | 500 for each second of the limit, 200,000 at least; a million without one |',
    );
  });

  it.each(commandLines(guide.text))('has commands that are understood: %s', async (line) => {
    const host = recordingHost();
    expect(await runCli(wordsOf(line.replaceAll('RUN', 'r1')), host), host.written.stderr).toBe(0);
  });
});
