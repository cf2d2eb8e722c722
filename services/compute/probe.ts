/** The probe: a few training steps of a perceptron, small and large, to tell how fast a device trains. */
import { type Expression, input, parameter } from '../../tensor/expression.ts';
import * as f from '../../tensor/functions.ts';
import { type Initialiser, initialState } from '../../tensor/initialise.ts';
import { createRandom } from '../../tensor/random.ts';
import type { Provider } from '../../tensor/session.ts';
import { createTrainingLoop } from '../../tensor/training-loop.ts';

/** A perceptron under training. */
export interface ProbeSize {
  readonly name: 'small' | 'large';
  readonly width: number;
  readonly batch: number;
}

/** What is measured: a step that is mostly overhead, and one that is mostly arithmetic. */
export const probeSizes: readonly ProbeSize[] = [
  { name: 'small', width: 64, batch: 32 },
  { name: 'large', width: 512, batch: 1024 },
];

/** Square layers of the perceptron. */
const layers = 3;
const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const mostSteps = 200;

/** Weights times windows of one step, the measure of its arithmetic. */
export const sizeOfStep = ({ width, batch }: Omit<ProbeSize, 'name'>): number =>
  layers * width * width * batch;

/** How a device is asked to compute. */
export interface ProbeOptions {
  readonly providers: readonly Provider[];
  readonly threads: number;
  /** About how long to measure, in milliseconds; one step at least is taken before and one in it. */
  readonly forMs: number;
  /** A clock in milliseconds. */
  readonly now: () => number;
}

/** Optimiser steps a second, after a first step that loads and compiles what the device needs. */
export async function measureSteps(
  { width, batch }: Omit<ProbeSize, 'name'>,
  { providers, threads, forMs, now }: ProbeOptions,
): Promise<number> {
  const rows = 2 * batch;
  const x = input('x', 'float32', [rows, width]);
  const picked = input('picked', 'int64', [batch]);
  const { forecast, parameters, initialisers } = perceptron(f.gather(x, picked), width);
  const loss = f.reduceMean(f.square(f.sub(forecast, f.gather(x, picked))));
  const spec = { data: [x], batch: [picked], loss, parameters, adam, threads, providers };
  const loop = await createTrainingLoop(spec);
  const random = createRandom(1);
  const state = initialState(parameters, initialisers, 1);
  const values = Float32Array.from({ length: rows * width }, random.normal);
  const data = { x: { data: values, shape: [rows, width] } };
  const secondsFor = async (steps: number): Promise<number> => {
    const indices = BigInt64Array.from({ length: steps * batch }, () =>
      BigInt(random.integer(rows)),
    );
    const batches = { picked: { data: indices, shape: [steps, batch] } };
    const before = now();
    await loop.run(state, data, batches, new Float32Array(steps).fill(1e-3));
    return (now() - before) / 1000;
  };
  await secondsFor(1);
  const one = await secondsFor(1);
  const steps = Math.min(mostSteps, Math.max(1, Math.floor(forMs / 1000 / one)));
  const seconds = steps === 1 ? one : await secondsFor(steps);
  await loop.release();
  return steps / Math.max(seconds, 1e-9);
}

/** Square layers with rectifiers between them. */
function perceptron(x: Expression, width: number) {
  const parameters: Expression[] = [];
  const initialisers: Record<string, Initialiser> = {};
  let hidden = x;
  for (let layer = 0; layer < layers; layer++) {
    const weight = parameter(`weight${layer}`, [width, width]);
    const bias = parameter(`bias${layer}`, [width]);
    parameters.push(weight, bias);
    const bound = 1 / Math.sqrt(width);
    for (const { name } of [weight, bias]) initialisers[name!] = { kind: 'uniform', bound };
    hidden = f.add(f.matMul(hidden, weight), bias);
    if (layer < layers - 1) hidden = f.relu(hidden);
  }
  return { forecast: hidden, parameters, initialisers };
}
