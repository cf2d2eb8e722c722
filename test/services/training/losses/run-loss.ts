/** Computes a loss, its forecasts and its gradients on given numbers. */
import type { Loss, LossFrame, LossSettings } from '../../../../services/training/losses/loss.ts';
import { type Expression, parameter } from '../../../../tensor/expression.ts';
import { add, mul, reduceSum } from '../../../../tensor/functions.ts';
import { gradients } from '../../../../tensor/gradient.ts';
import { createProgram } from '../../../../tensor/program.ts';

/** One sample of one step after another: the look-back, and how scaled values become units. */
export interface LossCase {
  readonly settings?: Partial<LossSettings>;
  /** In units; scaled by `level` and `spread`. */
  readonly window?: readonly number[];
  readonly level?: number;
  readonly spread?: number;
  /** [horizon][outputs], in scaled units. */
  readonly outputs: readonly (readonly number[])[];
  /** [horizon], in units. */
  readonly target: readonly number[];
}

/** Everything a loss computes, each [horizon] or [horizon * levels]; `gradient` is [horizon * outputs]. */
export async function runLoss(loss: Loss, given: LossCase): Promise<Record<string, Float32Array>> {
  const { level = 0, spread = 1, window = [0, 1, 0, 1], outputs, target } = given;
  const settings = { level: 0.5, levels: [0.1, 0.5, 0.9], season: 1, ...given.settings };
  const values: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  const row = (name: string, numbers: readonly number[], ...shape: number[]): Expression => {
    values[name] = { shape: [1, ...shape], data: Float32Array.from(numbers) };
    return parameter(name, [1, ...shape]);
  };
  const scaledOf = (numbers: readonly number[]): number[] =>
    numbers.map((x) => (x - level) / spread);
  const frame: LossFrame = {
    settings,
    window: row('window', window, window.length),
    scaledWindow: row('scaled-window', scaledOf(window), window.length),
    unscale: (x) => add(mul(x, spread), level),
  };
  const leaf = row('outputs', outputs.flat(), outputs.length, outputs[0]!.length);
  const truth = {
    scaled: row('scaled-target', scaledOf(target), target.length),
    inUnits: row('target', target, target.length),
  };
  const losses = loss.losses(leaf, truth, frame);
  const [gradient] = gradients(reduceSum(losses), [leaf]);
  const results = {
    losses,
    gradient: gradient!,
    point: loss.point(leaf, frame),
    ...(loss.quantiles && { quantiles: loss.quantiles(leaf, frame) }),
    ...(loss.distribution && { distribution: loss.distribution.parameters(leaf, frame) }),
  };
  const program = await createProgram(results, { parameters: values, threads: 1 });
  const computed = await program.run({});
  await program.release();
  return computed;
}
