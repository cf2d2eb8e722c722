/** Array artifacts: exact to the bit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeArrays, encodeArrays } from '../../../services/artifacts/arrays.ts';

describe('arrays', () => {
  it('come back exactly, NaN and infinities among them, from any place in a larger buffer', () => {
    const column = fc
      .array(fc.double(), { maxLength: 20 })
      .map((values) => Float64Array.from(values));
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), column),
        fc.integer({ min: 0, max: 9 }),
        (columns, shift) => {
          const plain = { ...columns };
          const bytes = encodeArrays({ note: 'x' }, plain);
          const moved = new Uint8Array(bytes.length + shift);
          moved.set(bytes, shift);
          const { meta, columns: found } = decodeArrays(moved.subarray(shift));
          expect(meta).toEqual({ note: 'x' });
          expect(Object.keys(found)).toEqual(Object.keys(plain));
          for (const [name, values] of Object.entries(plain)) {
            expect([...new BigUint64Array(found[name]!.buffer)]).toEqual([
              ...new BigUint64Array(values.slice().buffer),
            ]);
          }
        },
      ),
    );
  });
});
