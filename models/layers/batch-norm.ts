/** Normalisation of one feature over a batch: at once, or over groups of samples. */
import { constant, type Expression } from '../../tensor/expression.ts';
import { add, div, mul, reduceMean, sqrt, square, sub } from '../../tensor/functions.ts';
import type { NetworkContext } from '../model.ts';

/** Mean and variance, not corrected for their number, of every feature over samples. */
export interface Moments {
  readonly mean: Expression;
  readonly variance: Expression;
}

/** Moments of x over its first `sampleAxes` axes, in the shape of the others, which hold features. */
export function moments(x: Expression, sampleAxes: number): Moments {
  const axes = Array.from({ length: sampleAxes }, (_, axis) => axis);
  const mean = reduceMean(x, axes);
  return { mean, variance: reduceMean(square(sub(x, mean)), axes) };
}

/** Moments of all samples, from those [groups, ...features] of groups of the same size (Chan et al. 1979). */
export function jointMoments(groups: Moments): Moments {
  const mean = reduceMean(groups.mean, 0);
  const between = reduceMean(square(sub(groups.mean, mean)), 0);
  return { mean, variance: add(reduceMean(groups.variance, 0), between) };
}

/** What a batch normalisation normalises by. */
export interface BatchStatistics {
  readonly features: readonly number[];
  /** How many samples the moments are of. */
  readonly samples: number;
  /** Those of a batch in training; not asked for otherwise. */
  readonly moments: () => Moments;
  /** Share of the latest batch in the running statistics after a step. */
  readonly momentum?: number;
  readonly epsilon?: number;
}

/**
 * Batch normalisation (Ioffe and Szegedy 2015): every feature with mean 0 and variance 1 over the samples of a batch,
 * times `<name>.scale` plus `<name>.shift`. Where nothing is trained, the running `<name>.mean` and `<name>.variance`
 * take the batch's place, so that a forecast does not depend on the company it is made in. The result is applied to
 * arrays [..., ...features].
 */
export function batchNormBy(
  { declare, declareStatistic, training }: Omit<NetworkContext, 'hyperparameters'>,
  name: string,
  { features, samples, moments: ofBatch, momentum = 0.1, epsilon = 1e-5 }: BatchStatistics,
): (x: Expression) => Expression {
  const scale = declare(`${name}.scale`, features, { kind: 'constant', value: 1 });
  const shift = declare(`${name}.shift`, features, { kind: 'constant', value: 0 });
  const follow =
    (latest: Expression) =>
    (value: Expression): Expression =>
      add(mul(value, 1 - momentum), mul(latest, momentum));
  const batch = training ? ofBatch() : undefined;
  const followed = (part: keyof Moments, start: number, latest?: Expression): Expression =>
    declareStatistic(`${name}.${part}`, features, start, follow(latest ?? constant(start)));
  const running = {
    mean: followed('mean', 0, batch?.mean),
    variance: followed('variance', 1, batch && unbiased(batch.variance, samples)),
  };
  const { mean, variance } = batch ?? running;
  const factor = div(scale, sqrt(add(variance, epsilon)));
  const offset = sub(shift, mul(mean, factor));
  return (x) => add(mul(x, factor), offset);
}

const unbiased = (variance: Expression, samples: number): Expression =>
  mul(variance, samples / Math.max(samples - 1, 1));

/** Batch normalisation of x, whose first `sampleAxes` axes hold samples. */
export function batchNorm(
  context: Omit<NetworkContext, 'hyperparameters'>,
  name: string,
  x: Expression,
  { sampleAxes, ...settings }: { sampleAxes: number } & Pick<BatchStatistics, 'momentum'>,
): Expression {
  const samples = x.shape.slice(0, sampleAxes).reduce<number>((n, size) => n * Number(size), 1);
  const features = x.shape.slice(sampleAxes) as number[];
  const ofBatch = (): Moments => moments(x, sampleAxes);
  return batchNormBy(context, name, { features, samples, moments: ofBatch, ...settings })(x);
}
