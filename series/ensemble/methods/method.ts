/** What a method of combining forecasts is, and which members it looks at. */
import { type EnsembleWeights, memberErrors, type ResidualSample } from '../member.ts';

/** A way to find an ensemble in residuals of validation folds. */
export interface EnsembleMethod {
  /** Kebab-case, unique in the list. */
  readonly name: string;
  readonly summary: string;
  /** Where it comes from: paper or textbook. */
  readonly source: string;
  /** Whether it weighs each series by itself, so that it must have seen that series' own residuals. */
  readonly perSeries: boolean;
  /** Deterministic; `sample` is left as it is and has at least one row with a forecast. `series` is how many series there are. */
  fit(sample: ResidualSample, series: number): EnsembleWeights;
}

/** A member that errs more than the best by this factor has no place where all have equal weights. */
const worthCounting = 1.25;

/** Which members err at most a quarter more than the best [members], 1 or 0; the best is always among them. */
export function closeToBest(errors: Float64Array): Float64Array {
  const best = Math.min(...errors.filter((error) => !Number.isNaN(error)));
  return errors.map((error) => (error <= best * worthCounting ? 1 : 0));
}

/** `shares` [members], not negative, made to add up to 1. */
export function normalised(shares: Float64Array): Float64Array {
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

/** Equal weights of the members close to the best. */
export function equalWeights(sample: ResidualSample): Float64Array {
  return normalised(closeToBest(memberErrors(sample)));
}

/** Residuals and fallback of the sample without the places [n] that not even the fallback has a forecast for. */
export function withForecasts(
  sample: Pick<ResidualSample, 'residuals' | 'fallback'>,
): Pick<ResidualSample, 'residuals' | 'fallback'> {
  const { fallback, residuals } = sample;
  if (!fallback.some(Number.isNaN)) return { residuals, fallback };
  const known = (_: number, k: number): boolean => !Number.isNaN(fallback[k]!);
  return {
    residuals: residuals.map((values) => values.filter(known)),
    fallback: fallback.filter(known),
  };
}
