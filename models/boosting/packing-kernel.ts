/** Loops over derivatives, in WebAssembly, two rows at a time. */
import { addressOf, attach, compile, type Kernel, type TableMemory } from './table-memory.ts';
import {
  encodeModule,
  type KernelFunction,
  op,
  sequence,
  step,
  type,
  until,
} from './wasm-encoder.ts';

/** What rounds arrays of the memory. */
export interface PackingKernel {
  /** The sum of absolute values. */
  total(values: Float64Array): number;
  /** target[i] = floor(values[i] * scale + 1/2) * factor + more. */
  pack(
    values: Float64Array,
    target: Float64Array,
    scale: number,
    factor: number,
    more: number,
  ): void;
}

interface Functions {
  total(at: number, end: number): number;
  pack(at: number, end: number, target: number, scale: number, factor: number, more: number): void;
}

let compiled: Kernel | undefined;

/** The kernel of a table. */
export function createPackingKernel(memory: TableMemory): PackingKernel {
  compiled ??= compile(encodeModule([total(), pack()]));
  const run = attach(compiled, memory) as Functions;
  const spanOf = (values: Float64Array): [number, number] => {
    const at = addressOf(memory, values);
    return [at, at + values.byteLength];
  };
  return {
    total: (values) => run.total(...spanOf(values)),
    pack: (values, target, ...numbers) =>
      run.pack(...spanOf(values), addressOf(memory, target), ...numbers),
  };
}

function total(): KernelFunction {
  const [at, end, sums] = [0, 1, 2];
  const lane = (index: number) => sequence(op.get(sums), op.f64x2Lane(index));
  return {
    name: 'total',
    parameters: [type.i32, type.i32],
    results: [type.f64],
    locals: [type.v128],
    body: sequence(
      until(
        at,
        end,
        16,
        sequence(op.get(at), op.v128Load(0), op.f64x2Absolute),
        sequence(op.get(sums), op.f64x2Add, op.set(sums)),
      ),
      sequence(lane(0), lane(1), op.f64Add),
    ),
  };
}

function pack(): KernelFunction {
  const [at, end, target, scale, factor, more, scales, factors, mores] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8,
  ];
  const splat = (from: number, to: number) => sequence(op.get(from), op.f64x2Splat, op.set(to));
  return {
    name: 'pack',
    parameters: [type.i32, type.i32, type.i32, type.f64, type.f64, type.f64],
    locals: [type.v128, type.v128, type.v128],
    body: sequence(
      sequence(splat(scale, scales), splat(factor, factors), splat(more, mores)),
      until(
        at,
        end,
        16,
        op.get(target),
        sequence(op.get(at), op.v128Load(0), op.get(scales), op.f64x2Multiply),
        sequence(op.f64(0.5), op.f64x2Splat, op.f64x2Add, op.f64x2Floor),
        sequence(op.get(factors), op.f64x2Multiply, op.get(mores), op.f64x2Add),
        op.v128Store(0),
        step(target, 16),
      ),
    ),
  };
}
