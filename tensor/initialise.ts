/** Start values of parameters, each drawn from its own random stream, so that none depends on another's size. */
import { assert } from '../state/errors.ts';
import type { Expression } from './expression.ts';
import { createRandom } from './random.ts';
import type { OptimiserState } from './training-loop.ts';
import { type ArrayValue, type ParameterValues, sizeOf } from './values.ts';

/** How a parameter starts. */
export type Initialiser =
  | { readonly kind: 'constant'; readonly value: number }
  /** Uniform on [-bound, bound). */
  | { readonly kind: 'uniform'; readonly bound: number }
  /** Normal with mean zero. */
  | { readonly kind: 'normal'; readonly deviation: number };

/**
 * The optimiser's state before the first step: step 0, parameters and statistics as `initialisers` (by name) say, both
 * moments of the parameters zero. The same seed and name give the same values on every machine.
 */
export function initialState(
  parameters: readonly Expression[],
  initialisers: Readonly<Record<string, Initialiser>>,
  seed: number,
  statistics: readonly Expression[] = [],
): OptimiserState {
  const trained = drawAll(parameters, initialisers, seed);
  const others = drawAll(statistics, initialisers, seed);
  const values = { ...trained, ...others };
  const count = parameters.length + statistics.length;
  assert(Object.keys(values).length === count, 'no statistic has the name of a parameter');
  return { step: 0, parameters: values, first: zerosLike(trained), second: zerosLike(trained) };
}

function drawAll(
  parameters: readonly Expression[],
  initialisers: Readonly<Record<string, Initialiser>>,
  seed: number,
): ParameterValues {
  const values: ParameterValues = {};
  for (const { name, shape } of parameters) {
    assert(name !== undefined, 'only parameters are initialised');
    const initialiser = initialisers[name];
    assert(initialiser, `parameter "${name}" has an initialiser`);
    assert(!(name in values), `parameter "${name}" is declared once`);
    values[name] = draw(shape as readonly number[], initialiser, seed, name);
  }
  return values;
}

function draw(
  shape: readonly number[],
  initialiser: Initialiser,
  seed: number,
  name: string,
): ArrayValue {
  const data = new Float32Array(sizeOf(shape));
  if (initialiser.kind === 'constant') return { shape, data: data.fill(initialiser.value) };
  const random = createRandom(seed, 'initialise', name);
  for (let i = 0; i < data.length; i++) {
    data[i] =
      initialiser.kind === 'uniform'
        ? (2 * random.uniform() - 1) * initialiser.bound
        : random.normal() * initialiser.deviation;
  }
  return { shape, data };
}

function zerosLike(values: ParameterValues): ParameterValues {
  const zeros: ParameterValues = {};
  for (const [name, { shape, data }] of Object.entries(values)) {
    zeros[name] = { shape, data: new Float32Array(data.length) };
  }
  return zeros;
}
