/** What a scaler is: how a look-back is brought to a common level and size before a network sees it, and back. */
import type { DeclareParameter } from '../../../models/model.ts';
import type { Expression } from '../../../tensor/expression.ts';
import { add, div, greater, mul, sub, where } from '../../../tensor/functions.ts';

/** A look-back as a scaler sees it. */
export interface LookBackView {
  /** [..., lookBack]; 0 where missing. */
  readonly window: Expression;
  /** In the same shape: 1 where observed, else 0; left out where none is ever missing. */
  readonly observed?: Expression;
  /**
   * Spread up to which a look-back counts as constant on its way in: next to no spread would make an endless target in
   * training. On the way out the true spread counts, so that the forecast of a constant look-back is its level.
   */
  readonly constantUpTo: number;
  /** Series in one sample. */
  readonly channels: number;
  readonly declare: DeclareParameter;
}

/** The scale of given look-backs; values are [..., steps], or more axes after `steps` for `unscale`. */
export interface Scale {
  /** Units to scaled units, in which the loss is taken. */
  scale(values: Expression): Expression;
  /** Scaled units to units; rising, so that a quantile stays one. */
  unscale(values: Expression): Expression;
  /** Scaled units to what the network sees, and its values back; left out where they are the same. */
  readonly learned?: {
    enter(values: Expression): Expression;
    leave(values: Expression): Expression;
  };
}

/** A way of scaling look-backs. */
export interface Scaler {
  /** Kebab-case, unique; what the setting `scaler` takes. */
  readonly name: string;
  /** One line for help and tables. */
  readonly summary: string;
  /** Paper or textbook. */
  readonly source: string;
  /** Whether a look-back a x + b, a > 0, leads to the forecast a f(x) + b, so that level and size of a series do not matter. */
  readonly equivariant: boolean;
  /** Whether `unscale` is affine, so that parts which add up stay parts which add up. */
  readonly affine: boolean;
  /** Statistics are those of the observed values only. */
  fit(view: LookBackView): Scale;
}

/** `level` and `spread` [..., 1] as a scale: (x - level) / spread, undone by the true spread. */
export function affineScale(level: Expression, spread: Expression, constantUpTo: number): Scale {
  const divisor = where(greater(spread, constantUpTo), spread, 1);
  return {
    scale: (values) => div(sub(values, level), divisor),
    unscale: (values) => add(mul(values, spread), level),
  };
}
