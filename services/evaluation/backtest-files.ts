/** Backtest files: the forecasts of a backtest under way, one file a model and window, trusted only if undamaged. */
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
  /** What was kept at `place`; undefined if nothing was, or what lies there is damaged. */
  load(place: Json): Promise<KeptForecast | undefined>;
  /** Errors: STORE_FULL, STORE_UNWRITABLE. */
  save(place: Json, kept: KeptForecast): Promise<void>;
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
  const own = join(folder, nameOf(key));
  const pathOf = (place: Json): string => join(own, `${nameOf(place)}.bin`);
  return {
    async load(place) {
      const path = pathOf(place);
      const bytes = await readFile(path).catch((error: unknown) => {
        if (fileErrorCode(error) === 'ENOENT') return undefined;
        return mapFileError(path, error);
      });
      return bytes === undefined ? undefined : decode(bytes);
    },
    async save(place, { forecast, seconds }) {
      const body = encodeArrays({ seconds }, { forecast });
      await writeFileAtomic(pathOf(place), Buffer.concat([digestOf(body), body]));
    },
    async remove() {
      await rm(own, { recursive: true, force: true }).catch((error: unknown) =>
        mapFileError(own, error),
      );
    },
  };
}

function decode(bytes: Buffer): KeptForecast | undefined {
  const body = bytes.subarray(digestBytes);
  if (!digestOf(body).equals(bytes.subarray(0, digestBytes))) return undefined;
  const { meta, columns } = decodeArrays(body);
  return { forecast: columns['forecast']!, seconds: metaSchema.parse(meta).seconds };
}
