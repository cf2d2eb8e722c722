/** Forest models: a forest with what it takes to predict by it, and their stored form. */
import { assert } from '../../state/errors.ts';
import type { Forest } from './forest.ts';
import type { Link } from './losses.ts';

/** Everything that a prediction needs. */
export interface ForestModel {
  /** The columns of the tables that it predicts, in this order. */
  readonly columns: readonly string[];
  readonly forest: Forest;
  /** [outputs] raw score before the first tree. */
  readonly start: Float64Array;
  readonly link: Link;
}

const arrayKinds = { Int32Array, Uint8Array, Uint32Array, Float32Array, Float64Array };
type ArrayKind = keyof typeof arrayKinds;

/** The arrays of a forest, in the order in which they are stored: widest elements first, so that each is aligned. */
const layout: readonly (readonly [keyof Forest, ArrayKind])[] = [
  ['gains', 'Float64Array'],
  ['nodeCovers', 'Float64Array'],
  ['values', 'Float64Array'],
  ['leafCovers', 'Float64Array'],
  ['roots', 'Int32Array'],
  ['outputs', 'Int32Array'],
  ['columns', 'Int32Array'],
  ['thresholds', 'Float32Array'],
  ['children', 'Int32Array'],
  ['codeStarts', 'Int32Array'],
  ['codeBits', 'Uint32Array'],
  ['missingRight', 'Uint8Array'],
];

interface Header {
  readonly format: 'forest';
  readonly version: 1;
  readonly columns: readonly string[];
  readonly link: Link;
  readonly start: readonly number[];
  readonly lengths: readonly number[];
}

/** A line of JSON, padded to whole doubles, and the arrays after it; exact, and the same for the same model. */
export function encodeForestModel({ columns, forest, start, link }: ForestModel): Uint8Array {
  const header: Header = {
    format: 'forest',
    version: 1,
    columns,
    link,
    start: Array.from(start),
    lengths: layout.map(([name]) => forest[name].length),
  };
  const line = new TextEncoder().encode(JSON.stringify(header));
  const begin = Math.ceil((line.length + 1) / 8) * 8;
  const size = layout.reduce((total, [name]) => total + forest[name].byteLength, begin);
  const bytes = new Uint8Array(size).fill(0x20, 0, begin);
  bytes.set(line);
  bytes[begin - 1] = 0x0a;
  let at = begin;
  for (const [name] of layout) {
    const { buffer, byteOffset, byteLength } = forest[name];
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

/** The model that `encodeForestModel` gave `bytes` for. */
export function decodeForestModel(bytes: Uint8Array): ForestModel {
  const begin = bytes.indexOf(0x0a) + 1;
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(0, begin))) as Header;
  assert(header.format === 'forest' && header.version === 1, 'the bytes are a forest of version 1');
  const arrays: Record<string, Forest[keyof Forest]> = {};
  let at = begin;
  for (const [i, [name, kind]] of layout.entries()) {
    const end = at + header.lengths[i]! * arrayKinds[kind].BYTES_PER_ELEMENT;
    arrays[name] = new arrayKinds[kind](bytes.slice(at, end).buffer);
    at = end;
  }
  assert(at === bytes.length, 'a stored forest is complete');
  return {
    columns: header.columns,
    forest: arrays as unknown as Forest,
    start: Float64Array.from(header.start),
    link: header.link,
  };
}
