/** Learning: trains a table model on the rows of a panel, one fit for each block of steps; synchronous, for a worker. */
import type { Hyperparameters, TabularFit, TabularModel, TabularTask } from '../../models/model.ts';
import {
  buildFeatureTable,
  type FeatureTable,
  type RowSet,
  targetsOf,
} from '../../series/features/feature-table.ts';
import type { FeaturePlan } from '../../series/features/feature-plan.ts';
import type { FoldPlan } from '../../series/folds.ts';
import { type Panel, seriesLength } from '../../series/panel.ts';
import { fail } from '../../state/errors.ts';
import { createRandom } from '../../tensor/random.ts';
import { encodeForecaster, type StoredBlock } from './container.ts';
import { chooseRows, type RowRange } from './row-choice.ts';
import { featurePlanOf, type TabularSettings } from './settings.ts';
import { keepRows } from './table-rows.ts';

/** What is trained on what; all but the model is plain data. */
export interface LearningTask {
  readonly model: TabularModel;
  readonly hyperparameters: Hyperparameters;
  readonly settings: TabularSettings;
  readonly panel: Panel;
  readonly horizon: number;
  readonly plan: FoldPlan;
  readonly seed: number;
}

/** When learning ends early. */
export interface LearningLimits {
  /** Milliseconds since some moment. */
  readonly now: () => number;
  readonly maxMs?: number;
  /** Whether nobody waits for the result any more. */
  readonly cancelled?: () => boolean;
}

/** A trained forecaster and how its training went. */
export interface LearnedForecaster {
  /** Self-contained; what a forecast takes. */
  readonly bytes: Uint8Array;
  readonly seconds: number;
  /** How many rows were learned from. */
  readonly rows: number;
  /** Mean absolute error on the held-out rows, in normalised units; null if none were held out. */
  readonly validationLoss: number | null;
  /** How much each column contributes, adding up to 1 (or all 0). */
  readonly importance: Record<string, number>;
}

/** Rows and targets that a model learns from, or is checked on. */
interface Part {
  readonly features: FeatureTable;
  readonly target: Float64Array;
  readonly weights?: Float64Array;
}

/** Rows of a validation against those of the training. */
const validationRows = 0.25;

/**
 * Trains on [0, n - plan.trainStepsFromEnd) of each series of n observations; null if it was cancelled.
 * @throws SERIES_TOO_SHORT if there is no row to learn from; errors of the model.
 */
export function trainTabular(task: LearningTask, limits: LearningLimits): LearnedForecaster | null {
  const start = limits.now();
  const blocks = blocksOf(task);
  const learned: (StoredBlock & { importance: TabularFit['importance'] })[] = [];
  const loss = { sum: 0, weight: 0 };
  let rows = 0;
  for (const [k, { from, to }] of blocks.entries()) {
    if (limits.cancelled?.()) return null;
    const plan = featurePlanOf(task.settings, task.panel, from < to);
    const { training, validation } = partsOf(task, plan, { from, to });
    if (training.target.length === 0) failTooShort(task);
    const bounds = boundsOf(training.target, task.settings.tails);
    clip(training.target, bounds);
    if (validation) clip(validation.target, bounds);
    const end = start + ((limits.maxMs ?? Number.POSITIVE_INFINITY) * (k + 1)) / blocks.length;
    const fit = task.model.fit(
      {
        ...taskOf(training),
        ...(validation && { validation: taskOf(validation) }),
        seed: task.seed,
        shouldStop: () => limits.now() > end || limits.cancelled?.() === true,
      },
      task.hyperparameters,
    );
    learned.push({
      from,
      to,
      plan,
      ...withRoom(bounds),
      fit: fit.encode(),
      importance: fit.importance,
    });
    rows += training.target.length;
    if (validation) addLoss(loss, fit, validation);
  }
  if (limits.cancelled?.()) return null;
  return {
    bytes: encodeForecaster({
      model: task.model.name,
      hyperparameters: task.hyperparameters,
      settings: task.settings,
      horizon: task.horizon,
      blocks: learned.map(({ importance: _importance, ...block }) => block),
    }),
    seconds: (limits.now() - start) / 1000,
    rows,
    validationLoss: loss.weight > 0 ? loss.sum / loss.weight : null,
    importance: meanImportance(learned.map(({ importance }) => importance)),
  };
}

/**
 * Which steps each fit serves, after Taieb, Bontempi, Atiya, Sorjamaa (2012), "A review and comparison of strategies for
 * multi-step ahead time series forecasting", Expert Systems with Applications 39: one step (recursive), blocks of them
 * (direct), all of them (several outputs of one model, which is told the step).
 */
function blocksOf({ settings, horizon }: LearningTask): { from: number; to: number }[] {
  if (settings.strategy === 'recursive') return [{ from: 1, to: 1 }];
  const width = settings.strategy === 'direct' ? Math.min(settings.blockSteps, horizon) : horizon;
  return Array.from({ length: Math.ceil(horizon / width) }, (_, k) => ({
    from: k * width + 1,
    to: Math.min(horizon, (k + 1) * width),
  }));
}

/** The rows of one block, and those held out by time: whose targets lie at the end of the training part. */
function partsOf(
  task: LearningTask,
  plan: FeaturePlan,
  steps: RowRange['steps'],
): { training: Part; validation: Part | undefined } {
  const { settings, horizon, panel, seed } = task;
  const usable = (length: number): number => Math.max(0, length - task.plan.trainStepsFromEnd);
  const heldOut = (length: number): number =>
    Math.floor(Math.min(horizon, settings.validationShare * usable(length)));
  const firstOrigin = (length: number): number =>
    Math.max(1, Math.min(2 * settings.season, Math.floor(usable(length) / 3)));
  const partOf = (name: string, targets: RowRange['targets'], most: number): Part => {
    const random = createRandom(seed, 'rows', name, steps.from);
    const rows = chooseRows(panel, { targets, firstOrigin, steps }, most, random);
    return measuredRows(panel, plan, rows, settings);
  };
  const training = partOf(
    'training',
    (length) => ({ from: 0, to: usable(length) - heldOut(length) }),
    settings.maximumRows,
  );
  const validation = partOf(
    'validation',
    (length) => ({ from: usable(length) - heldOut(length), to: usable(length) }),
    Math.ceil(validationRows * settings.maximumRows),
  );
  return { training, validation: validation.target.length > 0 ? validation : undefined };
}

/** The table of `rows` without those whose target is unknown. */
function measuredRows(
  panel: Panel,
  plan: FeaturePlan,
  rows: RowSet,
  { rowWeights }: TabularSettings,
): Part {
  const features = buildFeatureTable({ panel }, plan, rows);
  const target = targetsOf(panel, rows, features);
  const kept = keepRows(features, target, rows.series);
  return {
    features: kept.features,
    target: kept.target,
    ...(rowWeights === 'series' && { weights: seriesWeights(kept.series, panel.ids.length) }),
  };
}

/** Weights by which all series that have rows count the same, 1 on average. */
function seriesWeights(series: Uint32Array, count: number): Float64Array {
  const rows = new Float64Array(count);
  for (const index of series) rows[index]!++;
  const present = rows.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0);
  return Float64Array.from(series, (index) => series.length / (present * rows[index]!));
}

function taskOf({
  features,
  target,
  weights,
}: Part): Pick<TabularTask, 'table' | 'target' | 'weights'> {
  return { table: features.table, target, ...(weights && { weights }) };
}

/** Least and greatest value. */
interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** Where the share `tails` of the values lies beyond, at either end. */
function boundsOf(target: Float64Array, tails: number): Bounds {
  const sorted = target.toSorted();
  const at = Math.floor(tails * sorted.length);
  return { least: sorted[at]!, most: sorted[sorted.length - 1 - at]! };
}

function clip(target: Float64Array, { least, most }: Bounds): void {
  for (let r = 0; r < target.length; r++) {
    target[r] = Math.min(Math.max(target[r]!, least), most);
  }
}

/** Predictions may leave the range of the targets by half its width: further no model has anything to go by. */
function withRoom({ least, most }: Bounds): Bounds {
  const room = most / 2 - least / 2;
  return { least: least - room, most: most + room };
}

function addLoss(
  loss: { sum: number; weight: number },
  fit: TabularFit,
  { features, target, weights }: Part,
): void {
  const predicted = fit.predict(features.table);
  for (let r = 0; r < target.length; r++) {
    const weight = weights?.[r] ?? 1;
    loss.sum += weight * Math.abs(target[r]! - predicted[r]!);
    loss.weight += weight;
  }
}

/** Mean over the fits of the first kind of importance that the model knows. */
function meanImportance(all: readonly TabularFit['importance'][]): Record<string, number> {
  const mean: Record<string, number> = {};
  for (const importance of all) {
    const [first = {}] = Object.values(importance);
    for (const [name, share] of Object.entries(first)) {
      mean[name] = (mean[name] ?? 0) + share / all.length;
    }
  }
  return mean;
}

function failTooShort({ model, panel, plan }: LearningTask): never {
  const lengths = panel.ids.map((_, i) =>
    Math.max(0, seriesLength(panel, i) - plan.trainStepsFromEnd),
  );
  return fail('SERIES_TOO_SHORT', {
    what: `Training of ${model.name}`,
    needed: 2,
    got: lengths.reduce((a, b) => Math.max(a, b), 0),
  });
}
