/**
 * The method of Teunter, Syntetos and Babai (2011, "Intermittent demand: linking forecasting to inventory obsolescence",
 * European Journal of Operational Research 214): the size of a demand is averaged when there is one, the probability of a
 * demand at every step, so that the forecast dies away where demand does.
 */
import { minimise } from '../numerics/nelder-mead.ts';
import type { IntermittentFit } from './fit-intermittent.ts';

/** Weights of the average size and of the average probability. */
export interface TsbWeights {
  readonly size: number;
  readonly probability: number;
}

/** Where the paths are written, [n] each. */
interface TsbPaths {
  readonly fitted: Float64Array;
  readonly size: Float64Array;
  readonly probability: Float64Array;
}

/** Runs the averages; gives the last of them and the sum of squared errors from time 1 on. */
function runTsb(values: Float64Array, weights: TsbWeights, paths?: TsbPaths) {
  let size = values.find((value) => value !== 0) ?? 0;
  let probability = values[0] === 0 ? 0 : 1;
  let squares = 0;
  for (let t = 0; t < values.length; t++) {
    const value = values[t]!;
    if (paths !== undefined) {
      paths.fitted[t] = probability * size;
      paths.size[t] = size;
      paths.probability[t] = probability;
    }
    if (t > 0) squares += (value - probability * size) ** 2;
    if (value !== 0) size += weights.size * (value - size);
    probability += weights.probability * ((value === 0 ? 0 : 1) - probability);
  }
  return { size, probability, squares };
}

/** Weights of the least squared errors one step ahead. */
function estimateTsb(values: Float64Array, start: TsbWeights): TsbWeights {
  const { point } = minimise(
    ([size, probability]) => runTsb(values, { size: size!, probability: probability! }).squares,
    Float64Array.of(start.size, start.probability),
    { lower: Float64Array.of(0.01, 0.01), upper: Float64Array.of(0.5, 0.5), tolerance: 1e-5 },
  );
  return { size: point[0]!, probability: point[1]! };
}

/** The method with the weights that are given, or with `optimised` those of the least squared errors near them. */
export function fitTsb(
  values: Float64Array,
  given: TsbWeights,
  optimised: boolean,
): IntermittentFit {
  const weights = optimised ? estimateTsb(values, given) : given;
  const { size, probability } = runTsb(values, weights);
  return {
    forecast: probability * size,
    parameters: { sizeWeight: weights.size, probabilityWeight: weights.probability, probability },
    start: 1,
    paths: () => {
      const vector = (): Float64Array => new Float64Array(values.length);
      const paths = { fitted: vector(), size: vector(), probability: vector() };
      runTsb(values, weights, paths);
      return paths;
    },
  };
}
