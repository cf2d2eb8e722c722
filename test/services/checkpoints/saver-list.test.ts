/** What the saver lists: the newest first, all that match and nothing else, under no hostile filter. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, checkpoint, failure, idsOf, inMemory, metadata, put } from './saver-fixture.ts';

describe('list', () => {
  it.each([
    "step') OR 1=1 --",
    'step"',
    'a b',
    '',
    '.',
    'a.',
    '$.step',
    'a-b',
    'a[0]',
    'ключ',
    '\0',
  ])('refuses the filter key %j', async (key) => {
    const { saver } = inMemory();
    await expect(idsOf(saver, at('t'), { filter: { [key]: 1 } })).rejects.toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_FILTER_INVALID', details: { key } }),
    );
  });

  it('refuses a filter for nothing, which would let everything pass', async () => {
    const { saver } = inMemory();
    await expect(idsOf(saver, at('t'), { filter: { step: undefined } })).rejects.toThrow(
      failure('CHECKPOINT_FILTER_INVALID'),
    );
  });

  it('matches no inherited property', async () => {
    const { saver } = inMemory();
    await put(saver, at('t'), checkpoint('1'));
    const filter = { constructor: Object };
    expect(await idsOf(saver, at('t'), { filter })).toEqual([]);
  });

  it('finds what a filter in memory finds, newest first, for any data and question', async () => {
    const thread = fc.constantFrom('a', 'b');
    const ns = fc.constantFrom('', 'child');
    const value = fc.constantFrom<unknown>(0, 1, '1', "' OR 1=1", null, true, [1], { x: 1 });
    const key = fc.constantFrom('step', 'tag', 'tag.x', 'absent', 'toString');
    const stored = fc.uniqueArray(
      fc.record({
        thread,
        ns,
        id: fc.integer({ min: 100, max: 120 }).map(String),
        tag: value,
        step: fc.nat(2),
      }),
      { selector: (row) => `${row.thread}/${row.ns}/${row.id}`, maxLength: 12 },
    );
    const question = fc.record({
      thread: fc.option(thread, { nil: undefined }),
      ns: fc.option(ns, { nil: undefined }),
      before: fc.option(fc.integer({ min: 100, max: 121 }).map(String), { nil: undefined }),
      limit: fc.option(fc.nat(4), { nil: undefined }),
      filter: fc.option(fc.dictionary(key, value, { maxKeys: 2, noNullPrototype: true }), {
        nil: undefined,
      }),
    });
    const reach = (from: unknown, path: string): unknown =>
      path.split('.').reduce((found, name) => {
        const isIn = typeof found === 'object' && found !== null && Object.hasOwn(found, name);
        return isIn ? (found as Record<string, unknown>)[name] : undefined;
      }, from);
    const property = fc.asyncProperty(stored, question, async (rows, asked) => {
      const { saver, database } = inMemory();
      for (const row of rows) {
        const made = checkpoint(row.id);
        await saver.put(
          at(row.thread, undefined, row.ns),
          made,
          metadata(row.step, { tag: row.tag }),
          {},
        );
      }
      const expected = rows
        .filter(
          (row) =>
            (asked.thread === undefined || row.thread === asked.thread) &&
            (asked.ns === undefined || row.ns === asked.ns) &&
            (asked.before === undefined || row.id < asked.before) &&
            Object.entries(asked.filter ?? {}).every(([name, wanted]) =>
              isDeepStrictEqual(reach(metadata(row.step, { tag: row.tag }), name), wanted),
            ),
        )
        .map(({ id }) => id)
        .toSorted()
        .toReversed()
        .slice(0, asked.limit);
      const config = { configurable: { thread_id: asked.thread, checkpoint_ns: asked.ns } };
      const before = asked.before === undefined ? {} : { before: at('t', asked.before) };
      const { limit, filter } = asked;
      const options = {
        ...before,
        ...(limit !== undefined && { limit }),
        ...(filter && { filter }),
      };
      expect(await idsOf(saver, config, options)).toEqual(expected);
      database.close();
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('may be read while the thread is written and deleted', async () => {
    const { saver } = inMemory();
    for (const id of ['1', '2', '3']) await put(saver, at('t'), checkpoint(id));
    const found: string[] = [];
    for await (const tuple of saver.list(at('t'))) {
      found.push(tuple.checkpoint.id);
      await put(saver, at('t'), checkpoint('9'));
      if (tuple.checkpoint.id === '2') await saver.deleteThread('t');
    }
    expect(found).toEqual(['3', '2']);
  });
});
