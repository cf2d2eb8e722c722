/** Programs: compiled forward computations. */
import type { Expression } from './expression.ts';
import type { Feed, ParameterValues } from './values.ts';

export type { ArrayValue, Feed, ParameterValues } from './values.ts';

/** A compiled computation. */
export interface Program {
  /** Computes all outputs; `feeds` by input name, and by parameter name unless parameters are baked in. */
  run(feeds: Readonly<Record<string, Feed>>): Promise<Record<string, Float32Array>>;
  /** The model as an ONNX file. */
  readonly onnx: Uint8Array;
  /** Frees the native session. */
  release(): Promise<void>;
}

/** How a program is compiled. */
export interface ProgramOptions {
  /** Values of the parameters; needed if they are baked in. */
  readonly parameters?: ParameterValues;
  /** Stored in the ONNX file. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly threads?: number;
  /** Whether parameters become part of the model; otherwise they are inputs, so that new weights need no new session. */
  readonly bakeParameters?: boolean;
}

/** Compiles the computation of `outputs`. */
export function createProgram(
  outputs: Readonly<Record<string, Expression>>,
  options: ProgramOptions = {},
): Promise<Program> {
  return Promise.reject(new Error(String([outputs, options])));
}
