/**
 * Losses of boosting: for raw scores the gradient and the hessian, the score to begin with, and the measure that tells
 * when to stop. y target, s raw score, w weight.
 */
import { weightedQuantile } from './weighted-quantile.ts';

/** How raw scores become predictions. */
export type Link = 'identity' | 'exponential' | 'logistic' | 'softmax' | 'share';

/** First and second derivatives of all rows' losses by the score of one output. */
export interface Derivatives {
  /** [rows] */
  readonly gradients: Float64Array;
  /** [rows]; undefined where nobody asks, as each is 1. */
  readonly hessians: Float64Array | undefined;
}

/** One loss. Arrays of scores and of derivatives are [outputs][rows]. */
export interface Loss {
  /** Raw scores per row. */
  readonly outputs: number;
  readonly link: Link;
  /** Whether every hessian is 1 if every weight is. */
  readonly isConstant: boolean;
  /** Whether multiplying the target by a factor multiplies the scores by it. */
  readonly isHomogeneous: boolean;
  /** Level of the quantile of its residuals that is the value of a leaf, where that is not a Newton step. */
  readonly renewal?: number;
  /** Largest Newton step. */
  readonly maximumStep: number;
  /** Why a target cannot be learned; undefined if it can. */
  problem(y: number): string | undefined;
  /** The best constant score of each output. */
  start(target: Float64Array, weights: Float64Array): Float64Array;
  /** Writes the derivatives of w loss(y, s) to `derivatives`. */
  derive(
    target: Float64Array,
    weights: Float64Array,
    scores: readonly Float64Array[],
    derivatives: readonly Derivatives[],
  ): void;
  /** Loss of one row, scores [outputs]. */
  measure(y: number, scores: Float64Array): number;
}

/** Smallest hessian of a row, so that a sure prediction does not make a leaf's step infinite. */
const LEAST_HESSIAN = 1e-16;

/** Least share of a class before shares are made to add up to 1. */
export const SMALLEST_SHARE = 1e-6;

const mean = (target: Float64Array, weights: Float64Array): number => {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < target.length; i++) {
    sum += weights[i]! * target[i]!;
    total += weights[i]!;
  }
  return sum / total;
};

const anyValue = { problem: () => undefined, maximumStep: Number.POSITIVE_INFINITY, outputs: 1 };

/** Derivatives of losses of one output; what `shared` computes from the score serves both. */
const rowWise =
  (
    gradient: (y: number, s: number, common: number) => number,
    hessian: (y: number, s: number, common: number) => number = () => 1,
    shared: (s: number) => number = () => 0,
  ): Loss['derive'] =>
  (target, weights, [score], [derivatives]) => {
    const { gradients, hessians } = derivatives!;
    for (let i = 0; i < target.length; i++) {
      const y = target[i]!;
      const s = score![i]!;
      const common = shared(s);
      gradients[i] = weights[i]! * gradient(y, s, common);
      if (hessians) hessians[i] = weights[i]! * hessian(y, s, common);
    }
  };

/** (s - y)^2 / 2; its best constant is the mean. */
export const squared: Loss = {
  ...anyValue,
  link: 'identity',
  isConstant: true,
  isHomogeneous: true,
  start: (target, weights) => Float64Array.of(mean(target, weights)),
  derive: rowWise((y, s) => s - y),
  measure: (y, scores) => (scores[0]! - y) ** 2 / 2,
};

/** Pinball loss of a level in (0, 1), whose best constant is the quantile; leaves are renewed (Friedman 2001, section 4.3). */
export function quantile(level: number): Loss {
  return {
    ...anyValue,
    link: 'identity',
    isConstant: true,
    isHomogeneous: true,
    renewal: level,
    start: (target, weights) => Float64Array.of(weightedQuantile(target, weights, level)),
    derive: rowWise((y, s) => (s >= y ? 1 - level : -level)),
    measure: (y, scores) => (y - scores[0]!) * (y > scores[0]! ? level : level - 1),
  };
}

/** |s - y|; its best constant is the median. */
export const absolute: Loss = {
  ...quantile(0.5),
  derive: rowWise((y, s) => Math.sign(s - y)),
  measure: (y, scores) => Math.abs(scores[0]! - y),
};

/** Huber's loss: squared up to a distance `delta`, linear beyond. */
export function huber(delta: number): Loss {
  return {
    ...anyValue,
    link: 'identity',
    isConstant: true,
    isHomogeneous: false,
    start: (target, weights) => Float64Array.of(weightedQuantile(target, weights, 0.5)),
    derive: rowWise((y, s) => Math.max(-delta, Math.min(delta, s - y))),
    measure(y, scores) {
      const distance = Math.abs(scores[0]! - y);
      return distance <= delta ? distance ** 2 / 2 : delta * (distance - delta / 2);
    },
  };
}

const counts = {
  outputs: 1,
  link: 'exponential' as const,
  isConstant: false,
  isHomogeneous: false,
  // A leaf that has seen nearly nothing but zeros takes no leap that exp would make enormous.
  maximumStep: 2,
  problem: (y: number) => (y < 0 ? 'this loss is for values that are not negative' : undefined),
  start(target: Float64Array, weights: Float64Array): Float64Array {
    return Float64Array.of(Math.log(Math.max(mean(target, weights), 1e-12)));
  },
};

/** Poisson deviance without what does not depend on the score: exp(s) - y s. */
export const poisson: Loss = {
  ...counts,
  derive: rowWise(
    (y, _, exp) => exp - y,
    (_, __, exp) => exp,
    Math.exp,
  ),
  measure: (y, scores) => Math.exp(scores[0]!) - y * scores[0]!,
};

/** Tweedie deviance of a power p in (1, 2): exp((2 - p) s) / (2 - p) - y exp((1 - p) s) / (1 - p). */
export function tweedie(p: number): Loss {
  const a = 1 - p;
  const b = 2 - p;
  return {
    ...counts,
    derive: rowWise(
      (y, s, exp) => exp - y * Math.exp(a * s),
      (y, s, exp) => b * exp - a * y * Math.exp(a * s),
      (s) => Math.exp(b * s),
    ),
    measure: (y, scores) => Math.exp(b * scores[0]!) / b - (y * Math.exp(a * scores[0]!)) / a,
  };
}

const isClass = (classes: number) => (y: number) =>
  Number.isInteger(y) && y >= 0 && y < classes
    ? undefined
    : `classes are whole numbers from 0 to ${classes - 1}`;

/** 1 / (1 + exp(-s)). */
export const sigmoid = (s: number): number => 1 / (1 + Math.exp(-s));

/** log(1 + exp(s)) without overflow. */
const softplus = (s: number): number => Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s)));

/** Log loss of two classes; the score is the logarithm of the odds of class 1. */
export const logistic: Loss = {
  outputs: 1,
  link: 'logistic',
  isConstant: false,
  isHomogeneous: false,
  maximumStep: 10,
  problem: isClass(2),
  start(target, weights) {
    const p = Math.min(1 - 1e-12, Math.max(1e-12, mean(target, weights)));
    return Float64Array.of(Math.log(p / (1 - p)));
  },
  derive: rowWise(
    (y, _, share) => share - y,
    (_, s, share) => Math.max(share * sigmoid(-s), LEAST_HESSIAN),
    sigmoid,
  ),
  measure: (y, scores) => softplus(scores[0]!) - y * scores[0]!,
};

/** Log loss of several classes, a score each. */
export function softmax(classes: number): Loss {
  return {
    outputs: classes,
    link: 'softmax',
    isConstant: false,
    isHomogeneous: false,
    maximumStep: 10,
    problem: isClass(classes),
    start(target, weights) {
      const shares = new Float64Array(classes);
      for (let i = 0; i < target.length; i++) shares[target[i]!]! += weights[i]!;
      const total = shares.reduce((sum, share) => sum + share, 0);
      return shares.map((share) => Math.log(Math.max(share / total, 1e-12)));
    },
    derive(target, weights, scores, derivatives) {
      const shares = new Float64Array(classes);
      for (let i = 0; i < target.length; i++) {
        let top = scores[0]![i]!;
        for (let k = 1; k < classes; k++) top = Math.max(top, scores[k]![i]!);
        let sum = 0;
        for (let k = 0; k < classes; k++) sum += shares[k] = Math.exp(scores[k]![i]! - top);
        for (let k = 0; k < classes; k++) {
          const { gradients, hessians } = derivatives[k]!;
          const p = shares[k]! / sum;
          gradients[i] = weights[i]! * (p - (target[i] === k ? 1 : 0));
          if (hessians) hessians[i] = weights[i]! * Math.max(p * (1 - p), LEAST_HESSIAN);
        }
      }
    },
    measure(y, scores) {
      const top = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
      const sum = scores.reduce((total, score) => total + Math.exp(score - top), 0);
      return top + Math.log(sum) - scores[y]!;
    },
  };
}
