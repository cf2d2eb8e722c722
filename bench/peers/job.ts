/** What one timed fit is told, and what it tells: the files and figures that pass between the benchmark and its processes. */

/** One fit on one set of series, the same for both sides; `values` and `forecasts` are files of doubles. */
export interface Job {
  /** Name of our model. */
  readonly model: string;
  readonly hyperparameters: Readonly<Record<string, number | string | boolean>>;
  readonly lookBack: number;
  readonly horizon: number;
  readonly steps: number;
  /** Windows that one optimiser step sees. */
  readonly windowsInStep: number;
  readonly learningRate: number;
  /** How often the learning rate is halved, at equal distances. */
  readonly learningRateDecay: number;
  /** `standard`: each look-back is standardised; `none`: values as they are. */
  readonly scaler: 'standard' | 'none';
  readonly seed: number;
  readonly threads: number;
  /** All series, one after the other. */
  readonly values: string;
  /** Observations of each series. */
  readonly lengths: readonly number[];
  /** Whether the network is given the position in the day (0 to below 1) as a column that is known ahead. */
  readonly phase: boolean;
  /** Horizons at the end of each series that are forecast and not trained on. */
  readonly folds: number;
  /** Horizons before those that a validation looks at every 100 steps and at the end. */
  readonly validationFolds: number;
  /** Where to put the forecasts [folds, series, horizon]. */
  readonly forecasts: string;
  /** Timed forecasts of one series; a tenth as many of all. */
  readonly latencyCalls: number;
  /** What only the peer is told: its class, the series whose windows one step draws from, and arguments. */
  readonly peer: {
    readonly model: string;
    readonly seriesInStep: number;
    readonly hyperparameters: Readonly<Record<string, unknown>>;
  };
}

/** What one process measured. */
export interface Measurement {
  readonly versions: Readonly<Record<string, string>>;
  /** Until everything is loaded. */
  readonly importSeconds: number;
  /** From the series in memory to a network that can forecast. */
  readonly fitSeconds: number;
  /** Of one optimiser step, once training is under way. */
  readonly stepSeconds: number;
  /** What `fitSeconds` holds besides its steps. */
  readonly startSeconds: number;
  readonly steps: number;
  /** Trained numbers: equal for two networks of one shape. */
  readonly parameters: number;
  /** Milliseconds of forecasts of one series, by how much of the way is timed; `call` is what a user calls. */
  readonly predictOneMs: Readonly<Record<string, readonly number[]>>;
  /** Milliseconds of forecasts of all series. */
  readonly predictAllMs: readonly number[];
  /** Largest resident memory when everything was loaded, after the fit, and at the end. */
  readonly peakMib: { readonly loaded: number; readonly fitted: number; readonly end: number };
}
