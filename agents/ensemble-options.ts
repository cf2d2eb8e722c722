/** Ensemble options: which combinations of models, and which models alone, a forecast can be made of. */
import { judgeEnsembles, type JudgedEnsemble } from '../series/ensemble/choice.ts';
import {
  type EnsembleWeights,
  type Member,
  memberAlone,
  memberErrors,
  type ResidualShape,
  sampleOf,
  weightedMembers,
} from '../series/ensemble/member.ts';
import type { Option } from './choice.ts';
import { baselines, isBaseline } from './plan.ts';

/** What can be combined. */
export interface EnsembleTask {
  /** Models that may be used, with their validation residuals. */
  readonly members: readonly Member[];
  readonly shape: ResidualShape;
  /** Residuals of what is served where a model has no forecast: the seasonal naive one's. */
  readonly fallback?: Float64Array;
}

/** A combination, or one model alone, and how well it did. */
export interface EnsembleOption {
  readonly weights: EnsembleWeights;
  /** Mean absolute residual in units of the series' scale, NaN if nothing was judged. */
  readonly error: number;
  /** Why it comes first, if it does. */
  readonly reason: string;
}

/**
 * Combinations and single models in order of preference. What comes first was chosen by errors on folds (or series) that its
 * weights have not seen; of each kind of combination there is the best one only.
 */
export function ensembleOptions(task: EnsembleTask): Option<EnsembleOption>[] {
  const members = task.members.filter(({ residuals }) => residuals.some(Number.isFinite));
  if (members.length === 0) return [baselines.seasonalNaive, baselines.naive].map(untested);
  const names = members.map(({ name }) => name);
  const sample = sampleOf(members, task.shape, task.fallback);
  const errors = memberErrors(sample);
  const alone = [...names.keys()]
    .filter((m) => Number.isFinite(errors[m]!))
    .sort((a, b) => errors[a]! - errors[b]!)
    .map(
      (m): JudgedEnsemble => ({
        weights: memberAlone(names, m),
        error: errors[m]!,
        judgedOn: 'the same residuals',
      }),
    );
  const safe = names.filter(isBaseline);
  const judged = members.length === 1 ? [] : judgeEnsembles(sample, task.shape.series, safe);
  const preferred = judged[0] ?? alone[0]!;
  const options = new Map<string, Option<EnsembleOption>>();
  const kinds = new Set<string>();
  for (const one of [...judged, ...alone]) {
    const { kind, action } = nameOf(one.weights);
    if (options.has(action) || (kind !== 'use' && kinds.has(kind))) continue;
    kinds.add(kind);
    options.set(action, {
      action,
      value: { weights: one.weights, error: one.error, reason: reasonFor(one) },
      whyNot: whyNot(one, preferred),
    });
  }
  return [...options.values()];
}

function untested(model: string): Option<EnsembleOption> {
  return {
    action: `use ${model}`,
    value: {
      weights: memberAlone([model], 0),
      error: Number.NaN,
      reason: 'nothing was judged, and it is the safest baseline',
    },
    whyNot: 'seasonal-naive knows the season',
  };
}

function nameOf(weights: EnsembleWeights): { kind: string; action: string } {
  const used = weightedMembers(weights);
  if (used.length === 1) return { kind: 'use', action: `use ${used[0]!}` };
  const kind =
    weights.perSeries === undefined
      ? { average: 'average', median: 'median of', 'trimmed-mean': 'trimmed mean of' }[weights.rule]
      : `${weights.rule} per series`;
  return { kind, action: `${kind} ${used.join('+')}` };
}

function reasonFor({ error, judgedOn, weights }: JudgedEnsemble): string {
  return `its error is ${error.toFixed(4)} of the series' scale (${weights.method}, judged on ${judgedOn})`;
}

function whyNot({ error, judgedOn }: JudgedEnsemble, preferred: JudgedEnsemble): string {
  const said = `its error on ${judgedOn} is ${error.toFixed(4)} of the series' scale`;
  const loss = error / preferred.error - 1;
  return loss >= 0
    ? `${said}, against ${preferred.error.toFixed(4)}`
    : `${said}, only ${(-loss * 100).toFixed(2)} % less than what is simpler or judged more strictly`;
}

/**
 * Says which of the `judged` models would have had a lower validation error than what is `served`, had it been among the
 * `allowed` ones; empty if none.
 */
export function betterLeftOut(
  judged: readonly Member[],
  allowed: readonly Member[],
  served: Pick<EnsembleOption, 'error'>,
  shape: ResidualShape,
): string {
  const others = judged.filter(({ name }) => !allowed.some((member) => member.name === name));
  if (others.length === 0) return '';
  const errors = memberErrors(sampleOf(others, shape));
  const [best] = others
    .map(({ name }, m) => ({ name, gain: 1 - errors[m]! / served.error }))
    .sort((a, b) => b.gain - a.gain);
  if (best === undefined || !(best.gain > 0)) return '';
  return `; ${best.name} errs ${(best.gain * 100).toFixed(0)} % less there, but is not among the models that the request names`;
}
