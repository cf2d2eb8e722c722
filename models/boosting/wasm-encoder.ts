/** A few instructions of WebAssembly as bytes (W3C WebAssembly Core Specification 2.0, chapter 5), enough for loops over arrays. */

/** Code, or a part of it. */
export type Bytes = readonly number[];

/** One instruction after the other. */
export const sequence = (...parts: readonly Bytes[]): Bytes => parts.flat();

/** Unsigned LEB128. */
function unsigned(value: number): Bytes {
  return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
}

/** Signed LEB128 of a 32-bit integer. */
function signed(value: number): Bytes {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, ...signed(value >> 7)];
}

const vector = (items: readonly Bytes[]): Bytes => [...unsigned(items.length), ...items.flat()];
const sized = (bytes: Bytes): Bytes => [...unsigned(bytes.length), ...bytes];
const text = (name: string): Bytes => sized([...Buffer.from(name)]);
const section = (id: number, items: readonly Bytes[]): Bytes => [id, ...sized(vector(items))];

/** A load or store of 2^`align` bytes, whose address is on the stack, `offset` bytes further. */
const access =
  (opcode: Bytes, align: number) =>
  (offset: number): Bytes => [...opcode, align, ...unsigned(offset)];

/** Types of values. */
export const type = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const;

/** Instructions, named as in the specification; locals go by number. */
export const op = {
  get: (local: number): Bytes => [0x20, local],
  set: (local: number): Bytes => [0x21, local],
  tee: (local: number): Bytes => [0x22, local],
  /** Repeats `body`, which leaves on the stack whether to go on. */
  loop: (...body: readonly Bytes[]): Bytes => [0x03, 0x40, ...body.flat(), 0x0d, 0, 0x0b],
  /** Does `body` if what is on the stack is not 0. */
  when: (...body: readonly Bytes[]): Bytes => [0x04, 0x40, ...body.flat(), 0x0b],
  i32: (value: number): Bytes => [0x41, ...signed(value)],
  i64: (value: number): Bytes => [0x42, ...signed(value)],
  f64: (value: number): Bytes => [0x44, ...new Uint8Array(Float64Array.of(value).buffer)],
  i32Load: access([0x28], 2),
  i32Load8: access([0x2d], 0),
  i32Store: access([0x36], 2),
  i64Load: access([0x29], 3),
  f64Load: access([0x2b], 3),
  f64Store: access([0x39], 3),
  v128Load: access([0xfd, 0x00], 4),
  v128Store: access([0xfd, 0x0b], 4),
  i32LessThan: [0x49],
  i32Add: [0x6a],
  i32Subtract: [0x6b],
  i32And: [0x71],
  i32ShiftLeft: [0x74],
  i64And: [0x83],
  i64ShiftLeft: [0x86],
  i64ShiftRight: [0x88],
  f64Add: [0xa0],
  f64x2Splat: [0xfd, 0x14],
  f64x2Lane: (lane: number): Bytes => [0xfd, 0x21, lane],
  f64x2Floor: [0xfd, 0x75],
  f64x2Absolute: [0xfd, 0xec, 0x01],
  f64x2Add: [0xfd, 0xf0, 0x01],
  f64x2Multiply: [0xfd, 0xf2, 0x01],
  i32Wrap: [0xa7],
  /** Copies: to, from and a number of bytes are on the stack. */
  copy: [0xfc, 0x0a, 0, 0],
} as const;

/** Adds `bytes` to a local. */
export const step = (local: number, bytes: number): Bytes =>
  sequence(op.get(local), op.i32(bytes), op.i32Add, op.set(local));

/** Does `body` and moves the local `at` by `bytes` until it has reached `end`; nothing if it has from the beginning. */
export function until(at: number, end: number, bytes: number, ...body: readonly Bytes[]): Bytes {
  const isBelow = sequence(op.get(at), op.get(end), op.i32LessThan);
  return sequence(isBelow, op.when(op.loop(...body, step(at, bytes), isBelow)));
}

/** A function, and the name that it is exported by. */
export interface KernelFunction {
  readonly name: string;
  /** Types of the parameters. */
  readonly parameters: readonly number[];
  /** Types of the results; none unless given. */
  readonly results?: readonly number[];
  /** Types of the locals, which are numbered after the parameters and begin as 0. */
  readonly locals: readonly number[];
  readonly body: Bytes;
}

/** The magic number, and version 1. */
const preamble: Bytes = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A module that imports memory.all, of at least one page, and exports `functions`. */
export function encodeModule(functions: readonly KernelFunction[]): Uint8Array {
  const signature = ({ parameters, results = [] }: KernelFunction): Bytes => [
    0x60,
    ...sized(parameters),
    ...sized(results),
  ];
  const code = ({ locals, body }: KernelFunction): Bytes =>
    sized([...vector(locals.map((local) => [1, local])), ...body, 0x0b]);
  return Uint8Array.from([
    ...preamble,
    ...section(1, functions.map(signature)),
    ...section(2, [[...text('memory'), ...text('all'), 2, 0, 1]]),
    ...section(
      3,
      functions.map((_, at) => unsigned(at)),
    ),
    ...section(
      7,
      functions.map(({ name }, at) => [...text(name), 0, ...unsigned(at)]),
    ),
    ...section(10, functions.map(code)),
  ]);
}
