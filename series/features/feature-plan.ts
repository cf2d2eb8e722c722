/** Feature plan: which features a table has, as plain data that is stored with a model. */

/** How rows are brought to one level and size, and what of the target a model has to learn. */
export interface NormalisationPlan {
  /** Whether histories that are positive throughout are taken by their logarithm. */
  readonly logarithm: boolean;
  /**
   * What is taken off the target: nothing; the recent mean (local standardisation); the last value (a first difference when
   * one step is forecast); the last value at the same position of the season (a seasonal difference).
   */
  readonly baseline: 'zero' | 'mean' | 'last' | 'seasonal';
  /** What targets and features are divided by: nothing; recent mean absolute value, deviation, or change over a season. */
  readonly scale: 'none' | 'level' | 'deviation' | 'change';
  /** How many values are recent. */
  readonly window: number;
  /** Season of `seasonal` and of `change`; 1 if none. */
  readonly season: number;
}

/** The columns of a panel that a table takes, by name. */
export interface ExogenousPlan {
  readonly future: readonly string[];
  readonly historical: readonly string[];
  readonly static: readonly string[];
  /** Labels in the order of the codes 1, 2, ...; 0 is what none of them is. */
  readonly categories: readonly { readonly name: string; readonly labels: readonly string[] }[];
  /** Steps before the target (future columns) or before the origin's last value (historical ones) that are read as well. */
  readonly lags: readonly number[];
}

/** Everything that decides which columns a table has and what they hold. */
export interface FeaturePlan {
  /** Steps before the target at the nearest, 1 being the last known value. */
  readonly lags: readonly number[];
  /** Spans of changes, in steps: y[t] - y[t - span] at each lag. */
  readonly changes: readonly number[];
  /** Lengths of the windows whose mean, deviation, least and greatest value are taken. */
  readonly windows: readonly number[];
  /** Season lengths whose last positions are looked up. */
  readonly seasons: readonly number[];
  /** How many seasons back. */
  readonly seasonalLags: number;
  /** Weights of exponentially weighted means, in (0, 1). */
  readonly smoothing: readonly number[];
  /** Whether the mean of the whole history is taken. */
  readonly expanding: boolean;
  /** Whether the place of the target in the calendar is given, as numbers or as categories. */
  readonly calendar: 'none' | 'numeric' | 'categorical';
  /** Whether the place in the series is given. */
  readonly position: boolean;
  /** Whether the step of the forecast is given. */
  readonly step: boolean;
  /** Whether the size of the series, which normalisation takes away, is given. */
  readonly size: boolean;
  readonly exogenous: ExogenousPlan;
  readonly normalisation: NormalisationPlan;
}
