/** Fast Fourier transform of real values: the one place that knows the library behind it. */
import FFT from 'fft.js';
import { assert } from '../state/errors.ts';

const plans = new Map<number, FFT>();

function planOf(size: number): FFT {
  const known = plans.get(size);
  if (known !== undefined) return known;
  const plan = new FFT(size);
  plans.set(size, plan);
  return plan;
}

/** The smallest power of two >= `length` that can be transformed (2 at least). */
export function transformSize(length: number): number {
  let size = 2;
  while (size < length) size *= 2;
  return size;
}

/**
 * Squared magnitudes of the discrete Fourier transform of `values`, padded with zeros to `transformSize`: [size / 2 + 1],
 * entry k at frequency k / size cycles per step. O(n log n).
 */
export function powerSpectrum(values: Float64Array): Float64Array {
  assert(values.length > 0, 'there are values to transform');
  const size = transformSize(values.length);
  const padded = new Float64Array(size);
  padded.set(values);
  const complex = new Float64Array(2 * size);
  planOf(size).realTransform(complex, padded);
  return Float64Array.from(
    { length: size / 2 + 1 },
    (_, k) => complex[2 * k]! ** 2 + complex[2 * k + 1]! ** 2,
  );
}
