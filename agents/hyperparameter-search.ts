/** Hyper-parameter search: which configuration of which model deserves the budget. */
import { type Preset, trialsOf } from '../state/request.ts';
import type { StudySummary } from '../state/run-state.ts';
import { defineAgent } from './agent.ts';
import { select } from './choice.ts';
import { foldPlanOf, learningModels, portfolioOf, recipeFor } from './plan.ts';
import { tableRows } from './presets.ts';
import { evidenceOf, found, leadersOf, preference, unusable } from './search-account.ts';

const nothingFound = { action: 'keep no configuration', value: null, whyNot: 'a trial succeeded' };

/** How many configurations of each model go on to training; more of them make a better average. */
const kept: Readonly<Record<Preset, number>> = { fast: 1, balanced: 3, best: 3 };

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
    const allowed = learningModels(portfolioOf({ portfolio })).filter(
      // Another treatment of the target changes nothing for table models.
      ({ family }) => family === 'neural' || features!.tried.length === 1,
    );
    const wanted = trialsOf(request);
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
      const share = Math.max(1, Math.floor(wanted / allowed.length));
      const outcome = await services.tuning.search({
        study: `${context.idempotencyKey}/${model.name}`,
        model,
        panel,
        plan,
        season: features!.season,
        seasons: features!.seasons,
        recipe: recipeFor(model.name, features!),
        trials: share + (index < wanted % allowed.length && share > 1 ? 1 : 0),
        keep: kept[request.preset],
        rows: tableRows(request.preset, startMs / 1000),
        seed: request.seed,
        deadlineMs: budgetMs / allowed.length,
        signal: context.signal,
        emit: context.emit,
      });
      trials += outcome.trials;
      failed += outcome.failed;
      trialMs = (startMs - context.remainingMs()) / trials;
      if (outcome.failure !== null) failures[model.name] = outcome.failure;
      best.push(...outcome.best.map((one) => ({ forecaster: model.name, ...one })));
    }
    best.sort((a, b) => a.score - b.score);
    const leaders = leadersOf(best);
    const { chosen, alternatives } = select(
      'hyperparameter-search',
      leaders.length > 0 ? leaders.map(preference) : [nothingFound],
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
        evidence: { trials, failed, ...evidenceOf(leaders, winner) },
        alternatives,
      },
    };
  },
});
