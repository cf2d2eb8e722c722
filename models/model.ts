/** What a forecaster is: the interface that every file of this floor fills, and nothing that runs. */
import type { z } from 'zod';
import type { Table } from '../series/table.ts';
import type { Drop, GroupDropout } from '../tensor/dropout.ts';
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
  /** All season lengths that were found, shortest first, for models that take several; `season` alone if left out. */
  readonly seasons?: readonly number[];
}

/** A model fitted to one series; what is asked for seldom is made when it is asked for. */
export interface LocalFit {
  /** Point forecast [horizon]; finite. */
  readonly mean: Float64Array;
  /** What was estimated or chosen, by name: smoothing weights, orders, the kind of model. */
  readonly parameters: Readonly<Record<string, number | string>>;
  /** Standard deviation of the error of each step [horizon] under the model's own assumptions; finite, never negative. */
  deviation(): Float64Array;
  /** What the series is made of, [n] each, by name: `fitted` (the forecasts one step ahead), `level`, `trend`, `season`, ... */
  components(): Readonly<Record<string, Float64Array>>;
}

/** A model fitted to each series by itself, at forecast time. */
export interface LocalModel<P extends Hyperparameters = Hyperparameters> extends ModelBase<P> {
  readonly family: 'naive' | 'statistical';
  /** Whether a series of some hundred values takes it tens of milliseconds or more. */
  readonly costly?: boolean;
  /** Fewest observations that it needs to be itself; with less it falls back to something simpler. */
  minimumLength(context: LocalContext, hyperparameters: P): number;
  /**
   * `history` [n] without missing values, n >= 1; any finite input gives a finite fit, whatever its length or size.
   * Deterministic, and `history` is left as it is.
   */
  fit(history: Float64Array, context: LocalContext, hyperparameters: P): LocalFit;
}

/** What is learned from rows of a table. */
export interface TabularTask {
  readonly table: Table;
  /** [rows]; for a classification the class, 0, 1, ... */
  readonly target: Float64Array;
  /** [rows], not negative; 1 for each if left out. */
  readonly weights?: Float64Array;
  /** How many classes there are; a regression if left out. */
  readonly classes?: number;
  /** Rows that are not learned from, on which learning stops when it no longer helps. */
  readonly validation?: Pick<TabularTask, 'table' | 'target' | 'weights'>;
  readonly seed: number;
  /** Asked now and then; learning ends early, with what it has, when it says yes. */
  readonly shouldStop?: () => boolean;
}

/** A learned table model. */
export interface TabularFit {
  /** Values [rows], or for a classification probabilities [rows * classes], each row adding up to 1. */
  predict(table: Table): Float64Array;
  /** How much each column contributes, by name, adding up to 1 (or all 0); for the kinds that the model knows. */
  readonly importance: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /**
   * Contributions of the columns to each prediction, [rows * outputs * (columns + 1)], the last being the expectation; they
   * add up to the prediction on the scale of the model's raw score. Outputs is 1, or the number of classes' raw scores.
   */
  contributions(table: Table): Float64Array;
  /** Everything that `load` needs. */
  encode(): Uint8Array;
  /** An ONNX model with input `features` [rows, columns] float32 (NaN for missing) and outputs `prediction`, or `label` and `probabilities`. */
  toOnnx(): Uint8Array;
}

/** A learner of tables: of lagged values and other columns it makes a forecaster, of classes a classifier. */
export interface TabularModel<P extends Hyperparameters = Hyperparameters> extends ModelBase<P> {
  readonly family: 'trees' | 'linear';
  /** What it can learn. */
  readonly targets: readonly ('value' | 'class')[];
  /** @throws TABLE_INVALID naming the column that cannot be learned from. */
  fit(task: TabularTask, hyperparameters: P): TabularFit;
  /** The fit whose `encode` gave `bytes`. */
  load(bytes: Uint8Array): TabularFit;
}

/** Sizes that a network is built for. */
export interface NetworkShape {
  /** Length of the input window in steps. */
  readonly lookBack: number;
  readonly horizon: number;
  /** Series that one sample holds; 1 unless the model is multivariate. */
  readonly channels: number;
  /** Numbers given for each step of the forecast: 1 for a point forecast, else as many as the loss asks for. */
  readonly outputs: number;
  /** How many of the outputs, from the first on, are values of the series and move with its level. */
  readonly locations: number;
  /** Exogenous columns: known ahead of time, known up to the origin, fixed per series. */
  readonly future: number;
  readonly historical: number;
  readonly static: number;
  /** How many codes each categorical static column has; code 0 stands for an unknown category. */
  readonly categories: readonly number[];
}

/** What a network sees, scaled by the training service; a multivariate model's inputs have an axis of channels after the first. */
export interface NetworkInputs {
  /** [batch, lookBack], or [batch, channels, lookBack]; 0 where nothing was observed. */
  readonly window: Expression;
  /** In the shape of `window`: 1 where a value was observed, else 0; left out where none is ever missing. */
  readonly observed?: Expression;
  /** [batch, lookBack + horizon, future]; left out where there are no such columns, as all that follow. */
  readonly future?: Expression;
  /** [batch, lookBack, historical]. */
  readonly historical?: Expression;
  /** [batch, static]. */
  readonly static?: Expression;
  /** [batch, categories], int64. */
  readonly categories?: Expression;
}

/** Declares a trainable array by name and shape; its start value follows from `initialiser` and the seed. */
export type DeclareParameter = (
  name: string,
  shape: readonly number[],
  initialiser: Initialiser,
) => Expression;

/** What a network is built with. */
export interface NetworkContext<P extends Hyperparameters = Hyperparameters> {
  readonly shape: NetworkShape;
  readonly hyperparameters: P;
  /** Whether the graph is one that trains: dropout drops, batch normalisation uses the batch. */
  readonly training: boolean;
  readonly declare: DeclareParameter;
  /**
   * Declares an array that is not trained but follows the training, such as a running mean; filled with `start`.
   * `next` says what it becomes after a step; it is called only where `training`.
   */
  readonly declareStatistic: (
    name: string,
    shape: readonly number[],
    start: number,
    next: (value: Expression) => Expression,
  ) => Expression;
  /** In training, each entry is 0 with probability `rate` and is divided by 1 - rate otherwise; else `x` itself. */
  readonly dropout: Drop;
  /** The same for a layer whose samples fall into groups; see `onGroups`, which calls it. */
  readonly dropoutOfGroups: (groups: number) => GroupDropout;
  /** Numbers of an array above which a layer should take groups of samples after each other, to stay in the cache or memory. */
  readonly largestArray: number;
  /** Keeps an inner value under a name for those who want to look at it, such as attention weights or a block's forecast. */
  readonly expose: (name: string, value: Expression) => void;
}

/** Kinds of exogenous columns that a network takes. */
export type ExogenousKind = 'future' | 'historical' | 'static' | 'categories';

/** A network trained over all series at once, on windows. */
export interface NeuralModel<P extends Hyperparameters = Hyperparameters> extends ModelBase<P> {
  readonly family: 'neural';
  /** Settings of the training service that suit it better than the general defaults, by name. */
  readonly trainingDefaults?: Hyperparameters;
  /** Whether it takes minutes where the linear networks take seconds: then a run tries it only if it is named. */
  readonly costly?: boolean;
  /** Columns that it can use; others are not offered to it. None if left out. */
  readonly exogenous?: readonly ExogenousKind[];
  /** Whether one sample holds all series at one time (then they must be aligned); never if left out. */
  multivariate?(hyperparameters: P): boolean;
  /** Whether `forward` exposes parts named `part:...` [batch, horizon] that add up to a point forecast; no if left out. */
  readonly decomposes?: boolean;
  /** -> [batch, horizon, outputs], or [batch, channels, horizon, outputs], in the units of the window. */
  forward(inputs: NetworkInputs, context: NetworkContext<P>): Expression;
}

/** A model that learns from all series of a panel at once. */
export type LearningModel = NeuralModel | TabularModel;

/** Any forecaster of the list. */
export type Model = LocalModel | LearningModel;
