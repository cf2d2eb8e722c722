/**
 * Adam (Kingma and Ba 2015, arXiv:1412.6980), arranged for few passes over memory: the moments are kept as the weighted
 * sums M = m / (1 - beta1) and V = v / (1 - beta2), and both bias corrections, computed in double precision, go into the
 * step size and epsilon: theta <- theta - a M / (sqrt(V) + e).
 */
import type { Expression } from './expression.ts';
import { add, div, minimum, mul, reduceSum, sqrt, square, sub } from './functions.ts';

/** Settings; `weightDecay` is decoupled (Loshchilov and Hutter 2019, arXiv:1711.05101), per unit of learning rate. */
export interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay?: number;
  /** Longest gradient, as the root of the sum of all its squares; a longer one is shortened to it (Pascanu et al. 2013). */
  readonly clipNorm?: number;
}

/** A trained array with M and V above, all of one shape. */
export interface AdamSlots<T> {
  readonly parameter: T;
  readonly first: T;
  readonly second: T;
}

/** What changes from step to step: scalars of one step, or arrays over steps. */
export interface AdamRates<T> {
  /** a above. */
  readonly stepSize: T;
  /** e above. */
  readonly epsilon: T;
  /** Share of a parameter that weight decay leaves. */
  readonly retained: T;
}

/** `gradients` of all parameters, together no longer than `clipNorm` (arXiv:1211.5063, algorithm 1). */
export function clipGradients(
  gradients: readonly Expression[],
  { clipNorm }: AdamSettings,
): readonly Expression[] {
  if (clipNorm === undefined) return gradients;
  const norm = sqrt(gradients.map((gradient) => reduceSum(square(gradient))).reduce(add));
  const share = minimum(div(clipNorm, norm), 1);
  return gradients.map((gradient) => mul(gradient, share));
}

/** The slots after one step along `gradient`; `decays` says whether weight decay acts on them. */
export function adamStep(
  slots: AdamSlots<Expression>,
  gradient: Expression,
  rates: AdamRates<Expression>,
  { beta1, beta2 }: AdamSettings,
  decays: boolean,
): AdamSlots<Expression> {
  const first = add(mul(slots.first, beta1), gradient);
  const second = add(mul(slots.second, beta2), square(gradient));
  const update = mul(div(first, add(sqrt(second), rates.epsilon)), rates.stepSize);
  const retained = decays ? mul(slots.parameter, rates.retained) : slots.parameter;
  return { parameter: sub(retained, update), first, second };
}

/** The rates of the steps numbered `step + 1`, `step + 2`, ... */
export function adamRates(
  { beta1, beta2, epsilon, weightDecay = 0 }: AdamSettings,
  step: number,
  learningRates: Float32Array,
): AdamRates<Float32Array> {
  const rates = {
    stepSize: new Float32Array(learningRates.length),
    epsilon: new Float32Array(learningRates.length),
    retained: new Float32Array(learningRates.length),
  };
  for (const [i, learningRate] of learningRates.entries()) {
    const t = step + i + 1;
    const scale = Math.sqrt((1 - beta2 ** t) / (1 - beta2));
    rates.stepSize[i] = learningRate * scale * ((1 - beta1) / (1 - beta1 ** t));
    rates.epsilon[i] = epsilon * scale;
    rates.retained[i] = 1 - learningRate * weightDecay;
  }
  return rates;
}
