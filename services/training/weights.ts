/** Weights as an artifact: the trained arrays of a network by name, exact, so that a later training can begin with them. */
import { z } from 'zod';
import { assert } from '../../state/errors.ts';
import { type ParameterValues, sizeOf } from '../../tensor/values.ts';

const magic = 'AFW1';
const headerSchema = z.array(z.object({ name: z.string(), shape: z.array(z.int().nonnegative()) }));

/** The same bytes for the same weights: magic, length of the header (uint32), header (JSON), float32 arrays; little-endian. */
export function encodeWeights(parameters: ParameterValues): Uint8Array {
  const names = Object.keys(parameters).sort();
  const header = Buffer.from(
    JSON.stringify(names.map((name) => ({ name, shape: parameters[name]!.shape }))),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const arrays = names.map((name) => {
    const { data } = parameters[name]!;
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  });
  return Buffer.concat([Buffer.from(magic), length, header, ...arrays]);
}

/** What `encodeWeights` wrote. The store has checked the digest, so a broken shape is a programmer's error. */
export function decodeWeights(bytes: Uint8Array): ParameterValues {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  assert(buffer.toString('latin1', 0, 4) === magic, 'the artifact holds weights');
  const headerEnd = 8 + buffer.readUInt32LE(4);
  const header = headerSchema.parse(JSON.parse(buffer.toString('utf8', 8, headerEnd)));
  const parameters: ParameterValues = {};
  let at = headerEnd;
  for (const { name, shape } of header) {
    const end = at + 4 * sizeOf(shape);
    // A copy, as an array of floats must begin at a multiple of four bytes.
    parameters[name] = {
      shape,
      data: new Float32Array(new Uint8Array(bytes.slice(at, end)).buffer),
    };
    at = end;
  }
  assert(at === bytes.length, 'the artifact ends with its last array');
  return parameters;
}
