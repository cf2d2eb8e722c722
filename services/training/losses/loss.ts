/** What a loss is: how many numbers a network gives for each step, what they mean, and what is minimised. */
import type { Expression } from '../../../tensor/expression.ts';
import { reshape, slice } from '../../../tensor/functions.ts';

/** What the settings of a training tell a loss. */
export interface LossSettings {
  /** Level (0..1) of the `quantile` loss. */
  readonly level: number;
  /** Levels (0..1), rising: those of `multi-quantile`, and those that a likelihood's quantiles are given at. */
  readonly levels: readonly number[];
  /** Season length in steps, 1 if none. */
  readonly season: number;
}

/** A look-back and its scale; shapes begin with the same axes as those of the outputs. */
export interface LossFrame {
  readonly settings: LossSettings;
  /** [..., lookBack] in units; 0 where missing. */
  readonly window: Expression;
  /** The same in scaled units. */
  readonly scaledWindow: Expression;
  /** In the same shape: 1 where observed, else 0; left out where none is missing. */
  readonly observed?: Expression;
  /** Scaled values [..., horizon] to units; rising. */
  unscale(values: Expression): Expression;
}

/** What came true, [..., horizon]; 0 where missing, which is not counted. */
export interface LossTarget {
  readonly scaled: Expression;
  readonly inUnits: Expression;
}

/** A distribution whose quantiles the network's file does not compute itself. */
export interface StepDistribution {
  /** Numbers for each step. */
  readonly size: number;
  /** [..., horizon, size], in units. */
  parameters(outputs: Expression, frame: LossFrame): Expression;
  /** The quantile of `level` under the parameters of one step. */
  quantile(parameters: ArrayLike<number>, level: number): number;
}

/** A loss. */
export interface Loss {
  /** Kebab-case, unique; what the setting `loss` takes. */
  readonly name: string;
  /** One line for help and tables. */
  readonly summary: string;
  /** Paper or textbook. */
  readonly source: string;
  /**
   * What of a series must reach the network's graph beside its shape: nothing, where its zero lies (values are then
   * divided only), or its very units (values are then taken as they are).
   */
  readonly needs: 'shape' | 'zero' | 'units';
  /** Where true, values below zero have no place. */
  readonly countsOnly?: boolean;
  /** Outputs of a step, and how many of them, from the first on, are values of the series in scaled units. */
  readonly outputs: (settings: LossSettings) => number;
  readonly locations: (settings: LossSettings) => number;
  /** Loss [..., horizon] of `outputs` [..., horizon, outputs]; finite, with finite gradients, for values up to 1e6. */
  losses(outputs: Expression, target: LossTarget, frame: LossFrame): Expression;
  /** What the point forecast is. */
  readonly pointIs: 'mean' | 'median' | 'quantile';
  /** Point forecast [..., horizon] in units. */
  point(outputs: Expression, frame: LossFrame): Expression;
  /** Quantiles [..., horizon, levels] in units, rising; left out where the file gives none. */
  quantiles?(outputs: Expression, frame: LossFrame): Expression;
  /** Left out unless quantiles are computed from a file's `distribution`. */
  readonly distribution?: StepDistribution;
}

/** Output `index` [..., horizon] of `outputs` [..., horizon, outputs]. */
export function outputAt(outputs: Expression, index: number): Expression {
  const column = outputs.shape.at(-1) === 1 ? outputs : slice(outputs, -1, index, index + 1);
  return reshape(column, outputs.shape.slice(0, -1));
}
