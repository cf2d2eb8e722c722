/** ONNX export: hands a trained model over as a file, after a fresh session has shown that the file predicts the same. */
import { join } from 'node:path';
import { assert, fail } from '../../state/errors.ts';
import { createSession } from '../../tensor/session.ts';
import type { Feed } from '../../tensor/values.ts';
import { writeFileAtomic } from '../artifacts/atomic-file.ts';

/** What is exported, and the predictions it must repeat. */
export interface OnnxExport {
  readonly onnx: Uint8Array;
  /** Sample inputs by name, some rows of each. */
  readonly feeds: Readonly<Record<string, Feed>>;
  /** Name of the output that is compared. */
  readonly output: string;
  /** What the model in use predicts for the sample, flat. */
  readonly expected: Float32Array;
  /** Greatest difference that counts as the same, relative to the size of the predictions; 1e-5 if left out. */
  readonly allowed?: number;
  /** Full path of the file to write. */
  readonly path: string;
}

/**
 * Writes the file and returns the greatest relative difference between its predictions and the expected ones.
 * Errors: EXPORT_MISMATCH, and then nothing is written; STORE_FULL, STORE_UNWRITABLE.
 */
export async function exportOnnx(model: OnnxExport): Promise<{ difference: number }> {
  const { onnx, feeds, output, expected, path, allowed = 1e-5 } = model;
  assert(expected.length > 0, 'a model is checked on some rows');
  const session = await createSession(onnx, { threads: 1 });
  try {
    const { [output]: found } = await session.run(feeds);
    assert(found?.data instanceof Float32Array, `a model gives a ${output} of float32`);
    const difference = relativeDifference(found.data, expected);
    if (!(difference <= allowed)) fail('EXPORT_MISMATCH', { file: path, difference, allowed });
    await writeFileAtomic(path, onnx);
    return { difference };
  } finally {
    await session.release();
  }
}

/** Greatest difference over the greatest size; NaN, which is never the same, where lengths or finiteness differ. */
export function relativeDifference(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) return Number.NaN;
  let difference = 0;
  let size = 1e-12;
  for (let k = 0; k < found.length; k++) {
    const gap = Math.abs(found[k]! - expected[k]!);
    if (Number.isNaN(gap)) return Number.NaN;
    difference = Math.max(difference, gap);
    size = Math.max(size, Math.abs(expected[k]!));
  }
  return difference / size;
}

/** Path of an exported file such as `dlinear` with the ending `.onnx`; what a file name cannot hold becomes a dash. */
export function exportedFile(folder: string, name: string, ending: string): string {
  return join(folder, `${name.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}${ending}`);
}
