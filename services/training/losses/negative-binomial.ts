/** Likelihood of a negative binomial distribution, for counts. */
import type { Expression } from '../../../tensor/expression.ts';
import {
  abs,
  add,
  concat,
  div,
  log,
  logGamma,
  maximum,
  mul,
  softplus,
  sqrt,
  sub,
  unsqueeze,
} from '../../../tensor/functions.ts';
import { meanOf } from '../masked.ts';
import { type Loss, type LossFrame, outputAt } from './loss.ts';
import { normalQuantile } from '../../../series/statistics.ts';

/** Least dispersion and mean: below them float32 cannot tell the terms of the density apart. */
const leastDispersion = 1e-3;
const leastMean = 1e-6;

/** Mean and dispersion, in units, as DeepAR has them: softplus of the outputs, times v and 1 / sqrt(v), v = 1 + mean |x|. */
function momentsOf(outputs: Expression, { window, observed }: LossFrame) {
  const size = add(meanOf(abs(window), observed), 1); // [..., 1]
  return {
    mean: add(mul(softplus(outputAt(outputs, 0)), size), leastMean),
    dispersion: add(div(softplus(outputAt(outputs, 1)), sqrt(size)), leastDispersion),
  };
}

/**
 * -log probability of a count y under mean m and dispersion 1 / r (variance m + m^2 / r), in units:
 * log G(r) + log G(y + 1) - log G(y + r) + r log(1 + m / r) + y log(1 + r / m).
 */
export const negativeBinomial: Loss = {
  name: 'negative-binomial',
  summary: 'likelihood of a negative binomial distribution, for counts; the forecast is its mean',
  source: 'Salinas et al. 2020, DeepAR, IJF 36, section 4.1',
  needs: 'units',
  countsOnly: true,
  pointIs: 'mean',
  outputs: () => 2,
  locations: () => 0,
  losses(outputs, { inUnits }, frame) {
    const { mean, dispersion } = momentsOf(outputs, frame);
    const count = maximum(inUnits, 0);
    const r = div(1, dispersion);
    const ratio = div(mean, r);
    const gammas = sub(add(logGamma(r), logGamma(add(count, 1))), logGamma(add(count, r)));
    const failures = mul(r, log(add(ratio, 1)));
    return add(add(gammas, failures), mul(count, log(add(div(1, ratio), 1))));
  },
  point: (outputs, frame) => momentsOf(outputs, frame).mean,
  distribution: {
    size: 2,
    parameters(outputs, frame) {
      const { mean, dispersion } = momentsOf(outputs, frame);
      return concat([unsqueeze(mean, -1), unsqueeze(dispersion, -1)], -1);
    },
    quantile: (parameters, level) => countQuantile(parameters[0]!, parameters[1]!, level),
  },
};

/** Means up to which probabilities are added up count by count; none of them is too small for a double then. */
const mostAdded = 500;

/** Smallest count whose cumulative probability is at least `level`. */
function countQuantile(mean: number, dispersion: number, level: number): number {
  if (mean > mostAdded) return largeQuantile(mean, dispersion, level);
  const r = 1 / dispersion;
  const success = mean / (r + mean);
  let probability = Math.exp(-r * Math.log1p(mean / r));
  let cumulative = probability;
  let count = 0;
  while (cumulative < level && probability > 0) {
    count++;
    probability *= ((count - 1 + r) / count) * success;
    cumulative += probability;
  }
  return count;
}

/** The quantile of the gamma distribution of the same mean and variance, by Wilson and Hilferty 1931 (PNAS 17). */
function largeQuantile(mean: number, dispersion: number, level: number): number {
  const width = (1 / mean + dispersion) / 9;
  return Math.round(mean * Math.max(0, 1 - width + normalQuantile(level) * Math.sqrt(width)) ** 3);
}
