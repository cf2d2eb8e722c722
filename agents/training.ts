/** Training: which of the searched configurations are trained in full, and registered. */
import { defineAgent } from './agent.ts';
import { select } from './choice.ts';
import { foldPlanOf, recipeFor } from './plan.ts';
import { nameOf, timeForNext, trainingOptions } from './training-options.ts';
import { type Preset, registeredName } from '../state/request.ts';
import type { TrainerOutcome } from '../services/forecasting/trainer.ts';
import type { Candidate } from '../state/run-state.ts';

/** A configuration this much worse than the best is not trained in full; the longer a run may take, the more variety it gets. */
const tolerances: Readonly<Record<Preset, number>> = { fast: 1.25, balanced: 1.5, best: 2 };
/** Share of the remaining time that all trainings together may use. */
const shareOfTime = 0.6;
/** With less than this share of it left, nothing worth having can be trained. */
const tooLate = 0.05;

export const training = defineAgent({
  name: 'training',
  decides: 'which configurations are trained in full, and how',
  reads: ['request', 'panel', 'features', 'study', 'candidates'],
  writes: ['candidates'],
  async run({ request, panel: summary, features, study, candidates }, services, context) {
    const panel = await services.panels.get(summary!.uri, features!.calendar);
    const plan = foldPlanOf(panel, request.horizon);
    const { chosen, alternatives } = select(
      'training',
      trainingOptions(study!, tolerances[request.preset]),
      context.choice,
    );
    const startMs = context.remainingMs();
    const reservedMs = Number.isFinite(startMs) ? startMs * (1 - shareOfTime) : 0;
    const trained: Candidate[] = [];
    const evidence: Record<string, string> = {};
    const devices = new Set<string>();
    const wanted = chosen.value.map((configuration, index) => {
      const recipe = recipeFor(configuration.forecaster, features!);
      return { configuration, recipe, name: nameOf(chosen.value, index, recipe) };
    });
    const tasks = wanted.map(({ configuration, recipe, name }) => ({
      key: `${context.idempotencyKey}/${name}`,
      run: context.run,
      name: registeredName(request),
      configuration,
      panel,
      panelUri: summary!.uri,
      featuresUri: features!.uri,
      plan,
      season: features!.season,
      seasons: features!.seasons,
      recipe,
      seed: request.seed,
      signal: context.signal,
      emit: context.emit,
    }));
    const outcomes = await services.trainer.trainEach(tasks, (index) => {
      const leftMs = context.remainingMs() - reservedMs;
      const isLate = index > 0 && leftMs < (startMs - reservedMs) * tooLate;
      return isLate ? undefined : timeForNext(leftMs, tasks.length - index);
    });
    for (const [index, { configuration, recipe, name }] of wanted.entries()) {
      const made = outcomes[index];
      evidence[name] = made === undefined ? 'the time for training is spent' : told(made);
      if (made === undefined) continue;
      const { version, columns } = made;
      devices.add(made.device);
      trained.push({
        name,
        forecaster: configuration.forecaster,
        version,
        artifact: made.artifact,
        lookBack: made.lookBack,
        steps: made.bestStep,
        seconds: made.seconds,
        season: features!.season,
        recipe,
        featuresVersion: features!.version,
        ...(columns && { columns }),
      });
    }
    return {
      update: { candidates: [...candidates, ...trained] },
      decision: {
        action: chosen.action,
        reason: `from scratch ${[...devices].join(' and ')}: ${chosen.value.map((c, k) => `${nameOf(chosen.value, k, 'plain')} scored ${c.score.toFixed(3)}`).join(', ')} in the search`,
        evidence,
        alternatives,
      },
    };
  },
});

const told = ({ extent, seconds, validationLoss, version }: TrainerOutcome): string =>
  `${extent}, in ${seconds.toFixed(1)} s, validation loss ${validationLoss?.toPrecision(4) ?? 'none'}, registered as ${version.model}@${version.version}`;
