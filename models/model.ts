/** What a forecaster is: the interface that every file of this floor fills, and nothing that runs. */
import type { z } from 'zod';
import type { Expression } from '../tensor/expression.ts';
import type { Initialiser } from '../tensor/initialise.ts';

export type { Initialiser } from '../tensor/initialise.ts';

/** Hyper-parameters are flat: names to numbers, words, booleans. */
export type Hyperparameters = Readonly<Record<string, number | string | boolean>>;

interface ModelBase<P extends Hyperparameters> {
  /** Kebab-case, unique; what `--models` takes. */
  readonly name: string;
  /** One line for help and tables. */
  readonly summary: string;
  /** Where it comes from: paper or textbook. */
  readonly source: string;
  /** Defaults, ranges and descriptions of every hyper-parameter. */
  readonly hyperparameters: z.ZodType<P>;
  /** How the random search draws each of them. */
  readonly searchSpace: SearchSpace;
}

/** One dimension of a search space. */
export type SearchDimension =
  | { readonly kind: 'choice'; readonly values: readonly (number | string | boolean)[] }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'log-uniform'; readonly low: number; readonly high: number };
export type SearchSpace = Readonly<Record<string, SearchDimension>>;

/** What a local model is told beside the series itself. */
export interface LocalContext {
  readonly horizon: number;
  /** Season length in steps, 1 if none. */
  readonly season: number;
}

/** A model fitted to each series by itself, at forecast time. */
export interface LocalModel<P extends Hyperparameters = Hyperparameters> extends ModelBase<P> {
  readonly family: 'naive';
  /** Fewest observations that it needs. */
  minimumLength(context: LocalContext, hyperparameters: P): number;
  /** `history` [n] without missing values, n >= 1 -> [horizon]; always finite for finite input, whatever its length. */
  forecast(history: Float64Array, context: LocalContext, hyperparameters: P): Float64Array;
}

/** Sizes that a network is built for. */
export interface NetworkShape {
  /** Length of the input window in steps. */
  readonly lookBack: number;
  readonly horizon: number;
}

/** Declares a trainable array by name and shape; its start value follows from `initialiser` and the seed. */
export type DeclareParameter = (
  name: string,
  shape: readonly number[],
  initialiser: Initialiser,
) => Expression;

/** A network trained over all series at once, on windows. */
export interface NeuralModel<P extends Hyperparameters = Hyperparameters> extends ModelBase<P> {
  readonly family: 'neural';
  /** `window` [batch, lookBack] -> [batch, horizon]; both already scaled by the training service. */
  forward(
    window: Expression,
    shape: NetworkShape,
    declare: DeclareParameter,
    hyperparameters: P,
  ): Expression;
}

/** Any forecaster of the list. */
export type Model = LocalModel | NeuralModel;
