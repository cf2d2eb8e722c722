/**
 * The innermost loops of training, in WebAssembly: gather the bins and gradients of some rows, and add them up.
 *
 * Rows of a leaf lie apart in memory. A loop that only copies has many of them on their way at once, in 16 bytes each; the
 * loops that add then find all they need in the first-level cache.
 */
import { fail } from '../../state/errors.ts';
import {
  type Bytes,
  encodeModule,
  type KernelFunction,
  op,
  sequence,
  type,
} from './wasm-encoder.ts';

/** Rows of a call. */
export const BLOCK_ROWS = 512;
/** Features of a call: bytes of a row that lie together. */
export const GROUP_LANES = 32;
/** From the sums of one feature to those of the next; no power of two, whose multiples share few places in the cache. */
export const LANE_STRIDE = 264;

/** Features whose sums are worked on together: few enough for the cache, enough to hide the latency of additions. */
const CHUNK_LANES = 16;
const PAGE_BYTES = 65_536;
/** What a 32-bit address reaches. */
const LARGEST_BYTES = 2 ** 32;

// Where things are in memory, in bytes; the table comes last.
const SUMS_BYTES = GROUP_LANES * LANE_STRIDE * 8;
const place = {
  rows: 0,
  values: BLOCK_ROWS * 4,
  bins: BLOCK_ROWS * 12,
  sums: BLOCK_ROWS * (12 + GROUP_LANES),
  table: BLOCK_ROWS * (12 + GROUP_LANES) + SUMS_BYTES,
};

/** The part of the WebAssembly interface that is needed here; TypeScript declares it for browsers only. */
interface WebAssemblyInterface {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, (...values: number[]) => void>> };
}
const { Memory, Module, Instance } = (
  globalThis as unknown as { WebAssembly: WebAssemblyInterface }
).WebAssembly;

/** A table in the kernel's memory, and what it adds up. */
export interface HistogramKernel {
  /** [groups][rows][32] bins: feature f is in group f >> 5. */
  readonly bins: Uint8Array;
  /** [2][rows] what may be added up: gradients with counts, and hessians. */
  readonly values: readonly [Float64Array, Float64Array];
  /** [512] the rows of the next call. */
  readonly rows: Uint32Array;
  /** [32 * 264] bin b of the group's feature f is at 264 f + b. */
  readonly sums: Float64Array;
  /** Copies the bins of a group for the first `count` of `rows`. */
  gatherBins(group: number, count: number): void;
  /** Adds their values of this kind to the sums, for all features of a group. */
  addValues(kind: 0 | 1, group: number, count: number): void;
}

/** [lanes] modules for tables whose last group has so many features; compiling costs more than growing a small tree. */
const modules: object[] = [];

/**
 * A kernel for a table of `rows` rows, whose bins are still 0.
 * @throws TABLE_INVALID for a table that 32-bit addresses do not reach.
 */
export function createHistogramKernel(rows: number, features: number): HistogramKernel {
  const groups = Math.max(1, Math.ceil(features / GROUP_LANES));
  const valuesAt = place.table + groups * rows * GROUP_LANES;
  const bytes = valuesAt + 2 * rows * 8;
  if (bytes > LARGEST_BYTES) {
    const problem = `${rows} rows of ${features} columns are more than 4 GiB in memory`;
    fail('TABLE_INVALID', { column: 'target', problem });
  }
  const memory = new Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const lastLanes = features - (groups - 1) * GROUP_LANES;
  const module = (modules[lastLanes] ??= new Module(encodeKernel(lastLanes)));
  const run = new Instance(module, { memory: { all: memory } }).exports as unknown as Kernel;
  const { buffer } = memory;
  return {
    bins: new Uint8Array(buffer, place.table, groups * rows * GROUP_LANES),
    values: [
      new Float64Array(buffer, valuesAt, rows),
      new Float64Array(buffer, valuesAt + rows * 8, rows),
    ],
    rows: new Uint32Array(buffer, place.rows, BLOCK_ROWS),
    sums: new Float64Array(buffer, place.sums, GROUP_LANES * LANE_STRIDE),
    gatherBins: (group, count) => run.gatherBins(place.table + group * rows * GROUP_LANES, count),
    addValues(kind, group, count) {
      run.gatherValues(valuesAt + kind * rows * 8, count);
      if (group === groups - 1) run.addLast(count);
      else run.addAll(count);
    },
  };
}

interface Kernel {
  gatherBins(from: number, count: number): void;
  gatherValues(from: number, count: number): void;
  addAll(count: number): void;
  addLast(count: number): void;
}

function encodeKernel(lastLanes: number): Uint8Array {
  return encodeModule([
    gatherBins(),
    gatherValues(),
    addLanes('addAll', GROUP_LANES),
    addLanes('addLast', lastLanes),
  ]);
}

/** Leaves a local times 2^bits on the stack. */
const shifted = (local: number, bits: number): Bytes =>
  sequence(op.get(local), op.i32(bits), op.i32ShiftLeft);

/** Adds `bytes` to a local and leaves on the stack whether it is below the local `end`. */
const advance = (local: number, bytes: number, end: number): Bytes =>
  sequence(op.get(local), op.i32(bytes), op.i32Add, op.tee(local), op.get(end), op.i32LessThan);

/** Leaves from + size * rows[i] on the stack, of which `at` is 4 i and size is 2^bits. */
const sourceOf = (from: number, at: number, bits: number): Bytes =>
  sequence(
    op.get(at),
    op.i32Load(place.rows),
    op.i32(bits),
    op.i32ShiftLeft,
    op.get(from),
    op.i32Add,
  );

/** For i below count: bins[i] = from[rows[i]], 32 bytes each. */
function gatherBins(): KernelFunction {
  const [from, end, at, source, target] = [0, 1, 2, 3, 4];
  const copy = (offset: number): Bytes =>
    sequence(
      op.get(target),
      op.get(source),
      op.v128Load(offset),
      op.v128Store(place.bins + offset),
    );
  return {
    name: 'gatherBins',
    parameters: 2,
    locals: [type.i32, type.i32, type.i32],
    body: sequence(
      shifted(end, 2),
      op.set(end),
      op.loop(
        sourceOf(from, at, 5),
        op.set(source),
        shifted(at, 3),
        op.set(target),
        copy(0),
        copy(16),
        advance(at, 4, end),
      ),
    ),
  };
}

/** For i below count: values[i] = from[rows[i]]. */
function gatherValues(): KernelFunction {
  const [from, end, at] = [0, 1, 2];
  return {
    name: 'gatherValues',
    parameters: 2,
    locals: [type.i32],
    body: sequence(
      shifted(end, 2),
      op.set(end),
      op.loop(
        shifted(at, 1),
        sourceOf(from, at, 3),
        op.f64Load(0),
        op.f64Store(place.values),
        advance(at, 4, end),
      ),
    ),
  };
}

/** For i below count and each lane l: sums[l][bins[i][l]] += values[i]. */
function addLanes(name: string, lanes: number): KernelFunction {
  const [end, at, eight, value, sum] = [0, 1, 2, 3, 4];
  /** The bins of eight lanes to `eight`, where `lane` is the first of them. */
  const loadEight = (lane: number): Bytes =>
    lane % 8 === 0 ? sequence(shifted(at, 2), op.i64Load(place.bins + lane), op.set(eight)) : [];
  /** The bin of a lane times the 8 bytes of a sum, to `sum`. */
  const locate = (lane: number): Bytes =>
    sequence(
      op.get(eight),
      op.i64(Math.abs(8 * (lane % 8) - 3)),
      lane % 8 === 0 ? op.i64ShiftLeft : op.i64ShiftRight,
      op.i64(8 * 255),
      op.i64And,
      op.i32Wrap,
      op.set(sum),
    );
  const add = (lane: number): Bytes => {
    const offset = place.sums + lane * LANE_STRIDE * 8;
    const total = sequence(op.get(sum), op.f64Load(offset), op.get(value), op.f64Add);
    return sequence(loadEight(lane), locate(lane), op.get(sum), total, op.f64Store(offset));
  };
  const addChunk = (first: number): Bytes => {
    const own = Array.from({ length: Math.min(CHUNK_LANES, lanes - first) }, (_, l) => first + l);
    return sequence(
      op.i32(0),
      op.set(at),
      op.loop(
        sequence(op.get(at), op.f64Load(place.values), op.set(value)),
        ...own.map(add),
        advance(at, 8, end),
      ),
    );
  };
  const chunks = Array.from({ length: Math.ceil(lanes / CHUNK_LANES) }, (_, c) => c * CHUNK_LANES);
  return {
    name,
    parameters: 1,
    locals: [type.i32, type.i64, type.f64, type.i32],
    body: sequence(shifted(end, 3), op.set(end), ...chunks.map(addChunk)),
  };
}
