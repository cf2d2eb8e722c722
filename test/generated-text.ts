/** Text that is generated from the code and checked in: compared by tests, written anew with UPDATE_DOCS=1. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { root } from './source-tree.ts';

const updating = process.env['UPDATE_DOCS'] === '1';
const advice = 'run: UPDATE_DOCS=1 npx vitest run test/state test/readme.test.ts';

/** The whole file at `path` must be `text`. */
export function expectGeneratedFile(path: string, text: string): void {
  const file = join(root, path);
  if (updating) writeFileSync(file, text);
  const current = existsSync(file) ? readFileSync(file, 'utf8') : '';
  expect(current, `${path} is out of date; ${advice}`).toBe(text);
}

/** The part of `path` between the comments that name `section` must be `text`. */
export function expectGeneratedSection(path: string, section: string, text: string): void {
  const file = join(root, path);
  const [open, close] = [`<!-- generated: ${section} -->`, `<!-- end: ${section} -->`];
  const [before, rest] = readFileSync(file, 'utf8').split(open);
  const after = rest?.split(close)[1];
  expect(after, `${path} has the markers ${open} and ${close}`).toBeDefined();
  const whole = `${before}${open}\n\n${text}\n\n${close}${after}`;
  if (updating) writeFileSync(file, whole);
  expect(readFileSync(file, 'utf8'), `${path}, section ${section}, is out of date; ${advice}`).toBe(
    whole,
  );
}

/** A Markdown table; vertical bars in cells are escaped. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
