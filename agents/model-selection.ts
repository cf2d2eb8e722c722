/** Model selection: which models are worth their time on this data, by the preset that a request asks for. */
import { findModel, isLearning } from '../models/index.ts';
import { panelFacts } from '../series/panel-facts.ts';
import { type Preset, presets, type RunRequest } from '../state/request.ts';
import type { Portfolio } from '../state/run-state.ts';
import { defineAgent } from './agent.ts';
import { type Option, select } from './choice.ts';
import { foldPlanOf } from './plan.ts';
import { judgeModels, type Situation } from './presets.ts';

/** Share of the remaining time that the fits of one local model may be expected to take. */
const shareOfTime = 0.1;

export const modelSelection = defineAgent({
  name: 'model-selection',
  decides: 'which models are worth their time on this data',
  reads: ['request', 'panel', 'features'],
  writes: ['portfolio'],
  async run({ request, panel: summary, features }, services, context) {
    const panel = await services.panels.get(summary!.uri, features!.calendar);
    const plan = foldPlanOf(panel, request.horizon);
    const situation: Situation = {
      ...panelFacts(panel, plan.trainStepsFromEnd),
      horizon: request.horizon,
      season: features!.season,
      seasons: features!.seasons,
      trainable: features!.trainable,
      fits: plan.folds.length + 1,
      threads: services.config.threads,
    };
    const limit = (context.remainingMs() / 1000) * shareOfTime;
    const options = optionsFor(request, situation, limit);
    const { chosen, alternatives } = select('model-selection', options, context.choice);
    return {
      update: { portfolio: chosen.value },
      decision: {
        action: chosen.action,
        reason: reasonFor(request, chosen.value),
        evidence: {
          models: chosen.value.models,
          series: situation.series,
          medianLength: situation.medianLength,
          seasons: [...situation.seasons],
          intermittentShare: Math.round(situation.intermittent * 100) / 100,
          fitsPerSeries: situation.fits,
          threads: situation.threads,
        },
        alternatives,
      },
    };
  },
});

/** The named models, or the preset's; then what else could be done: the other presets, and each model that was left out. */
function optionsFor(request: RunRequest, situation: Situation, limit: number): Option<Portfolio>[] {
  const ofPreset = (preset: Preset): Option<Portfolio> => ({
    action: `use preset ${preset}`,
    value: portfolioOf(preset, judgeModels(preset, situation, limit).taken),
    whyNot: request.models === undefined ? `the request asks for ${request.preset}` : named,
  });
  if (request.models !== undefined) {
    const own: Option<Portfolio> = {
      action: 'use the named models',
      value: portfolioOf(null, request.models),
      whyNot: '',
    };
    return [own, ...presets.map(ofPreset)];
  }
  const { taken, leftOut } = judgeModels(request.preset, situation, limit);
  const additions = leftOut.map(({ model, whyNot }) => ({
    action: `add ${model}`,
    value: portfolioOf(request.preset, [...taken, model]),
    whyNot,
  }));
  const others = presets.filter((preset) => preset !== request.preset);
  return [ofPreset(request.preset), ...others.map(ofPreset), ...additions];
}

const isTrained = (name: string): boolean => isLearning(findModel(name));

function portfolioOf(preset: Preset | null, names: readonly string[]): Portfolio {
  return { preset, models: [...names], trained: names.filter(isTrained).length };
}

const named = 'the request names its models';

function reasonFor({ preset }: RunRequest, chosen: Portfolio): string {
  const list = chosen.models.join(', ');
  if (chosen.preset === null) return `the request names them: ${list}`;
  return chosen.preset === preset
    ? `for the preset ${preset} this data deserves ${list}`
    : `as chosen instead of ${preset}: ${list}`;
}
