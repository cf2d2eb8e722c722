/**
 * Losses of boosting: for raw scores the gradient and the hessian, the score to begin with, and the measure that tells
 * when to stop. y target, s raw score, w weight.
 */
import { weightedQuantile } from './weighted-quantile.ts';

/** How raw scores become predictions. */
export type Link = 'identity' | 'exponential' | 'logistic' | 'softmax' | 'share';

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
  /** Derivatives of w loss(y, s) by the score of `output`. */
  derive(
    output: number,
    target: Float64Array,
    weights: Float64Array,
    scores: readonly Float64Array[],
    gradients: Float64Array,
    hessians: Float64Array,
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

/** Derivatives of one output that depend on the row alone. */
const rowWise =
  (gradient: (y: number, s: number) => number, hessian: (y: number, s: number) => number) =>
  (
    output: number,
    target: Float64Array,
    weights: Float64Array,
    scores: readonly Float64Array[],
    gradients: Float64Array,
    hessians: Float64Array,
  ): void => {
    const score = scores[output]!;
    for (let i = 0; i < target.length; i++) {
      const y = target[i]!;
      const s = score[i]!;
      gradients[i] = weights[i]! * gradient(y, s);
      hessians[i] = weights[i]! * hessian(y, s);
    }
  };

/** (s - y)^2 / 2; its best constant is the mean. */
export const squared: Loss = {
  ...anyValue,
  link: 'identity',
  isConstant: true,
  isHomogeneous: true,
  start: (target, weights) => Float64Array.of(mean(target, weights)),
  derive(output, target, weights, scores, gradients, hessians) {
    const score = scores[output]!;
    for (let i = 0; i < target.length; i++) {
      gradients[i] = weights[i]! * (score[i]! - target[i]!);
      hessians[i] = weights[i]!;
    }
  },
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
    derive: rowWise(
      (y, s) => (s >= y ? 1 - level : -level),
      () => 1,
    ),
    measure: (y, scores) => (y - scores[0]!) * (y > scores[0]! ? level : level - 1),
  };
}

/** |s - y|; its best constant is the median. */
export const absolute: Loss = {
  ...quantile(0.5),
  derive: rowWise(
    (y, s) => Math.sign(s - y),
    () => 1,
  ),
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
    derive: rowWise(
      (y, s) => Math.max(-delta, Math.min(delta, s - y)),
      () => 1,
    ),
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
    (y, s) => Math.exp(s) - y,
    (_, s) => Math.exp(s),
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
      (y, s) => Math.exp(b * s) - y * Math.exp(a * s),
      (y, s) => b * Math.exp(b * s) - a * y * Math.exp(a * s),
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
    (y, s) => sigmoid(s) - y,
    (_, s) => Math.max(sigmoid(s) * sigmoid(-s), LEAST_HESSIAN),
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
    derive(output, target, weights, scores, gradients, hessians) {
      const own = scores[output]!;
      for (let i = 0; i < target.length; i++) {
        let sum = 0;
        for (let k = 0; k < classes; k++) sum += Math.exp(scores[k]![i]! - own[i]!);
        const p = 1 / sum;
        gradients[i] = weights[i]! * (p - (target[i] === output ? 1 : 0));
        hessians[i] = weights[i]! * Math.max(p * (1 - p), LEAST_HESSIAN);
      }
    },
    measure(y, scores) {
      const top = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
      const sum = scores.reduce((total, score) => total + Math.exp(score - top), 0);
      return top + Math.log(sum) - scores[y]!;
    },
  };
}
