/** Choice between ways of combining forecasts, each judged where its weights have not looked. */
import {
  combineResiduals,
  type EnsembleWeights,
  meanAbsolute,
  type ResidualSample,
  takeRows,
  thinned,
} from './member.ts';
import { variance } from '../statistics.ts';
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
/** A simpler method is preferred if it errs at most this share more, and no more than chance would have it. */
const noise = 0.005;
/** Where no residual is held out, what is not the best member must be better by this share. */
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

/** Standard error of the mean difference between the errors of two methods on the same rows. */
function standardError(errors: Float64Array, others: Float64Array): number {
  const differences = errors
    .map((error, row) => error - others[row]!)
    .filter((difference) => !Number.isNaN(difference));
  return Math.sqrt(variance(differences) / differences.length);
}

/**
 * Every method's ensemble, found in all of `sample`, in order of preference. Each is judged on the folds left out when its
 * weights were found; with one fold, on series left out; with few series as well, on the residuals it was found in. The
 * simplest method comes first that errs at most half a per cent, and at most one standard error of their difference, more than
 * the best (Breiman et al. 1984); the others follow by their error.
 */
export function judgeEnsembles(
  sample: ResidualSample,
  series: number,
  methods: readonly EnsembleMethod[] = ensembleMethods,
): JudgedEnsemble[] {
  const thin = thinned(sample, enoughToJudge);
  const { judgedOn } = splitOf(sample);
  const judged = methods
    .flatMap((method) => {
      const residuals = outOfSample(method, thin, series);
      if (residuals === null) return [];
      const allowance = judgedOn === 'the same residuals' && method.name !== 'best-member';
      const error = meanAbsolute(thin, residuals);
      const ranked = allowance ? error * (1 + doubt) : error;
      return [{ method, error, ranked, rows: errorsOfRows(thin, residuals) }];
    })
    .filter(({ error }) => Number.isFinite(error));
  const best = judged.reduce<(typeof judged)[number] | undefined>(
    (least, one) => (least === undefined || one.ranked < least.ranked ? one : least),
    undefined,
  );
  const first = judged.find(({ ranked, rows }) => {
    const excess = ranked - best!.ranked;
    return excess <= Math.min(best!.ranked * noise, standardError(rows, best!.rows));
  });
  const others = judged.filter((one) => one !== first).sort((a, b) => a.ranked - b.ranked);
  return [...(first === undefined ? [] : [first]), ...others].map(({ method, error }) => ({
    weights: method.fit(sample, series),
    error,
    judgedOn,
  }));
}
