/** Sorting of float32 numbers by the digits of their bits, some times as fast as by comparisons. */

/** Fewer are sorted by comparisons. */
const FEWEST = 2_000;
const DIGIT_BITS = 11;
const DIGITS = 2 ** DIGIT_BITS;

/** Sorts in place, ascending; there is no NaN among the values. */
export function sortFloats(values: Float32Array): Float32Array {
  if (values.length < FEWEST) return values.sort();
  let keys = new Int32Array(values.length);
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) {
    const raw = bits[i]!;
    // Unsigned, such numbers ascend with the floats.
    keys[i] = raw ^ ((raw >> 31) | 0x80000000);
  }
  let sorted = new Int32Array(values.length);
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    sortByDigit(keys, sorted, shift);
    [keys, sorted] = [sorted, keys];
  }
  for (let i = 0; i < bits.length; i++) {
    const key = keys[i]!;
    bits[i] = key ^ (~(key >> 31) | 0x80000000);
  }
  return values;
}

/** Writes `keys` to `sorted` in the order of one digit, those with the same digit in the order that they have. */
function sortByDigit(keys: Int32Array, sorted: Int32Array, shift: number): void {
  const next = new Int32Array(DIGITS + 1);
  for (let i = 0; i < keys.length; i++) next[((keys[i]! >>> shift) & (DIGITS - 1)) + 1]!++;
  for (let digit = 1; digit < DIGITS; digit++) next[digit]! += next[digit - 1]!;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!;
    sorted[next[(key >>> shift) & (DIGITS - 1)]!++] = key;
  }
}
