/** The guide to evaluation tells the truth: its tables are those of the code, and its commands are understood. */
import { describe, expect, it } from 'vitest';
import { runCli } from '../app/cli/cli.ts';
import { renderBacktest } from '../app/cli/render/backtest.ts';
import { createStyle } from '../app/cli/render/style.ts';
import { flagName, settingsOf } from '../services/config/settings.ts';
import { measureNames } from '../services/evaluation/tally.ts';
import { ensembleMethods } from '../series/ensemble/methods/index.ts';
import { backtestRequestSchema } from '../state/backtest-request.ts';
import { recordingHost, sampleBacktest } from './app/cli/sample-run.ts';
import { expectGeneratedSection, markdownTable } from './generated-text.ts';
import { commandLines, wordsOf } from './shell-commands.ts';
import { readSource } from './source-tree.ts';

const path = 'docs/evaluation.md';
const guide = readSource(path);

describe('the guide to evaluation', () => {
  it('lists the options of a backtest', () => {
    const rows = settingsOf(backtestRequestSchema)
      .filter(({ key }) => key !== 'data')
      .map(({ key, description, defaultText, required }) => [
        `\`${flagName(key)}\``,
        description,
        required ? 'required' : (defaultText ?? ''),
      ]);
    const table = markdownTable(['option', 'meaning', 'default'], rows);
    expectGeneratedSection(path, 'backtest options', table);
  });

  it('shows a report as it is printed', () => {
    const text = renderBacktest(sampleBacktest, createStyle({}, {}));
    expectGeneratedSection(path, 'sample report', `\`\`\`text\n${text}\n\`\`\``);
  });

  it('tells every measure of the score table, in its order, and no other', () => {
    const rows = [...guide.text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(rows).toEqual([...measureNames]);
  });

  it('names every way of combining forecasts', () => {
    const missing = ensembleMethods.filter(({ name }) => !guide.text.includes(`\`${name}\``));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  it.each(commandLines(guide.text))('has commands that are understood: %s', async (line) => {
    const host = recordingHost();
    expect(await runCli(wordsOf(line), host), host.written.stderr).toBe(0);
  });
});
