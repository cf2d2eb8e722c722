/** Programs: compiled forward computations. */
import { assert } from '../state/errors.ts';
import type { Expression } from './expression.ts';
import { emitOnnx } from './onnx.ts';
import { createSession, type Provider } from './session.ts';
import { inOrder } from './traversal.ts';
import type { Feed, ParameterValues } from './values.ts';

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
  /** Threads that one run may use; all processors unless given. */
  readonly threads?: number;
  /** Who computes, the first choice first; the processor alone unless given. */
  readonly providers?: readonly Provider[];
  /** Beginning of the path of a file with the times of all nodes, written on release; none unless given. */
  readonly profile?: string;
  /** Inputs whose arrays stay in the session while the same array object is fed. */
  readonly kept?: readonly string[];
  /** Whether parameters become part of the model; otherwise they are inputs, so that new weights need no new session. */
  readonly bakeParameters?: boolean;
}

/** Compiles the computation of `outputs`, which are float32. Feeds that the outputs do not depend on are ignored. */
export async function createProgram(
  outputs: Readonly<Record<string, Expression>>,
  {
    parameters = {},
    metadata = {},
    threads,
    providers,
    profile,
    kept = [],
    bakeParameters = false,
  }: ProgramOptions = {},
): Promise<Program> {
  for (const [name, { type }] of Object.entries(outputs)) {
    assert(type === 'float32', `output "${name}" is float32, not ${type}`);
  }
  const onnx = emitOnnx(outputs, bakeParameters ? { parameters, metadata } : { metadata });
  const names = inOrder(Object.values(outputs))
    .filter(({ op }) => op === 'Input' || (op === 'Parameter' && !bakeParameters))
    .map(({ name }) => name!);
  const session = await createSession(onnx, {
    kept,
    ...(threads === undefined ? {} : { threads }),
    ...(providers === undefined ? {} : { providers }),
    ...(profile === undefined ? {} : { profile }),
  });
  return {
    onnx,
    async run(feeds) {
      const given = names.map((name) => {
        const feed = feeds[name] ?? parameters[name];
        assert(feed, `input "${name}" is given`);
        return [name, feed] as const;
      });
      const results = await session.run(Object.fromEntries(given));
      return Object.fromEntries(
        Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]),
      );
    },
    release: () => session.release(),
  };
}
