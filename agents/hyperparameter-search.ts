/** Hyper-parameter search: which configuration of which model deserves the budget. */
import type { Hyperparameters } from '../models/model.ts';
import type { Evidence } from '../state/decision.ts';
import type { StudySummary } from '../state/run-state.ts';
import { defineAgent } from './agent.ts';
import { select } from './choice.ts';
import { foldPlanOf, learningModels, portfolioOf } from './plan.ts';

const nothingFound = { action: 'keep no configuration', value: null, whyNot: 'a trial succeeded' };

/** Share of the remaining time that a search may use. */
const shareOfTime = 0.4;

export const hyperparameterSearch = defineAgent({
  name: 'hyperparameter-search',
  decides: 'which configuration of which model deserves the budget',
  reads: ['request', 'panel', 'features', 'portfolio'],
  writes: ['study'],
  async run({ request, panel: summary, features, portfolio }, services, context) {
    const panel = await services.panels.get(summary!.uri, features!.calendar);
    const plan = foldPlanOf(panel, request.horizon);
    const allowed = learningModels(portfolioOf({ portfolio }));
    const startMs = context.remainingMs();
    const budgetMs = startMs * shareOfTime;
    let trialMs = 0;
    const best: StudySummary['best'] = [];
    const failures: Record<string, string> = {};
    let trials = 0;
    let failed = 0;
    for (const [index, model] of allowed.entries()) {
      const spentMs = startMs - context.remainingMs();
      // The first trial of a model takes place however long it is, and would take the time for training.
      if (trials > 0 && spentMs + trialMs > budgetMs) {
        failures[model.name] = 'the time for the search is spent';
        continue;
      }
      const share = Math.max(1, Math.floor(request.trials / allowed.length));
      const outcome = await services.tuning.search({
        study: `${context.idempotencyKey}/${model.name}`,
        model,
        panel,
        plan,
        season: features!.season,
        seasons: features!.seasons,
        recipe: features!.recipe,
        trials: share + (index < request.trials % allowed.length && share > 1 ? 1 : 0),
        seed: request.seed,
        deadlineMs: budgetMs / allowed.length,
        signal: context.signal,
        emit: context.emit,
      });
      trials += outcome.trials;
      failed += outcome.failed;
      trialMs = (startMs - context.remainingMs()) / trials;
      if (outcome.failure !== null) failures[model.name] = outcome.failure;
      if (outcome.best !== null) best.push({ forecaster: model.name, ...outcome.best });
    }
    best.sort((a, b) => a.score - b.score);
    const options = best.map((entry) => ({
      action: `prefer ${entry.forecaster}`,
      value: entry,
      whyNot: `validation MASE ${entry.score.toFixed(3)} is higher`,
    }));
    const { chosen, alternatives } = select(
      'hyperparameter-search',
      options.length > 0 ? options : [nothingFound],
      context.choice,
    );
    const winner = chosen.value;
    return {
      update: {
        study: {
          id: context.idempotencyKey,
          featuresVersion: features!.version,
          trials,
          failed,
          best: winner === null || context.choice === null ? best : [winner],
        },
      },
      decision: {
        action: chosen.action,
        reason: found(winner, trials, request.seed) + unusable(failures, best),
        evidence: { trials, failed, ...evidenceOf(best, winner) },
        alternatives,
      },
    };
  },
});

type Found = StudySummary['best'][number];

const found = (winner: Found | null, trials: number, seed: number): string =>
  winner === null
    ? `none of ${trials} trials gave a usable configuration`
    : `validation MASE ${winner.score.toFixed(3)} is the lowest of ${trials} trials (seed ${seed})`;

function evidenceOf(best: readonly Found[], winner: Found | null): Evidence {
  return {
    ...(winner !== null && { configuration: describe(winner.hyperparameters, winner.settings) }),
    scores: Object.fromEntries(best.map((entry) => [entry.forecaster, entry.score])),
  };
}

/** Which models have no usable configuration, and why. */
function unusable(failures: Record<string, string>, best: readonly Found[]): string {
  return Object.entries(failures)
    .filter(([name]) => best.every(({ forecaster }) => forecaster !== name))
    .map(([name, failure]) => `; ${name} was not used: ${failure}`)
    .join('');
}

function describe(hyperparameters: Hyperparameters, settings: Hyperparameters): string {
  return Object.entries({ ...settings, ...hyperparameters })
    .map(
      ([name, value]) =>
        `${name} ${typeof value === 'number' ? Number(value.toPrecision(3)) : value}`,
    )
    .join(', ');
}
