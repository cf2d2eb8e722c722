/** Numeric arrays as one artifact: a JSON header and named float64 columns, exact and byte-deterministic. */
import { z } from 'zod';
import { assert } from '../../state/errors.ts';
import type { Json } from '../../state/json.ts';

const magic = 'AFA1';
const alignment = 8;

const headerSchema = z.object({
  meta: z.json(),
  columns: z.array(z.object({ name: z.string(), length: z.int().nonnegative() })),
});

/** `meta` is small plain JSON; the columns follow the header as little-endian float64. */
export function encodeArrays(
  meta: Json,
  columns: Readonly<Record<string, Float64Array>>,
): Uint8Array {
  const entries = Object.entries(columns);
  const header = new TextEncoder().encode(
    JSON.stringify({ meta, columns: entries.map(([name, { length }]) => ({ name, length })) }),
  );
  const begin = Math.ceil((8 + header.length) / alignment) * alignment;
  const total = begin + 8 * entries.reduce((sum, [, { length }]) => sum + length, 0);
  const bytes = new Uint8Array(total);
  bytes.set(new TextEncoder().encode(magic), 0);
  new DataView(bytes.buffer).setUint32(4, header.length, true);
  bytes.set(header, 8);
  let at = begin;
  for (const [, values] of entries) {
    new Float64Array(bytes.buffer, at, values.length).set(values);
    at += 8 * values.length;
  }
  return bytes;
}

/** What `encodeArrays` wrote. The store has checked the digest, so a broken shape is a programmer's error. */
export function decodeArrays(bytes: Uint8Array): {
  meta: Json;
  columns: Record<string, Float64Array>;
} {
  assert(
    new TextDecoder().decode(bytes.subarray(0, 4)) === magic,
    'an array artifact begins with its magic',
  );
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  const header = headerSchema.parse(
    JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))),
  );
  const columns: Record<string, Float64Array> = {};
  let at = Math.ceil((8 + length) / alignment) * alignment;
  for (const column of header.columns) {
    const end = at + 8 * column.length;
    assert(end <= bytes.length, `array column ${column.name} is complete`);
    // A copy, since the bytes may lie anywhere in a larger buffer.
    const values = new Float64Array(column.length);
    new Uint8Array(values.buffer).set(bytes.subarray(at, end));
    columns[column.name] = values;
    at = end;
  }
  return { meta: header.meta, columns };
}
