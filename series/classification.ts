/** Accuracy measures of classifiers: classes are the whole numbers from 0 on, a missing (NaN) actual class is left out. */
import { assert } from '../state/errors.ts';

type Values = ArrayLike<number>;

/** How often actual class i was predicted as class j: [actual][predicted]. */
export type ConfusionMatrix = readonly Float64Array[];

/** Counts the pairs of actual and predicted classes, all below `classes`. */
export function confusionMatrix(
  actual: Values,
  predicted: Values,
  classes: number,
): ConfusionMatrix {
  assert(actual.length === predicted.length, 'actual and predicted have one length');
  const matrix = Array.from({ length: classes }, () => new Float64Array(classes));
  for (let i = 0; i < actual.length; i++) {
    if (Number.isNaN(actual[i]!)) continue;
    const row = matrix[actual[i]!];
    const column = predicted[i]!;
    assert(row?.[column] !== undefined, `classes are whole numbers below ${classes}`);
    row[column] += 1;
  }
  return matrix;
}

/** Measures of one class against all others, or an average of them; a quotient by zero counts as 0. */
export interface ClassScore {
  /** Share of what was predicted as the class that is of it. */
  readonly precision: number;
  /** Share of what is of the class that was predicted as it. */
  readonly recall: number;
  /** Harmonic mean of both (van Rijsbergen 1979). */
  readonly f1: number;
  /** How many are of the class. */
  readonly support: number;
}

/** All that a classification is judged by at the class level. */
export interface ClassificationReport {
  readonly classes: readonly (ClassScore & { readonly name: string })[];
  /** Share of right predictions; NaN of none. */
  readonly accuracy: number;
  /** Mean recall of the classes that occur: 1 / classes by chance, however unequal their sizes; NaN of none. */
  readonly balancedAccuracy: number;
  /** Plain average over the classes that occur or were predicted. */
  readonly macro: ClassScore;
  /** Average over the classes weighted by their support. */
  readonly weighted: ClassScore;
  readonly confusion: ConfusionMatrix;
}

const shareOf = (part: number, whole: number): number => (whole > 0 ? part / whole : 0);

/** The report on classes 0, 1, ... called `names`. */
export function classificationReport(
  actual: Values,
  predicted: Values,
  names: readonly string[],
): ClassificationReport {
  const confusion = confusionMatrix(actual, predicted, names.length);
  const columnSum = (j: number): number => confusion.reduce((sum, row) => sum + row[j]!, 0);
  const classes = names.map((name, j) => {
    const right = confusion[j]![j]!;
    const support = confusion[j]!.reduce((sum, count) => sum + count, 0);
    const called = columnSum(j);
    const precision = shareOf(right, called);
    const recall = shareOf(right, support);
    return { name, precision, recall, f1: shareOf(2 * right, support + called), support, called };
  });
  const total = classes.reduce((sum, { support }) => sum + support, 0);
  const right = classes.reduce((sum, { recall, support }) => sum + recall * support, 0);
  const seen = classes.filter(({ support, called }) => support + called > 0);
  const occurring = classes.filter(({ support }) => support > 0);
  return {
    classes: classes.map(({ name, precision, recall, f1, support }) => ({
      name,
      precision,
      recall,
      f1,
      support,
    })),
    accuracy: right / total,
    balancedAccuracy: occurring.reduce((sum, { recall }) => sum + recall, 0) / occurring.length,
    macro: averageScores(seen, () => 1, total),
    weighted: averageScores(classes, ({ support }) => support, total),
    confusion,
  };
}

function averageScores(
  scores: readonly ClassScore[],
  weightOf: (score: ClassScore) => number,
  support: number,
): ClassScore {
  const weight = scores.reduce((sum, score) => sum + weightOf(score), 0);
  const average = (key: 'precision' | 'recall' | 'f1'): number =>
    shareOf(
      scores.reduce((sum, score) => sum + weightOf(score) * score[key], 0),
      weight,
    );
  return { precision: average('precision'), recall: average('recall'), f1: average('f1'), support };
}

const digits = 3;
const gap = '  ';

/** The report as lines of text in columns: classes, then accuracy, macro and weighted average. */
export function formatClassificationReport(report: ClassificationReport): string {
  const { classes, accuracy, macro, weighted } = report;
  const cells = (name: string, { precision, recall, f1, support }: ClassScore): string[] => [
    name,
    precision.toFixed(digits),
    recall.toFixed(digits),
    f1.toFixed(digits),
    String(support),
  ];
  const rows = [
    ['', 'precision', 'recall', 'f1', 'support'],
    ...classes.map((score) => cells(score.name, score)),
    ['accuracy', '', '', accuracy.toFixed(digits), String(macro.support)],
    cells('macro average', macro),
    cells('weighted average', weighted),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  return rows.map((row) => row.map(pad).join(gap).trimEnd()).join('\n');
}

/** Mean of `loss` over rows with an actual class; NaN of none. */
function meanOverRows(actual: Values, loss: (actual: number, row: number) => number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < actual.length; i++) {
    if (Number.isNaN(actual[i]!)) continue;
    sum += loss(actual[i]!, i);
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}

/**
 * Mean of -ln p(actual class) for `probabilities` [n, classes] row by row; a probability below 2.2e-16 counts as that, so
 * that one certain error does not make all the rest worthless.
 */
export function logLoss(actual: Values, probabilities: Values, classes: number): number {
  assert(probabilities.length === actual.length * classes, 'probabilities is [n, classes]');
  return meanOverRows(
    actual,
    (a, i) => -Math.log(Math.max(probabilities[i * classes + a]!, Number.EPSILON)),
  );
}

/**
 * Brier score: mean over rows of the sum over classes of (p - 1 if it is the actual class, else p)^2, 0..2 (Brier 1950). For
 * two classes it is twice the mean of (p - actual)^2 of the second class.
 */
export function brierScore(actual: Values, probabilities: Values, classes: number): number {
  assert(probabilities.length === actual.length * classes, 'probabilities is [n, classes]');
  return meanOverRows(actual, (a, i) => {
    let sum = 0;
    for (let j = 0; j < classes; j++) {
      sum += (probabilities[i * classes + j]! - (j === a ? 1 : 0)) ** 2;
    }
    return sum;
  });
}

/**
 * Area under the receiver operating characteristic: how often a member of class 1 has a greater score than one of class 0,
 * ties counting half (Hanley and McNeil 1982). NaN where one of both is missing.
 */
export function rocAuc(actual: Values, scores: Values): number {
  assert(actual.length === scores.length, 'actual and scores have one length');
  const order = Array.from({ length: actual.length }, (_, i) => i)
    .filter((i) => !Number.isNaN(actual[i]!))
    .sort((a, b) => scores[a]! - scores[b]!);
  let members = 0;
  let rankSum = 0;
  for (let from = 0; from < order.length; ) {
    const value = scores[order[from]!]!;
    let to = from + 1;
    while (to < order.length && scores[order[to]!] === value) to++;
    for (let place = from; place < to; place++) {
      if (actual[order[place]!]! !== 1) continue;
      members++;
      rankSum += (from + 1 + to) / 2;
    }
    from = to;
  }
  return (rankSum - (members * (members + 1)) / 2) / (members * (order.length - members));
}

/**
 * Unweighted mean of `rocAuc` of each class against all others, by its column of `probabilities` [n, classes] (Fawcett 2006,
 * section 9). NaN where a class is missing.
 */
export function rocAucOneVersusRest(
  actual: Values,
  probabilities: Values,
  classes: number,
): number {
  assert(probabilities.length === actual.length * classes, 'probabilities is [n, classes]');
  let sum = 0;
  for (let j = 0; j < classes; j++) {
    const isClass = Float64Array.from(actual, (a) => (Number.isNaN(a) ? a : Number(a === j)));
    const scores = Float64Array.from(actual, (_, i) => probabilities[i * classes + j]!);
    sum += rocAuc(isClass, scores);
  }
  return sum / classes;
}
