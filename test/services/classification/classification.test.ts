/** Classification: no look ahead, purged splits, naive classifiers, determinism, and what prices tell of their direction. */
import { describe, expect, it } from 'vitest';
import { findTabularModel } from '../../../models/index.ts';
import { type Panel, seriesLength, takeSeries } from '../../../series/panel.ts';
import {
  type ClassificationTask,
  createClassification,
} from '../../../services/classification/classification.ts';
import { collectExamples } from '../../../services/classification/examples.ts';
import { judgeClassifier } from '../../../services/classification/judgement.ts';
import type { LabelPlan } from '../../../services/classification/labels.ts';
import { holdOutLatest, splitRows } from '../../../services/classification/splits.ts';
import { createDatasets } from '../../../services/datasets/datasets.ts';
import { defaultTabularSettings, featurePlanOf } from '../../../services/tabular/settings.ts';
import { runRequestSchema } from '../../../state/request.ts';
import { generate, normals, panelOf, randomWalk } from '../../series/make-panel.ts';
import { sharedData } from '../../shared-data.ts';

const direction: LabelPlan = {
  horizon: 3,
  kind: 'direction',
  threshold: 0,
  unit: 'percent',
  side: 'above',
};
const { classify } = createClassification({
  judge: async (order) => judgeClassifier(order, findTabularModel, () => 0),
});
const taskOf = (panel: Panel, changes: Partial<ClassificationTask> = {}): ClassificationTask => ({
  panel,
  label: direction,
  models: [findTabularModel('logistic-regression')],
  folds: 4,
  validation: 'time',
  season: 1,
  seed: 1,
  ...changes,
});
const examplesOf = (panel: Panel, label = direction) =>
  collectExamples(panel, {
    label,
    season: 1,
    maximumRows: 10_000,
    features: featurePlanOf(
      defaultTabularSettings({ horizon: 3, season: 1, family: 'trees' }),
      panel,
      false,
    ),
  });

/** A wave whose direction is known from where it is, with noise. */
const normal = normals(11);
const wave = (length: number) =>
  generate(length, (t) => 10 + Math.sin((2 * Math.PI * t) / 24) + 0.2 * normal());

describe('examples', () => {
  it('are made of what was known at their origin', () => {
    const series = [randomWalk(90, normals(1)), randomWalk(70, normals(2))];
    const cut = [60, 45];
    const panel = panelOf(series);
    const changed = panelOf(
      series.map((values, i) => values.map((value, t) => (t < cut[i]! ? value : 5 - 9 * value))),
    );
    for (const label of [direction, { ...direction, kind: 'regime' as const }]) {
      const [before, after] = [examplesOf(panel, label), examplesOf(changed, label)];
      // Rows of the first series come first; those up to its cut have seen nothing that was changed.
      const known = before.ends.findIndex((end) => end >= panel.time[cut[0]!]!);
      expect(known).toBeGreaterThan(20);
      for (const [j, { values }] of before.table.columns.entries()) {
        expect(after.table.columns[j]!.values.slice(0, known)).toEqual(values.slice(0, known));
      }
      expect(after.target.slice(0, known)).toEqual(before.target.slice(0, known));
    }
  });

  it('have the latest origin of each series at their end', () => {
    const panel = panelOf([wave(100), wave(50)]);
    const all = examplesOf(panel);
    expect(all.table.rows - all.labelled).toBe(2);
    expect(Math.max(...all.ends)).toBe(panel.time[seriesLength(panel, 0) - 1]);
  });
});

describe('splits', () => {
  const panel = panelOf([randomWalk(120, normals(3)), randomWalk(90, normals(4))]);
  const examples = examplesOf(panel);
  const { starts, ends } = examples;

  it.each(['time', 'k-fold'] as const)('let no label reach across a cut: %s', (validation) => {
    const splits = splitRows(examples, { folds: 4, validation });
    const tested = splits.flatMap(({ test }) => [...test]);
    expect(new Set(tested).size).toBe(tested.length);
    for (const { training, test } of splits) {
      expect(training.length).toBeGreaterThan(0);
      const from = Math.min(...Array.from(test, (r) => starts[r]!));
      const to = Math.max(...Array.from(test, (r) => ends[r]!));
      const day = 86_400_000;
      for (const r of training) {
        expect(ends[r]! < from || (validation === 'k-fold' && starts[r]! > to)).toBe(true);
      }
      // Exactly the rows whose labels overlap are left out: those within a horizon of the cut.
      const left = starts.findIndex((start) => start === from - 3 * day);
      expect(training.includes(left)).toBe(left !== -1);
      expect(training.includes(left + 1)).toBe(false);
    }
    // Learning from what lies before takes a block of time that is not judged on.
    expect(tested.length === examples.labelled).toBe(validation === 'k-fold');
  });

  it('hold out the latest rows in the same way', () => {
    const all = Uint32Array.from(starts, (_, r) => r);
    const { kept, heldOut } = holdOutLatest(examples, all, 0.2);
    expect(Math.max(...Array.from(kept, (r) => ends[r]!))).toBeLessThan(
      Math.min(...Array.from(heldOut, (r) => starts[r]!)),
    );
  });
});

describe('a classification', () => {
  it('finds what can be told, beside the naive classifiers', async () => {
    const models = ['logistic-regression', 'gradient-boosting', 'random-forest'].map(
      findTabularModel,
    );
    const hyperparameters = { 'gradient-boosting': { rounds: 20 }, 'random-forest': { trees: 10 } };
    const task = taskOf(panelOf([wave(300), wave(250)]), { models, hyperparameters });
    const found = await classify(task);
    expect(found.models.map(({ name }) => name).sort()).toEqual([
      'gradient-boosting',
      'logistic-regression',
      'majority',
      'random-forest',
      'repeat-last',
    ]);
    for (const { pooled, folds } of found.models) {
      expect(folds).toHaveLength(4);
      expect(pooled.rows).toBe(folds.reduce((sum, { rows }) => sum + rows, 0));
      const right = folds.reduce((sum, { accuracy, rows }) => sum + accuracy * rows, 0);
      expect(pooled.accuracy).toBeCloseTo(right / pooled.rows, 12);
    }
    expect(found.better.accuracy).toHaveLength(3);
    const majority = found.models.find(({ name }) => name === 'majority')!;
    expect(majority.pooled.balancedAccuracy).toBeLessThan(0.55);
    const best = found.models[0]!;
    expect(best.pooled.accuracy).toBeGreaterThan(0.8);
    expect(best.pooled.rocAuc).toBeGreaterThan(0.85);
    expect(found.latest.map(({ series }) => series)).toEqual(['s0', 's1']);
    for (const { probabilities, predicted, time, until } of found.latest) {
      expect(probabilities[0]! + probabilities[1]!).toBeCloseTo(1, 9);
      expect(predicted).toBe(probabilities[1]! > probabilities[0]! ? 'up' : 'down');
      expect(until - time).toBe(3 * 86_400_000);
    }
    expect(await classify(task)).toEqual(found);
  });

  it('says that nothing is better where there is nothing to tell', async () => {
    const found = await classify(
      taskOf(panelOf([randomWalk(700, normals(21))]), { label: { ...direction, horizon: 1 } }),
    );
    expect(found.better.logLoss).toEqual([]);
    expect(['majority', 'repeat-last']).toContain(found.best);
  });

  it('tells the majority by the shares of the training part, and repeats the last known class', async () => {
    const found = await classify(taskOf(panelOf([wave(200)]), { models: [] }));
    const majority = found.models.find(({ name }) => name === 'majority')!;
    for (const fold of majority.folds) {
      expect(fold.confusion.filter((row) => row.some((count) => count > 0)).length).toBe(2);
      expect(fold.accuracy).toBeCloseTo(
        Math.max(...fold.classes.map(({ recall, support }) => recall * support)) / fold.rows,
        12,
      );
    }
    const examples = examplesOf(panelOf([wave(200)]));
    // The class known at an origin is the one that was told three steps before.
    for (let r = 3; r < examples.labelled; r++) {
      expect(examples.previous[r]).toBe(examples.target[r - 3]);
    }
  });

  it('refuses labels of one class, and too few of them', async () => {
    const rising = panelOf([generate(100, (t) => t)]);
    await expect(classify(taskOf(rising))).rejects.toThrow('"up"');
    await expect(classify(taskOf(panelOf([wave(30)])))).rejects.toThrow('too few for 4 folds');
  });

  const file = sharedData('finance/sp500_ohlcv_dev120_2011_2018.csv.gz');
  it.skipIf(file === undefined)(
    'tells hardly more of the direction of prices over five days than the majority does',
    async () => {
      const loaded = await createDatasets().load(
        runRequestSchema.parse({
          data: file!,
          horizon: 5,
          frequency: 'B',
          id: 'symbol',
          time: 'date',
          target: 'adjusted_close',
        }),
      );
      const { panel } = loaded;
      const some = panel.ids
        .map((_, series) => ({ series, skip: 0 }))
        .filter((_, i) => i % 15 === 0);
      const found = await classify(
        taskOf(takeSeries(panel, some), { label: { ...direction, horizon: 5 } }),
      );
      const accuracyOf = (name: string): number =>
        found.models.find((model) => model.name === name)!.pooled.accuracy;
      expect(accuracyOf('majority')).toBeGreaterThan(0.53);
      expect(Math.abs(accuracyOf('logistic-regression') - accuracyOf('majority'))).toBeLessThan(
        0.04,
      );
      expect(found.best).toBe('majority');
    },
    20_000,
  );
});
