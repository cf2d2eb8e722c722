/** Judgement: one classifier learned and judged on every split, then learned from all rows; synchronous, for a worker. */
import type { Hyperparameters, TabularModel } from '../../models/model.ts';
import {
  brierScore,
  type ClassificationReport,
  classificationReport,
  logLoss,
  rocAuc,
  rocAucOneVersusRest,
} from '../../series/classification.ts';
import type { FeaturePlan } from '../../series/features/feature-plan.ts';
import { type Panel, seriesLength } from '../../series/panel.ts';
import { fail } from '../../state/errors.ts';
import {
  type Classifier,
  majorityClassifier,
  modelClassifier,
  naiveClassifiers,
  repeatClassifier,
} from './classifiers.ts';
import { collectExamples, type Examples } from './examples.ts';
import { classNames, type LabelPlan } from './labels.ts';
import { type SplitPlan, splitRows } from './splits.ts';

/** What is judged, as plain data that a worker thread can be sent. */
export interface JudgementOrder extends SplitPlan {
  readonly panel: Panel;
  readonly label: LabelPlan;
  readonly features: FeaturePlan;
  readonly season: number;
  readonly maximumRows: number;
  /** A naive classifier or the name of a table model. */
  readonly name: string;
  readonly hyperparameters: Hyperparameters;
  readonly seed: number;
}

/** How a classifier did on some rows. */
export interface ClassScores extends Omit<ClassificationReport, 'confusion'> {
  readonly rows: number;
  /** [actual][predicted]. */
  readonly confusion: readonly (readonly number[])[];
  readonly logLoss: number;
  readonly brier: number;
  /** Of the second class of two; of more, the mean of each against all others. NaN where a class is missing. */
  readonly rocAuc: number;
}

/** Scores on one test block. */
export interface FoldScores extends ClassScores {
  /** How many rows were learned from. */
  readonly trainingRows: number;
  /** When the first and the last label of the block begin. */
  readonly from: number;
  readonly to: number;
}

/** A judged classifier. */
export interface JudgedClassifier {
  readonly name: string;
  readonly folds: readonly FoldScores[];
  /** Over the rows of all test blocks together. */
  readonly pooled: ClassScores;
  /** Of the latest origin of each series that has values: [series * classes]. */
  readonly latest: { readonly probabilities: Float64Array; readonly predicted: Float64Array };
  /** Shares of the columns in what the log loss of the last test block rises by when one of them is shuffled. */
  readonly importance: Readonly<Record<string, number>>;
  /** Rows with a class. */
  readonly rows: number;
  readonly seconds: number;
}

/** Fewest rows that a classifier learns from. */
const fewestRows = 20;

/** @throws LABEL_ONE_CLASS, CLASSIFICATION_TOO_SHORT; errors of the model. `now` counts milliseconds. */
export function judgeClassifier(
  order: JudgementOrder,
  find: (name: string) => TabularModel,
  now: () => number,
): JudgedClassifier {
  const begin = now();
  const examples = collectExamples(order.panel, order);
  const names = classNames(order.label);
  checkClasses(order, examples, names);
  const splits = splitRows(examples, order);
  if (splits.some(({ training, test }) => training.length < fewestRows || test.length === 0)) {
    failTooShort(order, examples);
  }
  const classifier = classifierOf(order, examples, names.length, find);
  let importance: JudgedClassifier['importance'] = {};
  const parts = splits.map(({ training, test }, k) => {
    const learned = classifier(training);
    if (k === splits.length - 1) importance = learned.importance(test);
    return { training, test, ...learned.forecast(test) };
  });
  const actualOf = (rows: Uint32Array): Float64Array =>
    Float64Array.from(rows, (r) => examples.target[r]!);
  const startOf = (r: number | undefined): number => examples.starts[r!]!;
  const folds = parts.map(({ training, test, predicted, probabilities }): FoldScores => {
    const inOrder = test.toSorted((a, b) => startOf(a) - startOf(b));
    return {
      trainingRows: training.length,
      from: startOf(inOrder[0]),
      to: startOf(inOrder.at(-1)),
      ...scoresOf(actualOf(test), predicted, probabilities, names),
    };
  });
  const pooled = scoresOf(
    joined(parts.map(({ test }) => actualOf(test))),
    joined(parts.map(({ predicted }) => predicted)),
    joined(parts.map(({ probabilities }) => probabilities)),
    names,
  );
  const all = Uint32Array.from({ length: examples.labelled }, (_, r) => r);
  const learned = classifier(all);
  const open = Uint32Array.from(
    { length: examples.table.rows - examples.labelled },
    (_, k) => examples.labelled + k,
  );
  return {
    name: order.name,
    folds,
    pooled,
    latest: learned.forecast(open),
    importance,
    rows: examples.labelled,
    seconds: (now() - begin) / 1000,
  };
}

function classifierOf(
  { name, hyperparameters, seed }: JudgementOrder,
  examples: Examples,
  classes: number,
  find: (name: string) => TabularModel,
): Classifier {
  const [majority, repeat] = naiveClassifiers;
  if (name === majority) return majorityClassifier(examples, classes);
  if (name === repeat) return repeatClassifier(examples, classes);
  return modelClassifier(examples, classes, find(name), hyperparameters, seed);
}

function scoresOf(
  actual: Float64Array,
  predicted: Float64Array,
  probabilities: Float64Array,
  names: readonly string[],
): ClassScores {
  const classes = names.length;
  const { confusion, ...report } = classificationReport(actual, predicted, names);
  const second = predicted.map((_, r) => probabilities[r * classes + 1]!);
  return {
    ...report,
    rows: actual.length,
    confusion: confusion.map((row) => [...row]),
    logLoss: logLoss(actual, probabilities, classes),
    brier: brierScore(actual, probabilities, classes),
    rocAuc:
      classes === 2 ? rocAuc(actual, second) : rocAucOneVersusRest(actual, probabilities, classes),
  };
}

function checkClasses(
  { label }: JudgementOrder,
  { target }: Examples,
  names: readonly string[],
): void {
  if (new Set(target).size !== 1) return;
  fail('LABEL_ONE_CLASS', {
    label: label.kind,
    found: names[target[0]!]!,
    rows: target.length,
  });
}

function failTooShort({ panel, folds, label }: JudgementOrder, { labelled }: Examples): never {
  const got = panel.ids.reduce((most, _, i) => Math.max(most, seriesLength(panel, i)), 0);
  return fail('CLASSIFICATION_TOO_SHORT', { folds, horizon: label.horizon, rows: labelled, got });
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
