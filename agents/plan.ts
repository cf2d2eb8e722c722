/** What all agents agree on without asking each other: the folds of a run and the models it may use. */
import { findLearningModel, isLearning, isLocal, models } from '../models/index.ts';
import type { LearningModel, LocalModel, NeuralModel } from '../models/model.ts';
import { planFolds, type FoldPlan } from '../series/folds.ts';
import { defaultSeason, type Frequency } from '../series/frequency.ts';
import { seriesLength, seriesValues, type Panel } from '../series/panel.ts';
import { modelsOfPreset } from './presets.ts';
import { applyRecipe, recipeOffset } from '../series/recipe.ts';
import type { RunRequest } from '../state/request.ts';
import type { Candidate, FeaturePlan, PanelSummary, Recipe, RunState } from '../state/run-state.ts';

/** Shortest look-back that a network is worth training with, in steps. */
export function shortestLookBack(panel: Panel, horizon: number): number {
  return Math.max(4, Math.min(2 * horizon, defaultSeason(panel.frequency)));
}

/** Observations that a model fitted to one series can be judged after. */
const leastHistory = 4;

/**
 * The rolling origins of a run: a function of the panel and the horizon alone, so every agent sees the same ones. Where the
 * series are too short for a network to be judged, they suit models that are fitted to each series.
 */
export function foldPlanOf(panel: Panel, horizon: number): FoldPlan {
  const lengths = panel.ids.map((_, i) => seriesLength(panel, i));
  const plan = planFolds(lengths, horizon, shortestLookBack(panel, horizon) + horizon);
  return plan.folds.length > 0 ? plan : planFolds(lengths, horizon, leastHistory);
}

/** Series that have a window to learn from and are not constant where they may be read. */
export function countTrainable(
  panel: Panel,
  horizon: number,
  recipe: Recipe,
  season: number,
): number {
  const { trainStepsFromEnd } = foldPlanOf(panel, horizon);
  const needed = shortestLookBack(panel, horizon) + horizon + recipeOffset(recipe, season);
  const treated = applyRecipe(panel, recipe, season);
  let count = 0;
  for (let i = 0; i < panel.ids.length; i++) {
    if (seriesLength(panel, i) - trainStepsFromEnd < needed) continue;
    const readable = seriesValues(treated, i).subarray(
      0,
      seriesLength(treated, i) - trainStepsFromEnd,
    );
    if (readable.some((value) => value !== readable[0])) count += 1;
  }
  return count;
}

/** The seasons that were found, or the calendar's for models that test for a season themselves. */
export function seasonsToTry(found: readonly number[], frequency: Frequency): number[] {
  const ofCalendar = defaultSeason(frequency);
  return found.length === 0 && ofCalendar > 1 ? [ofCalendar] : [...found];
}

/** How many folds of each kind a plan has. */
export function foldCounts({ folds }: FoldPlan): { validationFolds: number; testFolds: number } {
  const validationFolds = folds.filter(({ kind }) => kind === 'validation').length;
  return { validationFolds, testFolds: folds.length - validationFolds };
}

/** The portfolio of a run; before it is chosen, nothing but the two baselines. */
export function portfolioOf({ portfolio }: Pick<RunState, 'portfolio'>): readonly string[] {
  return portfolio?.models ?? [baselines.naive, baselines.seasonalNaive];
}

/** The local models of a portfolio; the two naive baselines are always among them, to be compared with. */
export function localModels(portfolio: readonly string[]): readonly LocalModel[] {
  return models.filter(isLocal).filter(({ name }) => isBaseline(name) || portfolio.includes(name));
}

/** The networks of a portfolio. */
function neuralModels(portfolio: readonly string[]): readonly NeuralModel[] {
  return models.filter(
    (model): model is NeuralModel => model.family === 'neural' && portfolio.includes(model.name),
  );
}

/** The models of a portfolio that learn from all series. */
export function learningModels(portfolio: readonly string[]): readonly LearningModel[] {
  return models.filter(isLearning).filter(({ name }) => portfolio.includes(name));
}

/** How the target is treated for a model: table models scale every row by themselves. */
export function recipeFor(forecaster: string, { recipe }: Pick<FeaturePlan, 'recipe'>): Recipe {
  return findLearningModel(forecaster).family === 'neural' ? recipe : 'plain';
}

/** Networks that a request may come to use: those it names, or those of its preset, whatever they cost. */
export function consideredNetworks({
  models: named,
  preset,
}: Pick<RunRequest, 'models' | 'preset'>): readonly NeuralModel[] {
  return neuralModels(named ?? modelsOfPreset(preset));
}

/** The hierarchy of a run, and how its forecasts are made to add up. */
export function hierarchyOf({ reconcile = 'mint' }: RunRequest, { hierarchy }: PanelSummary) {
  return hierarchy === undefined ? undefined : { uri: hierarchy, method: reconcile };
}

/** The forecasts that everything else must beat. */
export const baselines = { naive: 'naive', seasonalNaive: 'seasonal-naive' } as const;

/** Whether a model is one of them. */
export function isBaseline(name: string): boolean {
  return name === baselines.naive || name === baselines.seasonalNaive;
}

/** The trained models of a run, and the champion unless the data has drifted away from it. */
export function usableCandidates(
  state: Pick<RunState, 'candidates' | 'champion' | 'drift'>,
): readonly Candidate[] {
  const { champion, drift, candidates } = state;
  return champion !== null && drift?.drifted === false ? [champion, ...candidates] : candidates;
}
