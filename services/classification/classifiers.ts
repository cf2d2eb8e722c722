/** Classifiers: table models that learn classes, and the two naive ones that any of them has to beat. */
import { permutationImportance } from '../../models/boosting/permutation-importance.ts';
import type { Hyperparameters, TabularFit, TabularModel } from '../../models/model.ts';
import { logLoss } from '../../series/classification.ts';
import { evenlySpaced } from '../../series/sampling.ts';
import { createTable, type Table } from '../../series/table.ts';
import type { Examples } from './examples.ts';
import { holdOutLatest } from './splits.ts';

/** What a classifier says of rows. */
export interface ClassForecast {
  /** [rows]. */
  readonly predicted: Float64Array;
  /** [rows * classes], each row adding up to 1. */
  readonly probabilities: Float64Array;
}

/** A classifier that has learned. */
export interface LearnedClassifier {
  /** Of the rows of the examples at `rows`. */
  forecast(rows: Uint32Array): ClassForecast;
  /**
   * How much the log loss on the rows at `rows` rises where a column is shuffled, by column, as shares that add up to 1; nothing
   * for the naive ones and for columns that do not help.
   */
  importance(rows: Uint32Array): Readonly<Record<string, number>>;
}

/** Learns from the rows at `training`, and from no other. */
export type Classifier = (training: Uint32Array) => LearnedClassifier;

/** Names of the classifiers that look at classes alone, in the order in which they are listed. */
export const naiveClassifiers = ['majority', 'repeat-last'] as const;
export type NaiveClassifier = (typeof naiveClassifiers)[number];

/** Always the most frequent class; its probabilities are the shares of the classes. */
export function majorityClassifier({ target }: Examples, classes: number): Classifier {
  return (training) => {
    const shares = classShares(target, training, classes);
    return {
      importance: () => ({}),
      forecast: (rows) => ({
        predicted: new Float64Array(rows.length).fill(greatestOf(shares)),
        probabilities: Float64Array.from(
          { length: rows.length * classes },
          (_, i) => shares[i % classes]!,
        ),
      }),
    };
  };
}

/**
 * The latest known class again, the most frequent one where there is none; its probabilities are the shares of the classes
 * that followed that class.
 */
export function repeatClassifier({ target, previous }: Examples, classes: number): Classifier {
  return (training) => {
    const all = classShares(target, training, classes);
    const following = Array.from({ length: classes }, (_, last) =>
      classShares(
        target,
        training.filter((r) => previous[r] === last),
        classes,
      ),
    );
    const usual = greatestOf(all);
    const lastOf = (r: number): number => (Number.isNaN(previous[r]!) ? usual : previous[r]!);
    return {
      importance: () => ({}),
      forecast: (rows) => ({
        predicted: Float64Array.from(rows, lastOf),
        probabilities: Float64Array.from({ length: rows.length * classes }, (_, i) => {
          const last = previous[rows[Math.floor(i / classes)]!]!;
          return (following[last] ?? all)[i % classes]!;
        }),
      }),
    };
  };
}

/** Share of the latest rows that are held out for models that stop early. */
const heldOutShare = 0.2;

/** A table model; where its training has one class alone, the shares of the classes. */
export function modelClassifier(
  examples: Examples,
  classes: number,
  model: TabularModel,
  hyperparameters: Hyperparameters,
  seed: number,
): Classifier {
  const { table, target } = examples;
  const part = (rows: Uint32Array): { table: Table; target: Float64Array } => ({
    table: takeRows(table, rows),
    target: Float64Array.from(rows, (r) => target[r]!),
  });
  const varies = (rows: Uint32Array): boolean => rows.some((r) => target[r] !== target[rows[0]!]);
  return (training) => {
    if (!varies(training)) return majorityClassifier(examples, classes)(training);
    const { kept, heldOut } = holdOutLatest(examples, training, heldOutShare);
    const stopsEarly = Number(hyperparameters['patience'] ?? 0) > 0;
    const validated = stopsEarly && varies(kept) && heldOut.length > 0;
    const task = validated
      ? { ...part(kept), validation: part(heldOut), classes, seed }
      : { ...part(training), classes, seed };
    const fit = model.fit(task, hyperparameters);
    return {
      importance: (rows) => risesOf(fit, part(evenRows(rows, shuffledRows)), { classes, seed }),
      forecast(rows) {
        const probabilities = fit.predict(takeRows(table, rows));
        const predicted = Float64Array.from(rows, (_, r) =>
          greatestOf(probabilities.subarray(r * classes, (r + 1) * classes)),
        );
        return { predicted, probabilities };
      },
    };
  };
}

/** Rows that columns are shuffled in; more would change the shares little. */
const shuffledRows = 1000;

const evenRows = (rows: Uint32Array, most: number): Uint32Array =>
  Uint32Array.from(evenlySpaced(rows.length, most), (k) => rows[k]!);

/** Rises of the log loss under shuffles, as shares. */
function risesOf(
  fit: TabularFit,
  { table, target }: { table: Table; target: Float64Array },
  { classes, seed }: { classes: number; seed: number },
): Record<string, number> {
  const loss = (actual: Float64Array, probabilities: Float64Array): number =>
    logLoss(actual, probabilities, classes);
  const rises = Object.entries(permutationImportance(fit, table, target, loss, seed, 1));
  const helping = rises.filter(([, rise]) => rise > 0);
  const total = helping.reduce((sum, [, rise]) => sum + rise, 0);
  return Object.fromEntries(helping.map(([name, rise]) => [name, rise / total]));
}

/** Shares of the classes, half a row added to each so that none is impossible. */
function classShares(target: Float64Array, rows: Uint32Array, classes: number): Float64Array {
  const shares = new Float64Array(classes).fill(0.5);
  for (const r of rows) shares[target[r]!]! += 1;
  const total = rows.length + classes / 2;
  return shares.map((count) => count / total);
}

function greatestOf(shares: Float64Array): number {
  return shares.reduce((best, share, k) => (share > shares[best]! ? k : best), 0);
}

function takeRows({ columns }: Table, rows: Uint32Array): Table {
  return createTable(
    columns.map((column) => ({
      ...column,
      values: Float64Array.from(rows, (r) => column.values[r]!),
    })),
    rows.length,
  );
}
