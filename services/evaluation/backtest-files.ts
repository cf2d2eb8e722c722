/** Backtest files: what a backtest under way has made so far, one file a piece, trusted only if undamaged. */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Json } from '../../state/json.ts';
import { decodeArrays, encodeArrays } from '../artifacts/arrays.ts';
import { writeFileAtomic } from '../artifacts/atomic-file.ts';
import { fileErrorCode, mapFileError } from '../artifacts/file-errors.ts';

/** One forecast window of one model, and how long it took. */
export interface KeptForecast {
  readonly forecast: Float64Array;
  readonly seconds: number;
}

/** The files of one task. */
export interface BacktestFiles {
  /** Name of the task among all tasks. */
  readonly name: string;
  /** What was kept at `place`; undefined if nothing was, or what lies there is damaged. */
  load(place: Json): Promise<KeptForecast | undefined>;
  /** Errors: STORE_FULL, STORE_UNWRITABLE. */
  save(place: Json, kept: KeptForecast): Promise<void>;
  /** The same for a note. */
  loadNote(place: Json): Promise<Json | undefined>;
  saveNote(place: Json, note: Json): Promise<void>;
  /** Removes all files of the task. */
  remove(): Promise<void>;
}

const metaSchema = z.object({ seconds: z.number() });
const digestBytes = 32;

const digestOf = (bytes: Uint8Array | string): Buffer =>
  createHash('sha256').update(bytes).digest();
const nameOf = (value: Json): string => digestOf(JSON.stringify(value)).toString('hex');

/** Files of the task that `key` describes, in a folder of its own below `folder`. */
export function createBacktestFiles(folder: string, key: Json): BacktestFiles {
  const name = nameOf(key);
  const own = join(folder, name);
  const read = async (place: Json): Promise<Contents | undefined> => {
    const path = join(own, `${nameOf(place)}.bin`);
    const bytes = await readFile(path).catch((error: unknown) => {
      if (fileErrorCode(error) === 'ENOENT') return undefined;
      return mapFileError(path, error);
    });
    return bytes === undefined ? undefined : decode(bytes);
  };
  const write = (place: Json, { meta, columns }: Contents): Promise<void> => {
    const body = encodeArrays(meta, columns);
    const bytes = Buffer.concat([digestOf(body), body]);
    return writeFileAtomic(join(own, `${nameOf(place)}.bin`), bytes);
  };
  return {
    name,
    async load(place) {
      const found = await read(place);
      if (found === undefined) return undefined;
      const { seconds } = metaSchema.parse(found.meta);
      return { forecast: found.columns['forecast']!, seconds };
    },
    save: (place, { forecast, seconds }) =>
      write(place, { meta: { seconds }, columns: { forecast } }),
    loadNote: async (place) => (await read(['note', place]))?.meta,
    saveNote: (place, meta) => write(['note', place], { meta, columns: {} }),
    async remove() {
      await rm(own, { recursive: true, force: true }).catch((error: unknown) =>
        mapFileError(own, error),
      );
    },
  };
}

type Contents = ReturnType<typeof decodeArrays>;

function decode(bytes: Buffer): Contents | undefined {
  const body = bytes.subarray(digestBytes);
  return digestOf(body).equals(bytes.subarray(0, digestBytes)) ? decodeArrays(body) : undefined;
}
