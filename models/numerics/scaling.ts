/** Keeps sums and squares of huge or tiny values within the range of doubles. */

/** Power of two near the greatest size of `values`, by which dividing is exact; 1 if all of them are 0. */
export function binaryScale(values: Float64Array): number {
  let size = 0;
  for (let t = 0; t < values.length; t++) size = Math.max(size, Math.abs(values[t]!));
  return size > 0 ? 2 ** Math.min(1023, Math.floor(Math.log2(size))) : 1;
}

/** `values` times `scale`, held within the range of finite doubles; a new array. */
export function rescale(values: Float64Array, scale: number): Float64Array {
  const greatest = Number.MAX_VALUE;
  return values.map((value) => Math.min(greatest, Math.max(-greatest, value * scale)));
}
