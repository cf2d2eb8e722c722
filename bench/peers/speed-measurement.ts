/** What one timed fit of many series by a local model is told, and what it tells; the same for all sides. */

/** `values` and `forecasts` are files of doubles. */
export interface SpeedJob {
  /** The model as the side itself names it. */
  readonly model: string;
  readonly horizon: number;
  readonly season: number;
  /** All series, one after the other. */
  readonly values: string;
  /** Observations of each series. */
  readonly lengths: readonly number[];
  /** Where to put the forecasts [series * horizon]. */
  readonly forecasts: string;
}

/** What one process measured. */
export interface SpeedMeasurement {
  readonly versions: Readonly<Record<string, string>>;
  /** Until everything is loaded. */
  readonly importSeconds: number;
  /** The first fit and forecast of one series, with whatever is compiled for it. */
  readonly firstSeconds: number;
  /** Fits and forecasts of all series after that. */
  readonly seconds: number;
  /** Largest resident memory before and after. */
  readonly loadedMib: number;
  readonly peakMib: number;
}
