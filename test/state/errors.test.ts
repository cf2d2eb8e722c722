/** The error catalogue, both ways: what is thrown is in it, what is in it is thrown, and the documentation says the same. */
import { describe, expect, it } from 'vitest';
import {
  assert,
  type ErrorCode,
  errorCatalogue,
  fail,
  ForecastError,
  isForecastError,
} from '../../state/errors.ts';
import { expectGeneratedFile, markdownTable } from '../generated-text.ts';
import { productFiles } from '../source-tree.ts';

const codes = Object.keys(errorCatalogue) as ErrorCode[];
const source = productFiles
  .filter(({ path }) => path !== 'state/errors.ts')
  .map(({ text }) => text)
  .join('\n');

/** Details whose every field is its own name in braces, which reads as a word and as a list of one. */
const namedDetails = new Proxy({}, { get: (_, name) => [`{${String(name)}}`] });

const messageOf = (code: ErrorCode): string =>
  (errorCatalogue[code].message as (details: unknown) => string)(namedDetails);

describe('the error catalogue', () => {
  it('has only codes that are thrown somewhere', () => {
    const withoutChecks = source.replaceAll(/isForecastError\([^)]*\)/g, '');
    expect(codes.filter((code) => !withoutChecks.includes(`'${code}'`))).toEqual([]);
  });

  it('has every code that is thrown', () => {
    const thrown = [...source.matchAll(/\bfail\(\s*'([^']+)'/g)].map(([, code]) => code!);
    expect(thrown.length).toBeGreaterThan(20);
    expect(thrown.filter((code) => !(code in errorCatalogue))).toEqual([]);
  });

  it.each(codes)(
    '%s has one line of text, an HTTP status and an exit code within their ranges',
    (code) => {
      const { httpStatus, exitCode } = errorCatalogue[code];
      const message = messageOf(code);
      expect(message).not.toMatch(/\n|undefined|\[object/);
      expect(message.length).toBeGreaterThan(10);
      expect(httpStatus).toBeGreaterThanOrEqual(400);
      expect(httpStatus).toBeLessThan(600);
      expect(exitCode === 130 || (exitCode >= 64 && exitCode <= 78)).toBe(true);
    },
  );

  it('is what docs/errors.md says', () => {
    const rows = codes.map((code) => {
      const { httpStatus, exitCode } = errorCatalogue[code];
      return [`\`${code}\``, `${exitCode}`, `${httpStatus}`, messageOf(code)];
    });
    const text = `# Errors

Every error that a user or an operator can act on, with the exit code of the command line (after BSD
\`sysexits.h\`) and the HTTP status. Anything else is a fault of the program: exit code 70, and a stack
trace where the environment variable \`DEBUG\` is set. This file is generated from \`state/errors.ts\`.

${markdownTable(['code', 'exit', 'HTTP', 'message'], rows)}
`;
    expectGeneratedFile('docs/errors.md', text);
  });
});

describe('fail', () => {
  it('throws one class with code, details, exit code, status and cause', () => {
    const cause = new Error('disk');
    const details = { path: 'a.csv', problem: 'line 3 is cut off.' };
    let caught: unknown;
    try {
      fail('INPUT_UNREADABLE', details, { cause });
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ForecastError);
    expect(caught).toMatchObject({
      code: 'INPUT_UNREADABLE',
      details,
      exitCode: 65,
      httpStatus: 400,
      message: 'a.csv could not be read: line 3 is cut off.',
      cause,
    });
    expect(isForecastError(caught)).toBe(true);
    expect(isForecastError(caught, 'INPUT_UNREADABLE')).toBe(true);
    expect(isForecastError(caught, 'INPUT_EMPTY')).toBe(false);
    expect(isForecastError(cause)).toBe(false);
  });

  it('shortens long lists of names', () => {
    const found = Array.from({ length: 30 }, (_, i) => `column${i}`);
    expect(() => fail('COLUMN_MISSING', { column: 'y', role: 'target', found })).toThrow(
      /column11 and 18 more\.$/,
    );
  });
});

describe('assert', () => {
  it('throws what is no operating error', () => {
    expect(() => assert(false, 'offsets rise')).toThrow('Assertion failed: offsets rise');
    let caught: unknown;
    try {
      assert(0, 'never');
    } catch (error) {
      caught = error;
    }
    expect(isForecastError(caught)).toBe(false);
    expect(assert(true, 'holds')).toBeUndefined();
  });
});
