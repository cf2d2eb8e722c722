/** What the saver does with whole threads: deletes them, and copies their beginnings. */
import { describe, expect, it } from 'vitest';
import type { SqliteSaver } from '../../../services/checkpoints/sqlite-saver.ts';
import { at, checkpoint, countRows, idsOf, inMemory, put, valuesOf } from './saver-fixture.ts';

describe('deleteThread', () => {
  it('works on a database that never held anything', async () => {
    await expect(inMemory().saver.deleteThread('t')).resolves.toBeUndefined();
  });

  it('takes all of a thread and nothing of another, though they hold equal values', async () => {
    const { saver, database } = inMemory();
    const payload = 'x'.repeat(100);
    for (const thread of ['a', 'b']) {
      const config = await put(saver, at(thread), checkpoint('1', { payload }));
      await saver.putWrites(config, [['payload', payload]], 'task');
    }
    await saver.deleteThread('a');
    for (const table of ['checkpoints', 'checkpoint_writes', 'checkpoint_blobs']) {
      expect(countRows(database, table)).toBe(1);
    }
    expect(await valuesOf(saver, at('b'))).toEqual({ payload });
    await saver.deleteThread('b');
    expect(countRows(database, 'checkpoint_blobs')).toBe(0);
  });
});

describe('copyThread', () => {
  const story = async (saver: SqliteSaver): Promise<void> => {
    let config = at('from');
    for (const id of ['1', '2', '3', '4']) {
      const values = { n: Number(id), payload: id.repeat(100) };
      config = await put(saver, config, checkpoint(id, values), Number(id));
      await saver.putWrites(config, [['n', Number(id) + 1]], `task-${id}`);
    }
    await put(saver, at('from', '2'), checkpoint('5', { n: 50 }), 5);
  };

  it('copies a checkpoint and its ancestors, but no later one, no other branch, no pending write', async () => {
    const { saver, database } = inMemory();
    await story(saver);
    saver.copyThread('from', '3', 'to');
    expect(await idsOf(saver, at('to'))).toEqual(['3', '2', '1']);
    for (const id of ['1', '2', '3']) {
      const [copy, original] = [
        await saver.getTuple(at('to', id)),
        await saver.getTuple(at('from', id)),
      ];
      expect(copy?.checkpoint).toEqual(original?.checkpoint);
      expect(copy?.metadata).toEqual(original?.metadata);
      expect(copy?.parentConfig?.configurable?.['checkpoint_id']).toBe(
        original?.parentConfig?.configurable?.['checkpoint_id'],
      );
      expect(copy?.pendingWrites).toEqual(id === '3' ? [] : original?.pendingWrites);
    }
    const blobs = "SELECT count(*) AS n FROM checkpoint_blobs WHERE thread = 'to'";
    expect(database.prepare(blobs).get()).toEqual({ n: 3 });
  });

  it('leaves two threads that live and die apart', async () => {
    const { saver } = inMemory();
    await story(saver);
    saver.copyThread('from', '2', 'to');
    await put(saver, at('to', '2'), checkpoint('9', { n: 9 }));
    expect((await saver.getTuple(at('from')))?.checkpoint.id).toBe('5');
    await saver.deleteThread('from');
    expect(await valuesOf(saver, at('to', '2'))).toEqual({ n: 2, payload: '2'.repeat(100) });
  });

  it('changes nothing when it is repeated', async () => {
    const { saver } = inMemory();
    await story(saver);
    saver.copyThread('from', '2', 'to');
    const before = await saver.getTuple(at('to'));
    saver.copyThread('from', '2', 'to');
    expect(await saver.getTuple(at('to'))).toEqual(before);
    expect(await idsOf(saver, at('to'))).toEqual(['2', '1']);
  });
});
