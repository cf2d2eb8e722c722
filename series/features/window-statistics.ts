/** Statistics of the values in a window that ends at an origin; missing values are left out, NaN if none is left. */

/** A figure of `values[from .. origin)`, with `from` the origin less `width`, or 0. */
type WindowStatistic = (values: Float64Array, origin: number, width: number) => number;

const begin = (origin: number, width: number): number => Math.max(0, origin - width);

/** Mean; exact to rounding for values of any size. */
export const windowMean: WindowStatistic = (values, origin, width) => {
  const from = begin(origin, width);
  let count = 0;
  for (let k = from; k < origin; k++) if (!Number.isNaN(values[k]!)) count++;
  if (count === 0) return Number.NaN;
  let sum = 0;
  // Quotients are added up, since the sum of the values may overflow.
  for (let k = from; k < origin; k++) if (!Number.isNaN(values[k]!)) sum += values[k]! / count;
  return sum;
};

/** Mean absolute value. */
export const windowSize: WindowStatistic = (values, origin, width) =>
  meanOf(values, begin(origin, width), origin, (value) => Math.abs(value));

/** Mean absolute deviation from the window's own mean: a spread that neither overflows nor is led by one outlier. */
export const windowDeviation: WindowStatistic = (values, origin, width) => {
  const centre = windowMean(values, origin, width);
  return meanOf(values, begin(origin, width), origin, (value) => Math.abs(value - centre));
};

/** Standard deviation (divisor n) from the window's own mean, computed in units of its mean absolute deviation. */
export const windowStandardDeviation: WindowStatistic = (values, origin, width) => {
  const unit = windowDeviation(values, origin, width);
  if (!(unit > 0)) return unit;
  const centre = windowMean(values, origin, width);
  const squares = meanOf(
    values,
    begin(origin, width),
    origin,
    (value) => ((value - centre) / unit) ** 2,
  );
  return unit * Math.sqrt(squares);
};

/** Least value. */
export const windowMinimum: WindowStatistic = (values, origin, width) => {
  let least = Number.NaN;
  for (let k = begin(origin, width); k < origin; k++)
    if (!(values[k]! >= least)) least = keep(values[k]!, least);
  return least;
};

/** Greatest value. */
export const windowMaximum: WindowStatistic = (values, origin, width) => {
  let most = Number.NaN;
  for (let k = begin(origin, width); k < origin; k++)
    if (!(values[k]! <= most)) most = keep(values[k]!, most);
  return most;
};

/** Exponentially weighted mean: weight (1 - alpha)^k for the value k steps before the last; what weighs nothing is not read. */
export function exponentialMean(values: Float64Array, origin: number, alpha: number): number {
  const reach = Math.ceil(30 / alpha);
  let weights = 0;
  let mean = Number.NaN;
  let weight = 1;
  for (let k = origin - 1; k >= begin(origin, reach); k--) {
    const value = values[k]!;
    if (!Number.isNaN(value)) {
      weights += weight;
      const share = weight / weights;
      mean = weights === weight ? value : mean * (1 - share) + value * share;
    }
    weight *= 1 - alpha;
  }
  return mean;
}

/** The mean absolute change over `season` steps among the `width` values before the origin; NaN if there is no pair. */
export function windowChange(
  values: Float64Array,
  origin: number,
  width: number,
  season: number,
): number {
  let count = 0;
  let mean = 0;
  for (let k = Math.max(season, begin(origin, width)); k < origin; k++) {
    const change = Math.abs(values[k]! - values[k - season]!);
    if (Number.isNaN(change)) continue;
    count++;
    mean += change / count - mean / count;
  }
  return count === 0 ? Number.NaN : mean;
}

function meanOf(
  values: Float64Array,
  from: number,
  to: number,
  of: (value: number) => number,
): number {
  let count = 0;
  let mean = 0;
  for (let k = from; k < to; k++) {
    const value = of(values[k]!);
    if (Number.isNaN(value)) continue;
    count++;
    mean += value / count - mean / count;
  }
  return count === 0 ? Number.NaN : mean;
}

const keep = (value: number, otherwise: number): number =>
  Number.isNaN(value) ? otherwise : value;
