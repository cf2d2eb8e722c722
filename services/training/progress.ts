/** Resumable progress of a training: one file, written whole, trusted only if it is undamaged and of the same task. */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../state/errors.ts';
import type { OptimiserState } from '../../tensor/training-loop.ts';
import type { ArrayValue, ParameterValues } from '../../tensor/values.ts';
import { writeFileAtomic } from '../artifacts/atomic-file.ts';
import { fileErrorCode, mapFileError } from '../artifacts/file-errors.ts';

/** What a training counts beside its weights; plain numbers, which JSON keeps exactly. */
export interface Counters {
  /** 0, or 1 after the restart with a smaller learning rate. */
  readonly attempt: number;
  /** Sum and number of the step losses since the last interval ended. */
  readonly lossSum: number;
  readonly lossSteps: number;
  /** Mean step loss of the last whole interval, and the validation loss at its end. */
  readonly trainLoss: number | null;
  readonly validationLoss: number | null;
  /** Lowest validation loss (null without a validation part), with the training loss and the step that belong to it. */
  readonly bestLoss: number | null;
  readonly bestTrainLoss: number | null;
  readonly bestStep: number;
  /** Validations since the best. */
  readonly worse: number;
  /** Time spent in optimiser steps, and in all, in milliseconds. */
  readonly loopMs: number;
  readonly totalMs: number;
}

/** All that a training needs to go on as if it had never stopped. */
export interface Progress {
  readonly counters: Counters;
  readonly state: OptimiserState;
  /** Weights at the lowest validation loss; null before the first validation. */
  readonly best: ParameterValues | null;
}

/** Progress files of one folder. */
export interface ProgressStore {
  /** The progress of the task with `digest` under `key`; undefined if there is none, or a damaged or foreign one. */
  load(key: string, digest: string): Promise<Progress | undefined>;
  /** Replaces the progress under `key`. Errors: STORE_FULL, STORE_UNWRITABLE. */
  save(key: string, digest: string, progress: Progress): Promise<void>;
  /** Removes the progress under `key`, if any. */
  remove(key: string): Promise<void>;
  /** Removes the progress under every key whose first part, up to a slash, is `start`. */
  removeAll(start: string): Promise<void>;
}

/** Keeps progress as `<folder>/<key>.bin`; a slash in `key` makes a folder, so that one `rm -r` clears a whole run. */
export function createProgressStore(folder: string): ProgressStore {
  const pathOf = (key: string): string => {
    const parts = key.split('/');
    assert(!parts.some((part) => /^\.{0,2}$/.test(part)), `progress key "${key}" is a path inward`);
    return join(folder, `${parts.map(encodeURIComponent).join('/')}.bin`);
  };
  return {
    async load(key, digest) {
      try {
        return decodeProgress(await readFile(pathOf(key)), digest);
      } catch (error) {
        if (fileErrorCode(error) === 'ENOENT') return undefined;
        return mapFileError(pathOf(key), error);
      }
    },
    save: (key, digest, progress) => writeFileAtomic(pathOf(key), encodeProgress(progress, digest)),
    async remove(key) {
      try {
        await rm(pathOf(key), { force: true });
      } catch (error) {
        mapFileError(pathOf(key), error);
      }
    },
    async removeAll(start) {
      const path = join(folder, encodeURIComponent(start));
      try {
        await rm(path, { recursive: true, force: true });
      } catch (error) {
        mapFileError(path, error);
      }
    },
  };
}

const magic = Buffer.from('AFPROG1\n');
const headerAt = magic.length + 4;
const digestBytes = 32;

interface Header {
  readonly digest: string;
  readonly step: number;
  readonly counters: Counters;
  readonly arrays: readonly { group: Group; name: string; shape: readonly number[] }[];
}
const groups = ['parameters', 'first', 'second', 'best'] as const;
type Group = (typeof groups)[number];

/** Layout: magic, length of the header (uint32), header (JSON), float32 arrays, SHA-256 of all before; little-endian. */
export function encodeProgress({ counters, state, best }: Progress, digest: string): Uint8Array {
  const values = { ...state, best: best ?? {} };
  const entries = groups.flatMap((group) =>
    Object.entries(values[group]).map(([name, array]) => ({ group, name, array })),
  );
  const header: Header = {
    digest,
    step: state.step,
    counters,
    arrays: entries.map(({ group, name, array }) => ({ group, name, shape: array.shape })),
  };
  const headerBytes = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(headerBytes.length);
  const parts = [
    magic,
    length,
    headerBytes,
    ...entries.map(({ array: { data } }) =>
      Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    ),
  ];
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return Buffer.concat([...parts, hash.digest()]);
}

/** The progress in `bytes`; undefined if they are damaged or belong to a task with another digest. */
export function decodeProgress(bytes: Buffer, digest: string): Progress | undefined {
  const end = bytes.length - digestBytes;
  if (end < headerAt || !bytes.subarray(0, magic.length).equals(magic)) return undefined;
  const found = createHash('sha256').update(bytes.subarray(0, end)).digest();
  if (!found.equals(bytes.subarray(end))) return undefined;
  const arraysAt = headerAt + bytes.readUInt32LE(magic.length);
  const header = JSON.parse(bytes.toString('utf8', headerAt, arraysAt)) as Header;
  if (header.digest !== digest) return undefined;
  const values: Record<Group, Record<string, ArrayValue>> = {
    parameters: {},
    first: {},
    second: {},
    best: {},
  };
  let at = arraysAt;
  for (const { group, name, shape } of header.arrays) {
    const size = 4 * shape.reduce((product, dimension) => product * dimension, 1);
    // A copy, as an array of floats must begin at a multiple of four bytes.
    const copy = new Uint8Array(bytes.subarray(at, at + size));
    values[group][name] = { shape, data: new Float32Array(copy.buffer) };
    at += size;
  }
  const { best, ...arrays } = values;
  return {
    counters: header.counters,
    state: { step: header.step, ...arrays },
    best: Object.keys(best).length > 0 ? best : null,
  };
}
