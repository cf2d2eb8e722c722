/** Tests of names that look like SQL or patterns: they are names and nothing else. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDatasets } from '../../../services/datasets/datasets.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { dailyRows, loadText, valuesOf } from './load-text.ts';

const folder = temporaryFolder('hostile');
const { load } = createDatasets();

const fragments = [
  '"',
  "'",
  ';',
  '--',
  ')',
  '(',
  '$',
  '\\',
  '*',
  '?',
  '[',
  ']',
  '{',
  '}',
  '%',
  ' ',
  'DROP TABLE keys',
  'c0',
  'id',
  'ü',
  '💥',
  '`',
  '=',
  '1',
  '\n',
  '/*',
];
const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...fragments), fc.string({ maxLength: 4 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join(''))
  .filter((text) => text.trim() !== '' && !text.includes('\0') && !text.includes('\u0002'));

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
/** What a header cell keeps of a name: no outer blanks, and one kind of line break. */
const asHeader = (name: string): string => name.replaceAll(/\r\n?/g, '\n').trim();

describe('names that look like SQL', () => {
  it('of columns and series are read as they are', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, hostileText, hostileText, async (idName, target, id) => {
        fc.pre(asHeader(idName) !== asHeader(target) && !/\r/.test(id + idName + target));
        const header = `${quoted(idName)},when,${quoted(target)}\n`;
        const text = header + dailyRows([1, 2, 3], quoted(id)) + dailyRows([4, 5, 6], 'other');
        const loaded = await loadText(text, {
          id: [asHeader(idName)],
          time: 'when',
          target: [asHeader(target)],
        });
        expect(valuesOf(loaded)).toEqual({ [id]: [1, 2, 3], other: [4, 5, 6] });
      }),
      { numRuns: 60 },
    );
  });

  it('of columns in JSON are read as they are', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (target) => {
        fc.pre(target !== 'ds');
        const rows = [1, 2, 3].map((value) => ({ ds: `2020-01-0${value}`, [target]: value }));
        const loaded = await loadText(
          JSON.stringify(rows),
          { time: 'ds', target: [target] },
          'a.json',
        );
        expect(valuesOf(loaded)).toEqual({ [target]: [1, 2, 3] });
      }),
      { numRuns: 30 },
    );
  });

  it('of files open that file only, even if they look like a pattern', async () => {
    const names = [
      "it's; DROP TABLE keys --.csv",
      'all*.csv',
      'one?.csv',
      'set[12].csv',
      '{a,b}.csv',
      'a "quoted" name.csv',
      '$1.csv',
      '%s.csv',
    ];
    for (const [k, name] of names.entries()) {
      writeFileSync(join(folder, name), `ds,y\n${dailyRows([k, k + 1])}`);
    }
    // Each of these a pattern among the names above would match.
    for (const decoy of ['allies.csv', 'ones.csv', 'set1.csv', 'a.csv']) {
      writeFileSync(join(folder, decoy), `ds,y\n${dailyRows([100, 200])}`);
    }
    for (const [k, name] of names.entries()) {
      expect(valuesOf(await load({ data: join(folder, name) }))).toEqual({ y: [k, k + 1] });
    }
  });

  it('of folders add no columns', async () => {
    mkdirSync(join(folder, 'region=north'));
    const path = join(folder, 'region=north', 'a.csv');
    writeFileSync(path, `ds,y\n${dailyRows([1, 2])}`);
    expect((await load({ data: path })).columns).toEqual({ id: [], time: 'ds', target: ['y'] });
  });
});
