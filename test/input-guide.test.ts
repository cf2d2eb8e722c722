/** The guide to input tells the truth: what it says of each example is what comes out of reading it. */
import { describe, expect, it } from 'vitest';
import {
  idNames,
  onlyTargetNames,
  targetNames,
  timeNames,
} from '../services/datasets/usual-names.ts';
import { expectGeneratedSection, markdownTable } from './generated-text.ts';
import { frequencyOf, loadText, timesOf, valuesOf } from './services/datasets/load-text.ts';
import { readSource } from './source-tree.ts';

const path = 'docs/input.md';
const examples = [
  ...readSource(path).text.matchAll(/```csv\n(.*?)```\n\n<!-- generated: (.*?) -->/gs),
].map((match) => [match[2]!, match[1]!] as const);

/** What was read, one line a series. */
async function readingOf(content: string): Promise<string> {
  const loaded = await loadText(content);
  const midnight = /h|min/.test(frequencyOf(loaded)) ? '' : 'T00:00';
  const lines = Object.entries(valuesOf(loaded)).map(([id, values], i) => {
    const times = timesOf(loaded, i).map((time) =>
      String(time).replace(midnight, '').replace('T', ' '),
    );
    const shown = values.length > 6 ? [...values.slice(0, 3), '...', ...values.slice(-2)] : values;
    return `- ${id}, frequency ${frequencyOf(loaded)}, ${times[0]} to ${times.at(-1)}: ${shown.join(' ')}`;
  });
  const said = loaded.repairs.filter(({ kind }) => !kind.endsWith('-series'));
  const notes = said.map(({ detail }) => `Noted: ${detail}.`);
  return [['Read as', ...lines].join('\n'), ...notes].join('\n\n');
}

describe('the guide to input', () => {
  it('has examples', () => {
    expect(examples.length).toBeGreaterThan(5);
  });

  it.each(examples)('tells how an example is read: %s', async (name, content) => {
    expectGeneratedSection(path, name, await readingOf(content));
  });

  it('lists the usual names', () => {
    const rows = [
      ['ids', idNames],
      ['times', timeNames],
      ['targets', targetNames],
      ['the target of a file without ids', onlyTargetNames],
    ] as const;
    expectGeneratedSection(
      path,
      'usual names',
      markdownTable(
        ['of', 'names, in upper or lower case, the most usual first'],
        rows.map(([what, names]) => [what, names.join(', ')]),
      ),
    );
  });
});
