/**
 * The innermost loops of training, in WebAssembly: gather the bins and gradients of some rows, and add them up.
 *
 * Rows of a leaf lie apart in memory. A loop that only copies has many of them on their way at once, in 16 bytes each; the
 * loops that add then find all they need in the first-level cache. Rows that lie together are added up where they are.
 */
import {
  attach,
  BLOCK_ROWS,
  compile,
  GROUP_LANES,
  type Kernel,
  LANE_STRIDE,
  place,
  type TableMemory,
} from './table-memory.ts';
import {
  type Bytes,
  encodeModule,
  type KernelFunction,
  op,
  sequence,
  step,
  type,
} from './wasm-encoder.ts';

/** Features whose sums are worked on together: few enough for the cache, enough to hide the latency of additions. */
const CHUNK_LANES = 16;

/** What adds up the values of a table by its bins. */
export interface HistogramKernel {
  /** Adds values of `kind` to the sums, for all features of a group, of the rows that are at `begin` to `end` - 1 in `rows`. */
  addRows(kind: 0 | 1, group: number, begin: number, end: number): void;
  /** The same of the rows `begin` to `end` - 1 themselves. */
  addRange(kind: 0 | 1, group: number, begin: number, end: number): void;
}

interface Functions {
  gatherBins(from: number, rows: number, count: number): void;
  gatherValues(from: number, rows: number, count: number): void;
  addAll(bins: number, values: number, count: number): void;
  addLast(bins: number, values: number, count: number): void;
}

/** [lanes] modules for tables of one group, which has so many features. */
const small: Kernel[] = [];
/** [lanes] the same for tables of several groups, of whose last one. */
const large: Kernel[] = [];

/** The kernel of a table, of which it needs lanes and values. */
export function createHistogramKernel(
  memory: TableMemory,
  rows: number,
  features: number,
): HistogramKernel {
  const last = Math.max(0, Math.ceil(features / GROUP_LANES) - 1);
  const lanes = features - last * GROUP_LANES;
  const module = ((last > 0 ? large : small)[lanes] ??= compile(encodeKernel(lanes, last > 0)));
  const run = attach(module, memory) as Functions;
  const rowsAt = memory.rows.byteOffset;
  const valuesAt = memory.values.map(({ byteOffset }) => byteOffset);
  const lanesOf = (group: number): number => memory.lanes.byteOffset + group * rows * GROUP_LANES;
  const addTo = (group: number, bins: number, values: number, count: number): void => {
    if (group === last) run.addLast(bins, values, count);
    else run.addAll(bins, values, count);
  };
  return {
    addRows(kind, group, begin, end) {
      for (let from = begin; from < end; from += BLOCK_ROWS) {
        const count = Math.min(BLOCK_ROWS, end - from);
        run.gatherBins(lanesOf(group), rowsAt + from * 4, count);
        run.gatherValues(valuesAt[kind]!, rowsAt + from * 4, count);
        addTo(group, place.bins, place.values, count);
      }
    },
    addRange(kind, group, begin, end) {
      for (let from = begin; from < end; from += BLOCK_ROWS) {
        const count = Math.min(BLOCK_ROWS, end - from);
        addTo(group, lanesOf(group) + from * GROUP_LANES, valuesAt[kind]! + from * 8, count);
      }
    },
  };
}

function encodeKernel(lanes: number, hasFullGroups: boolean): Uint8Array {
  const full = hasFullGroups ? [addLanes('addAll', GROUP_LANES)] : [];
  return encodeModule([gatherBins(), gatherValues(), ...full, addLanes('addLast', lanes)]);
}

/** Turns the local `end`, which counts items of 2^bits bytes, into the address after the last of them. */
const makeEnd = (begin: number, end: number, bits: number): Bytes =>
  sequence(op.get(end), op.i32(bits), op.i32ShiftLeft, op.get(begin), op.i32Add, op.set(end));

/** Adds `bytes` to a local and leaves on the stack whether it is below the local `end`. */
const advance = (local: number, bytes: number, end: number): Bytes =>
  sequence(op.get(local), op.i32(bytes), op.i32Add, op.tee(local), op.get(end), op.i32LessThan);

/** Leaves the address from + size * row on the stack, where the number of the row is at `at` and size is 2^bits. */
const sourceOf = (from: number, at: number, bits: number): Bytes =>
  sequence(op.get(at), op.i32Load(0), op.i32(bits), op.i32ShiftLeft, op.get(from), op.i32Add);

/** For i below count: bins[i] = from[rows[i]], 32 bytes each. */
function gatherBins(): KernelFunction {
  const [from, at, end, source, target] = [0, 1, 2, 3, 4];
  const copy = (offset: number): Bytes =>
    sequence(
      op.get(target),
      op.get(source),
      op.v128Load(offset),
      op.v128Store(place.bins + offset),
    );
  return {
    name: 'gatherBins',
    parameters: [type.i32, type.i32, type.i32],
    locals: [type.i32, type.i32],
    body: sequence(
      makeEnd(at, end, 2),
      op.loop(
        sourceOf(from, at, 5),
        op.set(source),
        copy(0),
        copy(16),
        step(target, GROUP_LANES),
        advance(at, 4, end),
      ),
    ),
  };
}

/** For i below count: values[i] = from[rows[i]]. */
function gatherValues(): KernelFunction {
  const [from, at, end, target] = [0, 1, 2, 3];
  return {
    name: 'gatherValues',
    parameters: [type.i32, type.i32, type.i32],
    locals: [type.i32],
    body: sequence(
      makeEnd(at, end, 2),
      op.loop(
        op.get(target),
        sourceOf(from, at, 3),
        op.f64Load(0),
        op.f64Store(place.values),
        step(target, 8),
        advance(at, 4, end),
      ),
    ),
  };
}

/** For i below count and each lane l: sums[l][bins[i][l]] += values[i]. */
function addLanes(name: string, lanes: number): KernelFunction {
  const [bins, values, end, at, row, eight, value, sum] = [0, 1, 2, 3, 4, 5, 6, 7];
  /** The bins of eight lanes to `eight`, where `lane` is the first of them. */
  const loadEight = (lane: number): Bytes =>
    lane % 8 === 0 ? sequence(op.get(row), op.i64Load(lane), op.set(eight)) : [];
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
      sequence(op.get(values), op.set(at), op.get(bins), op.set(row)),
      op.loop(
        sequence(op.get(at), op.f64Load(0), op.set(value)),
        ...own.map(add),
        step(row, GROUP_LANES),
        advance(at, 8, end),
      ),
    );
  };
  const chunks = Array.from({ length: Math.ceil(lanes / CHUNK_LANES) }, (_, c) => c * CHUNK_LANES);
  return {
    name,
    parameters: [type.i32, type.i32, type.i32],
    locals: [type.i32, type.i32, type.i64, type.f64, type.i32],
    body: sequence(makeEnd(values, end, 3), ...chunks.map(addChunk)),
  };
}
