/** Classification: several classifiers of what comes next, judged alike beside the naive ones, and the best one's answer. */
import type { Hyperparameters, TabularModel } from '../../models/model.ts';
import { futureTimes } from '../../series/frequency.ts';
import { type Panel, seriesLength, seriesTimes } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';
import { defaultTabularSettings, featurePlanOf } from '../tabular/settings.ts';
import { naiveClassifiers } from './classifiers.ts';
import type { JudgedClassifier, JudgementOrder } from './judgement.ts';
import { classNames, type LabelPlan } from './labels.ts';
import type { SplitPlan } from './splits.ts';

/** What is learned of which panel. */
export interface ClassificationTask extends SplitPlan {
  readonly panel: Panel;
  readonly label: LabelPlan;
  /** Those of them that cannot learn classes are a programmer's error. */
  readonly models: readonly TabularModel[];
  /** What differs from a model's own defaults, by its name. */
  readonly hyperparameters?: Readonly<Record<string, Hyperparameters>>;
  /** Season length in steps, 1 if none. */
  readonly season: number;
  /** All season lengths; `season` alone if left out. */
  readonly seasons?: readonly number[];
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** Told of each classifier that has been judged. */
  readonly onJudged?: (progress: { model: string; done: number; total: number }) => void;
}

/** What the best classifier says of the latest origin of one series. */
export interface LatestClass {
  readonly series: string;
  /** Times of the last known value and of the last step that the class is about. */
  readonly time: number;
  readonly until: number;
  readonly predicted: string;
  /** [classes]. */
  readonly probabilities: readonly number[];
}

/** What the classifiers are worth. */
export interface Classification {
  readonly classes: readonly string[];
  /** Least pooled log loss first, the naive ones among them. */
  readonly models: readonly JudgedClassifier[];
  /** The first of them. */
  readonly best: string;
  /** Names of the table models that are better than always saying the most frequent class. */
  readonly better: { readonly accuracy: readonly string[]; readonly logLoss: readonly string[] };
  readonly latest: readonly LatestClass[];
}

/** Classifies what comes next in the series of a panel. */
export interface ClassificationService {
  /**
   * Same task, same result but for the time it took. Rejects with the signal's reason when it aborts.
   * Errors: LABEL_ONE_CLASS, CLASSIFICATION_TOO_SHORT, TABLE_INVALID.
   */
  classify(task: ClassificationTask): Promise<Classification>;
}

/** Judges one classifier; away from the event loop, where that is possible. */
export type Judge = (order: JudgementOrder, signal?: AbortSignal) => Promise<JudgedClassifier>;

/** Most labelled rows that are learned from and judged on. */
const maximumRows = 50_000;

/** Classification by `judge`. */
export function createClassification({ judge }: { judge: Judge }): ClassificationService {
  return {
    async classify(task) {
      const { models, signal, onJudged } = task;
      assert(
        models.every(({ targets }) => targets.includes('class')),
        'the models learn classes',
      );
      const orders = [
        ...naiveClassifiers.map((name) => orderOf(task, name)),
        ...models.map((model) => orderOf(task, model.name, model)),
      ];
      let done = 0;
      const judged = await Promise.all(
        orders.map(async (order) => {
          const found = await judge(order, signal);
          onJudged?.({ model: order.name, done: ++done, total: orders.length });
          return found;
        }),
      );
      return summarise(task, judged);
    },
  };
}

function orderOf(task: ClassificationTask, name: string, model?: TabularModel): JudgementOrder {
  const { panel, label, folds, validation, season, seasons, seed, hyperparameters = {} } = task;
  const settings = defaultTabularSettings({
    horizon: label.horizon,
    season,
    ...(seasons && { seasons }),
    family: model?.family ?? 'trees',
  });
  return {
    panel,
    label,
    folds,
    validation,
    season,
    seed,
    maximumRows,
    name,
    features: featurePlanOf(settings, panel, false),
    hyperparameters: model?.hyperparameters.parse(hyperparameters[name] ?? {}) ?? {},
  };
}

function summarise(
  { panel, label }: ClassificationTask,
  judged: readonly JudgedClassifier[],
): Classification {
  const ranked = judged.toSorted((a, b) => a.pooled.logLoss - b.pooled.logLoss);
  const majority = judged.find(({ name }) => name === naiveClassifiers[0]);
  assert(majority, 'the most frequent class is among the classifiers');
  const naive: readonly string[] = naiveClassifiers;
  const betterBy = (gain: (pooled: JudgedClassifier['pooled']) => number): string[] =>
    ranked
      .filter(({ name, pooled }) => !naive.includes(name) && gain(pooled) > 0)
      .map(({ name }) => name);
  const classes = classNames(label);
  const [best] = ranked;
  return {
    classes,
    models: ranked,
    best: best!.name,
    better: {
      accuracy: betterBy(({ accuracy }) => accuracy - majority.pooled.accuracy),
      logLoss: betterBy(({ logLoss }) => majority.pooled.logLoss - logLoss),
    },
    latest: latestOf(panel, label.horizon, classes, best!.latest),
  };
}

function latestOf(
  panel: Panel,
  horizon: number,
  classes: readonly string[],
  { predicted, probabilities }: JudgedClassifier['latest'],
): LatestClass[] {
  const present = panel.ids.map((_, i) => i).filter((i) => seriesLength(panel, i) > 0);
  return present.map((series, row) => {
    const time = seriesTimes(panel, series).at(-1)!;
    const own = probabilities.subarray(row * classes.length, (row + 1) * classes.length);
    return {
      series: panel.ids[series]!,
      time,
      until: futureTimes(time, panel.frequency, horizon).at(-1)!,
      predicted: classes[predicted[row]!]!,
      probabilities: [...own],
    };
  });
}
