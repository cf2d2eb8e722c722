/** Draws of rows and columns for one tree. */
import type { Random } from '../../tensor/random.ts';
import type { Binning } from './binned-table.ts';

/** [rows] 1 for about `fraction` of the rows, each drawn by itself; at least one. */
export function drawRows(rows: number, fraction: number, random: Random): Uint8Array {
  const drawn = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) drawn[row] = random.uniform() < fraction ? 1 : 0;
  if (!drawn.includes(1)) drawn[random.integer(rows)] = 1;
  return drawn;
}

/** `rows` draws with replacement, ascending, written to `target` [rows]; returns how often the most frequent one occurs. */
export function drawBootstrap(target: Uint32Array, rows: number, random: Random): number {
  const counts = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) counts[random.integer(rows)]!++;
  let at = 0;
  let most = 0;
  for (let row = 0; row < rows; row++) {
    const count = counts[row]!;
    target.fill(row, at, at + count);
    at += count;
    most = Math.max(most, count);
  }
  return most;
}

/** [features] 1 for the rounded share of the features, at least one, else 0. */
export function createFeatureChoice(
  { features }: Binning,
  fraction: number,
  random: Random,
): Uint8Array {
  const count = Math.max(1, Math.round(fraction * features.length));
  const allowed = new Uint8Array(features.length);
  if (count >= features.length) return allowed.fill(1);
  for (const feature of random.permutation(features.length).subarray(0, count)) {
    allowed[feature] = 1;
  }
  return allowed;
}
