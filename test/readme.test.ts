/** The README tells the truth: its tables are those of the code, and its commands are understood by the program. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../app/cli/cli.ts';
import { commands } from '../app/cli/commands/index.ts';
import { models } from '../models/index.ts';
import { configSchema } from '../services/config/config.ts';
import { flagName, settingsOf, variableName } from '../services/config/settings.ts';
import { runRequestSchema } from '../state/request.ts';
import {
  recordingHost,
  sampleClassification,
  sampleEngine,
  sampleExplanation,
  sampleRun,
} from './app/cli/sample-run.ts';
import { expectGeneratedSection, markdownTable } from './generated-text.ts';
import { commandLines, wordsOf } from './shell-commands.ts';
import { filesUnder, readSource, root } from './source-tree.ts';

const readme = readSource('README.md');
const guides = [readme, readSource('CONTRIBUTING.md'), ...filesUnder('docs', '.md')];

describe('the tables of the README', () => {
  it('list the options of a run', () => {
    const rows = settingsOf(runRequestSchema)
      .filter(({ key }) => key !== 'data')
      .map(({ key, description, defaultText, required }) => [
        `\`${flagName(key)}\``,
        description,
        required ? 'required' : (defaultText ?? ''),
      ]);
    const table = markdownTable(['option', 'meaning', 'default'], rows);
    expectGeneratedSection('README.md', 'options', table);
  });

  it('list the commands', () => {
    const rows = commands.map(({ name, argument, summary }) => [
      `\`${argument === undefined ? name : `${name} <${argument}>`}\``,
      summary,
    ]);
    expectGeneratedSection('README.md', 'commands', markdownTable(['command', ''], rows));
  });

  it('list the models', () => {
    const rows = models.map(({ name, summary, source }) => [`\`${name}\``, summary, source]);
    const table = markdownTable(['model', 'what it does', 'source'], rows);
    expectGeneratedSection('README.md', 'models', table);
  });

  it('list the configuration', () => {
    const rows = settingsOf(configSchema).map(({ key, description, choices, defaultText }) => [
      `\`${key}\``,
      `\`${flagName(key)}\``,
      `\`${variableName(key)}\``,
      choices.length > 0 ? `${description}: ${choices.join(', ')}` : description,
      defaultText ?? '',
    ]);
    const table = markdownTable(
      ['key', 'flag', 'environment variable', 'meaning', 'default'],
      rows,
    );
    expectGeneratedSection('README.md', 'configuration', table);
  });
});

describe('the commands of the README', () => {
  const engine = sampleEngine({
    resume: async () => sampleRun,
    show: async () => sampleRun,
    explain: async () => sampleExplanation,
    classify: async () => sampleClassification,
    decisions: () => [],
  });

  it.each(commandLines(readme.text))('are understood by the program: %s', async (line) => {
    const host = recordingHost({ openEngine: async () => engine });
    expect(await runCli(wordsOf(line), host), host.written.stderr).toBe(0);
  });

  it('are there, one at least for most of what the program can do', () => {
    const used = new Set(commandLines(readme.text).map((line) => wordsOf(line)[0]));
    expect([...used].map(String).sort()).toEqual([
      'backtest',
      'classify',
      'decisions',
      'explain',
      'fork',
      'resume',
      'run',
      'runs',
      'show',
    ]);
  });
});

describe('the guides', () => {
  it('name only files and folders that exist', () => {
    // What a run writes into its data directory, and names with a blank to fill in, are no files of the project.
    const foreign =
      /[<*]|^(logs|progress|runs|artifacts|dist)\/|^\.\.\/|^agentic-forecast\.|^run\.json$/;
    const missing = guides.flatMap(({ path, text }) => {
      const names = [...text.matchAll(/`((?:\.?[\w-]+\/)[\w./-]*|[\w.-]+\.(?:ts|md|json|yml))`/g)];
      return names
        .map(([, name]) => name!)
        .filter((name) => !foreign.test(name) && !existsSync(join(root, name)))
        .map((name) => `${path}: ${name}`);
    });
    expect(missing).toEqual([]);
  });
});
