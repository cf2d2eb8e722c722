/** Copies the beginning of one thread into another, for a run that takes another turn from there. */
import { assert } from '../../state/errors.ts';
import type {
  CheckpointBody,
  CheckpointRow,
  CheckpointTables,
  ValueReference,
} from './checkpoint-tables.ts';

/**
 * Copies checkpoint `id` of the outermost graph and its ancestors, inside a transaction of the caller. The ancestors keep
 * their writes, from which channels that store differences are rebuilt; the checkpoint itself starts without any.
 */
export function copyThread(tables: CheckpointTables, from: string, id: string, to: string): void {
  assert(from !== to, 'a thread is copied into another one');
  const first = tables.find({ thread: from, ns: '', id });
  assert(first !== undefined, `thread ${from} has checkpoint ${id}`);
  const saveCopy = (reference: ValueReference): ValueReference =>
    tables.saveValue(to, tables.loadValue(reference));

  for (let row: CheckpointRow | undefined = first; row !== undefined; row = parentOf(tables, row)) {
    tables.save({ ...row, thread: to, body: copyBody(row.body, saveCopy) });
    if (row === first) continue;
    for (const write of tables.writesOf(row)) {
      const value = write.value === null ? null : saveCopy(write.value);
      tables.saveWrite({ ...row, thread: to }, { ...write, value }, true);
    }
  }
}

function parentOf(tables: CheckpointTables, row: CheckpointRow): CheckpointRow | undefined {
  return row.parent === null ? undefined : tables.find({ ...row, id: row.parent });
}

function copyBody(json: string, saveCopy: (reference: ValueReference) => ValueReference): string {
  const body = JSON.parse(json) as CheckpointBody;
  const channels = Object.entries(body.channels).map(([name, [version, reference]]) => [
    name,
    reference === undefined ? [version] : [version, saveCopy(reference)],
  ]);
  return JSON.stringify({ ...body, channels: Object.fromEntries(channels) });
}
