/** Choice between ways of combining forecasts, each judged where its weights have not looked. */
import {
  combineResiduals,
  type EnsembleWeights,
  meanAbsolute,
  memberAlone,
  type ResidualSample,
  takeRows,
  thinned,
} from './member.ts';
import { mean, variance } from '../statistics.ts';
import { bestMember } from './methods/best-member.ts';
import { ensembleMethods } from './methods/index.ts';
import type { EnsembleMethod } from './methods/method.ts';

/** An ensemble and what is known of it. */
export interface JudgedEnsemble {
  readonly weights: EnsembleWeights;
  /** Mean absolute residual where the weights were not found. */
  readonly error: number;
  /** What `error` rests on. */
  readonly judgedOn: 'other folds' | 'other series' | 'the same residuals';
}

/** Residuals that methods are compared on. */
const enoughToJudge = 60_000;
/** Fewer series in one fold are not split into some to learn from and others to judge by. */
const enoughSeries = 10;
const seriesGroups = 5;
/** A simpler method is preferred if it errs at most this share more, and at most one standard error. */
const noise = 0.005;
/**
 * What is not a baseline must be better than it by this share or by two standard errors; so must what is not the best member where
 * no residual is held out, by this share.
 */
const doubt = 0.03;

/** The parts of a sample, each left out in turn: folds, or groups of series; one part if there are too few of both. */
interface Split {
  readonly judgedOn: JudgedEnsemble['judgedOn'];
  readonly parts: number;
  partOf(series: number, fold: number): number;
}

function splitOf(sample: ResidualSample): Split {
  const folds = [...new Set(sample.fold)];
  const rank = new Map(folds.map((fold, index) => [fold, index]));
  if (folds.length > 1) {
    return { judgedOn: 'other folds', parts: folds.length, partOf: (_, fold) => rank.get(fold)! };
  }
  const ids = [...new Set(sample.series)].sort((a, b) => a - b);
  const place = new Map(ids.map((id, index) => [id, index]));
  return ids.length >= enoughSeries
    ? {
        judgedOn: 'other series',
        parts: seriesGroups,
        partOf: (series) => place.get(series)! % seriesGroups,
      }
    : { judgedOn: 'the same residuals', parts: 1, partOf: () => 0 };
}

/**
 * Residuals [rows * horizon] of `method` on each part of `sample`, with weights from the other parts; with weights from all
 * where there is one part only. A method per series cannot speak of series it has not seen: null.
 */
export function outOfSample(
  method: EnsembleMethod,
  sample: ResidualSample,
  series: number,
): Float64Array | null {
  const { parts, partOf, judgedOn } = splitOf(sample);
  if (judgedOn !== 'other folds' && method.perSeries) return null;
  const combined = new Float64Array(sample.fallback.length);
  const { horizon } = sample;
  for (let part = 0; part < parts; part++) {
    const inside = (_: number, i: number, fold: number): boolean => partOf(i, fold) === part;
    const known = parts === 1 ? sample : takeRows(sample, (...at) => !inside(...at));
    const left = parts === 1 ? sample : takeRows(sample, inside);
    const made = combineResiduals(left, method.fit(known, series));
    let at = 0;
    for (let row = 0; row < sample.series.length; row++) {
      if (parts > 1 && !inside(row, sample.series[row]!, sample.fold[row]!)) continue;
      combined.set(made.subarray(at * horizon, (at + 1) * horizon), row * horizon);
      at += 1;
    }
  }
  return combined;
}

/** Mean absolute residual [rows]; NaN where not even the fallback has a forecast. */
function errorsOfRows(
  { fallback, horizon }: ResidualSample,
  residuals: Float64Array,
): Float64Array {
  return Float64Array.from({ length: residuals.length / horizon }, (_, row) => {
    let sum = 0;
    for (let k = row * horizon; k < (row + 1) * horizon; k++) {
      sum += Math.abs(Number.isNaN(residuals[k]!) ? fallback[k]! : residuals[k]!);
    }
    return sum / horizon;
  });
}

/**
 * Standard error of the mean difference between the errors [rows] of two methods: that of rows drawn independently, or that of
 * folds if it is larger, as series that miss together make a fold speak for one event (Kish 1965, Survey Sampling, 5.2).
 */
function standardError(
  { fold }: ResidualSample,
  errors: Float64Array,
  others: Float64Array,
): number {
  const ofFold = new Map<number, number[]>();
  for (const [row, error] of errors.entries()) {
    const difference = error - others[row]!;
    if (Number.isNaN(difference)) continue;
    const known = ofFold.get(fold[row]!);
    if (known === undefined) ofFold.set(fold[row]!, [difference]);
    else known.push(difference);
  }
  const folds = [...ofFold.values()];
  const means = folds.map(mean);
  return Math.max(errorOfMean(folds.flat()), means.length > 1 ? errorOfMean(means) : 0);
}

/** Estimated standard error of the mean of independent values; one value says nothing of it. */
function errorOfMean(values: readonly number[]): number {
  return values.length < 2 ? Number.POSITIVE_INFINITY : Math.sqrt(variance(values) / values.length);
}

/** A method, and how well it did where its weights have not looked. */
interface JudgedMethod {
  readonly method: EnsembleMethod;
  readonly error: number;
  /** What it is compared by: its error, with an allowance where nothing was held out. */
  readonly ranked: number;
  /** Mean absolute residual [rows]. */
  readonly rows: Float64Array;
}

/**
 * Every method's ensemble, found in all of `sample`, in order of preference. Each is judged on the folds left out when its
 * weights were found; with one fold, on series left out; with few series as well, on the residuals it was found in. The
 * simplest method comes first that errs at most half a per cent, and at most one standard error of their difference, more than
 * the best (Breiman et al. 1984); the others follow by their error.
 *
 * `baselines` are members that need no proof. One of them comes first where nothing else is better by 3 %, or by two standard
 * errors: on what is close to a random walk the best of many models is best by chance (White 2000, Econometrica 68).
 */
export function judgeEnsembles(
  sample: ResidualSample,
  series: number,
  baselines: readonly string[] = [],
): JudgedEnsemble[] {
  const thin = thinned(sample, enoughToJudge);
  const { judgedOn } = splitOf(sample);
  const judge = (method: EnsembleMethod): JudgedMethod[] => {
    const residuals = outOfSample(method, thin, series);
    if (residuals === null) return [];
    const allowance = judgedOn === 'the same residuals' && !isMember(method);
    const error = meanAbsolute(thin, residuals);
    const ranked = allowance ? error * (1 + doubt) : error;
    return Number.isFinite(error)
      ? [{ method, error, ranked, rows: errorsOfRows(thin, residuals) }]
      : [];
  };
  const judged = ensembleMethods.flatMap(judge);
  const safe = baselines.map(memberMethod).flatMap(judge);
  const best = leastOf([...judged, ...safe]);
  if (best === undefined) return [];
  const isAsGood =
    (share: number, errors: number) =>
    ({ ranked, rows }: JudgedMethod): boolean =>
      ranked - best.ranked <=
      Math.min(best.ranked * share, errors * standardError(thin, rows, best.rows));
  const first = leastOf(safe.filter(isAsGood(doubt, 2))) ?? judged.find(isAsGood(noise, 1)) ?? best;
  const others = judged.filter((one) => one !== first).sort((a, b) => a.ranked - b.ranked);
  return [first, ...others].map(({ method, error }) => ({
    weights: method.fit(sample, series),
    error,
    judgedOn,
  }));
}

/** Whether a method takes one member only. */
const isMember = ({ name }: EnsembleMethod): boolean =>
  name === bestMember.name || name === baseline;
const baseline = 'baseline';

function leastOf(judged: readonly JudgedMethod[]): JudgedMethod | undefined {
  return judged.reduce<JudgedMethod | undefined>(
    (least, one) => (least === undefined || one.ranked < least.ranked ? one : least),
    undefined,
  );
}

/** One member, whatever it errs: nothing is learned. */
function memberMethod(name: string): EnsembleMethod {
  return {
    name: baseline,
    summary: 'a baseline that nothing is clearly better than',
    source: 'White (2000), A reality check for data snooping, Econometrica 68',
    perSeries: false,
    fit: ({ names }) => ({ ...memberAlone(names, names.indexOf(name)), method: baseline }),
  };
}
