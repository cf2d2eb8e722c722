/** The memory of one table in bins, which the loops in WebAssembly work in. */
import { assert, fail } from '../../state/errors.ts';

/** Rows that the loops over bins take at once. */
export const BLOCK_ROWS = 512;
/** Bytes of a row that lie together. */
export const GROUP_LANES = 32;
/** From the sums of one feature to those of the next; no power of two, whose multiples share few places in the cache. */
export const LANE_STRIDE = 264;

const PAGE_BYTES = 65_536;
/** What a 32-bit address reaches. */
const LARGEST_BYTES = 2 ** 32;

/** Where things of a fixed size are in any table's memory, in bytes. */
export const place = {
  values: 0,
  bins: BLOCK_ROWS * 8,
  sums: BLOCK_ROWS * (8 + GROUP_LANES),
  steps: BLOCK_ROWS * (8 + GROUP_LANES) + GROUP_LANES * LANE_STRIDE * 8,
} as const;
const TABLE_AT = place.steps + 256;

/** The part of the WebAssembly interface that is needed here; TypeScript declares it for browsers only. */
interface WebAssemblyInterface {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}
const { Memory, Module, Instance } = (
  globalThis as unknown as { WebAssembly: WebAssemblyInterface }
).WebAssembly;

/** Arrays of a table, whose `byteOffset` is their address. What is not written to takes no memory of the machine. */
export interface TableMemory {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** [features][rows] bins by column. */
  readonly columns: readonly Uint8Array[];
  /** [rows] rows by leaf. */
  readonly rows: Uint32Array;
  /** [rows] */
  readonly scratch: Uint32Array;
  /** [groups][rows][32] bins by row: feature f is in group f >> 5. */
  readonly lanes: Uint8Array;
  /** [2][rows] what is added up by bins: gradients with counts, and hessians. */
  readonly values: readonly [Float64Array, Float64Array];
  /** [arrays][rows] whatever is kept by row. */
  readonly arrays: readonly Float64Array[];
  /** [256] by bin of the column that a leaf is split by, 4 where it goes left, which is the bytes of a row's number, or 0. */
  readonly steps: Uint8Array;
  /** [32 * 264] bin b of a group's feature f is at 264 f + b. */
  readonly sums: Float64Array;
}

/**
 * Memory for a table and for `arrays` numbers by row, all of it 0.
 * @throws TABLE_INVALID for a table that 32-bit addresses do not reach.
 */
export function createTableMemory(rows: number, features: number, arrays = 0): TableMemory {
  const groups = Math.max(1, Math.ceil(features / GROUP_LANES));
  const lanes = TABLE_AT;
  const numbers = lanes + groups * rows * GROUP_LANES;
  // Two numbers are worked on at once, also where the last has no other.
  const stride = (rows + (rows % 2)) * 8;
  const rowsAt = numbers + (2 + arrays) * stride;
  const columns = rowsAt + 2 * rows * 4;
  const bytes = columns + features * rows;
  if (bytes > LARGEST_BYTES) {
    const problem = `${rows} rows of ${features} columns are more than 4 GiB in memory`;
    fail('TABLE_INVALID', { column: 'target', problem });
  }
  const memory = new Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const { buffer } = memory;
  const several = <Item>(count: number, create: (at: number) => Item): Item[] =>
    Array.from({ length: count }, (_, at) => create(at));
  const [gradients, hessians, ...others] = several(
    2 + arrays,
    (a) => new Float64Array(buffer, numbers + a * stride, rows),
  );
  return {
    memory,
    columns: several(features, (f) => new Uint8Array(buffer, columns + f * rows, rows)),
    lanes: new Uint8Array(buffer, lanes, groups * rows * GROUP_LANES),
    values: [gradients!, hessians!],
    arrays: others,
    rows: new Uint32Array(buffer, rowsAt, rows),
    scratch: new Uint32Array(buffer, rowsAt + rows * 4, rows),
    steps: new Uint8Array(buffer, place.steps, 256),
    sums: new Float64Array(buffer, place.sums, GROUP_LANES * LANE_STRIDE),
  };
}

/** A compiled module. */
export type Kernel = object;

/** Compiles what `encodeModule` gave; this costs more than growing a small tree. */
export const compile = (bytes: Uint8Array): Kernel => new Module(bytes);

/** The functions of `kernel`, working in the memory of a table. */
export const attach = (kernel: Kernel, { memory }: TableMemory): object =>
  new Instance(kernel, { memory: { all: memory } }).exports;

/** The address of an array that has to lie in the memory. */
export function addressOf({ memory }: TableMemory, { buffer, byteOffset }: Float64Array): number {
  assert(buffer === memory.buffer, 'kernels only reach arrays of their own memory');
  return byteOffset;
}
