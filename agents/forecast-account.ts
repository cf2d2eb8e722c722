/** Forecast account: what the decision of a forecast says, its reason and its evidence. */
import type { FoldPlan } from '../series/folds.ts';
import type { ForecastMade } from '../services/forecasting/forecaster.ts';
import type { Evidence } from '../state/decision.ts';
import type { Candidate, ForecastSummary } from '../state/run-state.ts';
import type { EnsembleOption } from './ensemble-options.ts';
import { foldCounts } from './plan.ts';

/** What the forecast rests on. */
export function evidenceOf(
  weights: ForecastSummary['weights'],
  made: ForecastMade,
  refitted: readonly Candidate[],
): Evidence {
  const test = made.scores.find((score) => score.kind === 'test');
  const { leftOut, fallbacks } = made;
  return {
    weights: Object.fromEntries(
      weights.map(({ model, weight }) => [model, Math.round(weight * 1000) / 1000]),
    ),
    intervals: `conformal, ${made.intervals}, from ${made.residualsUsed} residuals`,
    testMase: test?.mase ?? null,
    testCoverage80: test?.coverage80 ?? null,
    testCoverage95: test?.coverage95 ?? null,
    ...(refitted.length > 0 && { refitted: refitted.map(({ name }) => name) }),
    ...(leftOut.length > 0 && {
      implausible: Object.fromEntries(leftOut.map(({ model, series }) => [model, series])),
    }),
    ...reconciliationEvidence(made),
    fallbackSeries: fallbacks.reduce((sum, fallback) => sum + fallback.series, 0),
  };
}

/** How the forecasts of a hierarchy were made to add up, and how far they were from it. */
function reconciliationEvidence({ reconciliation: made }: ForecastMade): Evidence {
  if (made === undefined) return {};
  const { method, shrinkage, aggregates, largestIncoherence: largest } = made;
  const rounded = (share: number): number => Math.round(share * 10_000) / 10_000;
  return {
    reconciliation: method,
    ...(shrinkage !== undefined && { shrinkage: rounded(shrinkage) }),
    sums: aggregates,
    largestIncoherence: largest && { [largest.id]: rounded(largest.share) },
  };
}

/** Why it is made of these models. */
export function reasonFor(
  plan: FoldPlan,
  members: number,
  used: number,
  { reason, weights }: EnsembleOption,
): string {
  if (foldCounts(plan).validationFolds === 0) {
    return 'there is no validation fold, so the safest baseline is used';
  }
  if (members === 0) {
    return 'none of the models that the request names was trained and judged, so the safest baseline is used';
  }
  if (members === 1) return 'it is the only model that this run may use';
  if (weights.method === 'baseline') return `nothing is clearly better than it; ${reason}`;
  return used > 1 ? reason : `no combination of models is clearly better; ${reason}`;
}
