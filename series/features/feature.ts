/** Feature: one column of what a table model learns a forecast from, computed for many rows of one series at once. */

/**
 * Rows of one series: row r is a forecast of the value `steps[r]` steps on, made where the history ends at `origins[r]`.
 * Whatever is computed from `values` reads positions before the row's origin only.
 */
export interface FeatureRows {
  /** Which series of the panel. */
  readonly series: number;
  /** The history, at least up to the last origin; NaN where missing. */
  readonly values: Float64Array;
  /** [rows], rising, at least 1: how many values are known. */
  readonly origins: Int32Array;
  /** [rows]: 1 for the value right at the origin. */
  readonly steps: Int32Array;
  /** Where observation ends, though a forecast may go on from its own values: historical columns are read up to here only. */
  readonly observed: number;
}

/** A column of the table. */
export interface Feature {
  /** Unique in its table. */
  readonly name: string;
  /** How many codes a categorical column has; numeric if left out. */
  readonly categories?: number;
  /** A `level` moves and grows with the series, a `spread` grows with it, what is `plain` does neither. */
  readonly unit: 'level' | 'spread' | 'plain';
  /** Writes one number for each row; NaN where there is none. */
  write(rows: FeatureRows, out: Float64Array): void;
}

/** A feature that depends on the history before the origin and not on the step; computed once for rows of one origin. */
export function originFeature(
  name: string,
  unit: Feature['unit'],
  of: (values: Float64Array, origin: number) => number,
): Feature {
  return {
    name,
    unit,
    write({ values, origins }, out) {
      for (let r = 0; r < origins.length; r++) {
        const origin = origins[r]!;
        out[r] = r > 0 && origins[r - 1] === origin ? out[r - 1]! : of(values, origin);
      }
    },
  };
}

/** The value `back` steps before the origin, the last known one being 1 step back; NaN before the series begins. */
export function before(values: Float64Array, origin: number, back: number): number {
  return back >= 1 && back <= origin ? values[origin - back]! : Number.NaN;
}

/**
 * How many steps before the origin the same position of a season of `season` steps lies as the value `step` steps on:
 * the last one known for `seasons` 1, the one before for 2, ...
 */
export function seasonsBack(step: number, season: number, seasons: number): number {
  return season * (Math.ceil(step / season) + seasons - 1) - step + 1;
}
