/** How a schema is read as settings, and how wrong values and near misses are worded. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { closestName, editDistance } from '../../../services/config/closest-name.ts';
import { configSchema } from '../../../services/config/config.ts';
import {
  describeIssue,
  flagName,
  settingsOf,
  variableName,
} from '../../../services/config/settings.ts';
import { runRequestSchema } from '../../../state/request.ts';

describe('settingsOf', () => {
  it('tells kinds, defaults and required keys of a run request', () => {
    const settings = Object.fromEntries(settingsOf(runRequestSchema).map((s) => [s.key, s]));
    expect(settings['horizon']).toMatchObject({ kind: 'number', required: true });
    expect(settings['models']).toMatchObject({ kind: 'list', required: false });
    expect(settings['frequency']).toMatchObject({ kind: 'text', defaultText: undefined });
    expect(settings['seed']?.defaultText).toBe('1');
    expect(Object.keys(settings)).toEqual(Object.keys(runRequestSchema.shape));
  });

  it.each([
    ['run request', runRequestSchema],
    ['configuration', configSchema],
  ])('finds a description for every key of the %s', (_, schema) => {
    for (const { key, description } of settingsOf(schema)) expect(description, key).not.toBe('');
  });

  it('words a default that depends on the machine instead of printing it', () => {
    const threads = settingsOf(configSchema).find(({ key }) => key === 'threads');
    expect(threads?.defaultText).toBe('number of cores, at most 8');
  });

  it('reads choices and booleans', () => {
    const schema = z.object({
      size: z.enum(['s', 'm']).default('m'),
      quick: z.boolean().optional(),
    });
    expect(settingsOf(schema)).toMatchObject([
      { kind: 'choice', choices: ['s', 'm'], defaultText: 'm' },
      { kind: 'boolean', choices: [] },
    ]);
  });
});

describe('names of settings', () => {
  it('derive from the key', () => {
    expect(flagName('timeLimit')).toBe('--time-limit');
    expect(variableName('dataDir')).toBe('AGENTIC_FORECAST_DATA_DIR');
  });
});

describe('describeIssue', () => {
  const wordsFor = (schema: z.ZodType, value: unknown): string =>
    describeIssue(schema.safeParse(value, { reportInput: true }).error!.issues[0]!);

  it.each([
    [z.int().min(1), 0, 'must be at least 1, not 0'],
    [z.int().max(9), 10, 'must be at most 9, not 10'],
    [z.number().positive(), -2, 'must be more than 0, not -2'],
    [z.number().lt(1), 1, 'must be less than 1, not 1'],
    [z.int(), 2.5, 'must be a whole number, not 2.5'],
    [z.boolean(), 'x', 'must be true or false, not "x"'],
    [z.enum(['s', 'm']), 'l', 'must be one of s, m, not "l"'],
    [z.string(), undefined, 'is missing'],
    [z.string().regex(/^a/, 'use a name with a'), 'b', 'use a name with a'],
  ])('is one readable phrase (%#)', (schema, value, words) => {
    expect(wordsFor(schema, value)).toBe(words);
  });
});

describe('closestName', () => {
  it('finds a near miss and nothing far away', () => {
    const names = ['dataDir', 'threads', 'maxConcurrency'];
    expect(closestName('thread', names)).toBe('threads');
    expect(closestName('MAXCONCURRENCY', names)).toBe('maxConcurrency');
    expect(closestName('completely-different', ['ab'])).toBeUndefined();
  });

  it('measures an edit distance: zero only to itself, symmetric, bounded by the longer word', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });
});
