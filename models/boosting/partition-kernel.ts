/**
 * Loops over the rows of leaves, in WebAssembly, without checks of bounds: number all rows, and part those of a leaf by
 * their bins of one column.
 */
import {
  addressOf,
  attach,
  compile,
  type Kernel,
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
  until,
} from './wasm-encoder.ts';

/** Rows whose loop has no test between them. */
const UNROLLED = 4;

/** What moves the rows of leaves, and what is done with all rows of one; positions are those in the memory's `rows`. */
export interface PartitionKernel {
  /** Writes 0, 1, ..., count - 1 to the first positions. */
  numberRows(count: number): void;
  /**
   * Moves the rows at positions `begin` to `end` - 1 whose step is 4 by their bins of a feature before the others, in the
   * order that they had; returns the position of the first of the others.
   */
  split(feature: number, begin: number, end: number): number;
  /** The sum of `values` [rows], an array of the memory, over the rows at some positions, in their order. */
  sum(values: Float64Array, begin: number, end: number): number;
  /** Adds a number to them. */
  add(values: Float64Array, begin: number, end: number, value: number): void;
}

interface Functions {
  numberRows(at: number, end: number): void;
  split(bins: number, begin: number, end: number, scratch: number): number;
  sum(values: number, begin: number, end: number): number;
  add(values: number, begin: number, end: number, value: number): void;
}

let compiled: Kernel | undefined;

/** The kernel of a table. */
export function createPartitionKernel(memory: TableMemory): PartitionKernel {
  compiled ??= compile(encodeModule([numberRows(), split(), sum(), add()]));
  const run = attach(compiled, memory) as Functions;
  const scratch = memory.scratch.byteOffset;
  const at = (position: number): number => memory.rows.byteOffset + position * 4;
  return {
    numberRows: (count) => run.numberRows(at(0), at(count)),
    split(feature, begin, end) {
      const bins = memory.columns[feature]!.byteOffset;
      const middle = run.split(bins, at(begin), at(end), scratch);
      return ((middle >>> 0) - at(0)) / 4;
    },
    sum: (values, begin, end) => run.sum(addressOf(memory, values), at(begin), at(end)),
    add: (values, begin, end, value) =>
      run.add(addressOf(memory, values), at(begin), at(end), value),
  };
}

function numberRows(): KernelFunction {
  const [at, end, row] = [0, 1, 2];
  return {
    name: 'numberRows',
    parameters: [type.i32, type.i32],
    locals: [type.i32],
    body: until(at, end, 4, sequence(op.get(at), op.get(row), op.i32Store(0), step(row, 1))),
  };
}

function split(): KernelFunction {
  const [bins, at, end, scratch, left, row, tail] = [0, 1, 2, 3, 4, 5, 6];
  /** Every row is written to both sides and kept on one: a branch here would be guessed wrongly half of the time. */
  const move = (offset: number): Bytes =>
    sequence(
      sequence(op.get(at), op.i32Load(offset), op.set(row)),
      sequence(op.get(left), op.get(row), op.i32Store(0)),
      // As many have gone right as are between the two.
      sequence(op.get(at), op.get(left), op.i32Subtract, op.get(scratch), op.i32Add),
      sequence(op.get(row), op.i32Store(offset)),
      sequence(op.get(bins), op.get(row), op.i32Add, op.i32Load8(0), op.i32Load8(place.steps)),
      sequence(op.get(left), op.i32Add, op.set(left)),
    );
  const several = Array.from({ length: UNROLLED }, (_, i) => move(4 * i));
  const rest = 4 * (UNROLLED - 1);
  return {
    name: 'split',
    parameters: [type.i32, type.i32, type.i32, type.i32],
    results: [type.i32],
    locals: [type.i32, type.i32, type.i32],
    body: sequence(
      sequence(op.get(at), op.set(left)),
      sequence(op.get(end), op.get(at), op.i32Subtract, op.i32(rest), op.i32And),
      sequence(op.get(at), op.i32Add, op.set(tail)),
      until(at, tail, 4, move(0)),
      until(at, end, 4 * UNROLLED, sequence(...several)),
      sequence(op.get(left), op.get(scratch), op.get(end), op.get(left), op.i32Subtract, op.copy),
      op.get(left),
    ),
  };
}

/** Leaves the address of the number of the row whose position is at `at` on the stack. */
const numberOf = (values: number, at: number): Bytes =>
  sequence(op.get(at), op.i32Load(0), op.i32(3), op.i32ShiftLeft, op.get(values), op.i32Add);

function sum(): KernelFunction {
  const [values, at, end, total] = [0, 1, 2, 3];
  const next = sequence(op.get(total), numberOf(values, at), op.f64Load(0), op.f64Add);
  return {
    name: 'sum',
    parameters: [type.i32, type.i32, type.i32],
    results: [type.f64],
    locals: [type.f64],
    body: sequence(until(at, end, 4, sequence(next, op.set(total))), op.get(total)),
  };
}

function add(): KernelFunction {
  const [values, at, end, value, place] = [0, 1, 2, 3, 4];
  const more = sequence(op.get(place), op.f64Load(0), op.get(value), op.f64Add);
  const body = sequence(numberOf(values, at), op.tee(place), more, op.f64Store(0));
  return {
    name: 'add',
    parameters: [type.i32, type.i32, type.i32, type.f64],
    locals: [type.i32],
    body: until(at, end, 4, body),
  };
}
