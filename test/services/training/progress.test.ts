/** Tests of progress of a training. */
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createProgressStore,
  decodeProgress,
  encodeProgress,
  type Progress,
} from '../../../services/training/progress.ts';

const array = (...values: number[]) => ({
  shape: [values.length],
  data: Float32Array.from(values),
});

const progress: Progress = {
  counters: {
    attempt: 1,
    lossSum: 0.1 + 0.2,
    lossSteps: 7,
    trainLoss: Math.PI,
    validationLoss: 0.3,
    bestLoss: 0.25,
    bestTrainLoss: 1 / 3,
    bestStep: 200,
    worse: 2,
    loopMs: 12,
    totalMs: 34,
  },
  state: {
    step: 307,
    parameters: { weight: array(1.1, -0, 3e-40), bias: array(4) },
    first: { weight: array(1, 2, 3), bias: array(5) },
    second: { weight: array(7, 8, 9), bias: array(6) },
  },
  best: { weight: array(0.1, 0.2, 0.3), bias: array(-4) },
};

describe('the bytes of progress', () => {
  it('give back exactly what was put in', () => {
    const bytes = Buffer.from(encodeProgress(progress, 'task'));
    expect(decodeProgress(bytes, 'task')).toEqual(progress);
    const unvalidated = { ...progress, best: null };
    expect(decodeProgress(Buffer.from(encodeProgress(unvalidated, 'task')), 'task')).toEqual(
      unvalidated,
    );
  });

  it('are not trusted for another task', () => {
    expect(decodeProgress(Buffer.from(encodeProgress(progress, 'task')), 'other')).toBeUndefined();
  });

  it('are not trusted once a bit is wrong or a part is missing', () => {
    const bytes = Buffer.from(encodeProgress(progress, 'task'));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= 1 << bit;
        expect(decodeProgress(damaged, 'task')).toBeUndefined();
        expect(decodeProgress(bytes.subarray(0, at), 'task')).toBeUndefined();
      }),
    );
  });
});

describe('the progress of a folder', () => {
  it('keeps keys apart, replaces and removes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'progress-'));
    const store = createProgressStore(folder);
    expect(await store.load('run/a', 'task')).toBeUndefined();
    await store.save('run/a', 'task', progress);
    await store.save('run/b', 'task', { ...progress, best: null });
    expect((await store.load('run/a', 'task'))?.best).not.toBeNull();
    expect((await store.load('run/b', 'task'))?.best).toBeNull();
    expect((await readdir(join(folder, 'run'))).sort()).toEqual(['a.bin', 'b.bin']);
    await store.remove('run/a');
    await store.remove('run/a');
    expect(await store.load('run/a', 'task')).toBeUndefined();
  });

  it('passes over a damaged file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'progress-'));
    const store = createProgressStore(folder);
    await store.save('key', 'task', progress);
    const bytes = await readFile(join(folder, 'key.bin'));
    await writeFile(join(folder, 'key.bin'), bytes.subarray(0, bytes.length - 5));
    expect(await store.load('key', 'task')).toBeUndefined();
  });

  it('does not follow a key out of its folder', async () => {
    const store = createProgressStore(tmpdir());
    await expect((async () => store.save('../key', 'task', progress))()).rejects.toThrow(
      /progress key/,
    );
  });
});
