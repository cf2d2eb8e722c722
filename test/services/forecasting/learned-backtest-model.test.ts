/** Trained models in backtests: what they may learn from, how often they are trained, and what a stop costs. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findLearningModel, findTabularModel } from '../../../models/index.ts';
import type { Panel } from '../../../series/panel.ts';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import {
  type BacktestReport,
  type BacktestTask,
  createBacktests,
} from '../../../services/evaluation/backtests.ts';
import { learnedBacktestModel } from '../../../services/forecasting/learned-backtest-model.ts';
import { createLearners } from '../../../services/forecasting/learners.ts';
import { createInference } from '../../../services/inference/inference.ts';
import { createTabular } from '../../../services/tabular/tabular.ts';
import { createLocalWorker } from '../../../services/tabular/work.ts';
import { createTraining } from '../../../services/training/training.ts';
import type { Emit } from '../../../state/events.ts';
import { generate, normals, panelOf } from '../../series/make-panel.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder('learned-backtest');
const artifactFolder = join(folder, 'artifacts');
const progressFolder = join(folder, 'progress');
const artifacts = createLocalArtifacts(artifactFolder);
const training = createTraining({ progressFolder, clock: Date.now, threads: 1 });
const inference = createInference({ artifacts, threads: 1 });
afterAll(() => inference.close());
const tabular = createTabular({ worker: createLocalWorker(findTabularModel, () => 0) });
const learners = createLearners({ training, inference, artifacts, tabular });

const normal = normals(11);
const lengths = [90, 80, 70, 75, 6, 66];
const values = lengths.map((length, i) =>
  generate(length, (t) => 20 * (i + 1) + 3 * (t % 4) + normal()),
);
const panel = panelOf(values);
const horizon = 4;
const names = ['nlinear', 'ridge', 'gradient-boosting'] as const;

/** The learners, which write down whenever one of them is asked to train. */
function counting(calls: number[]): typeof learners {
  return {
    ...learners,
    of(model) {
      const learner = learners.of(model);
      return {
        ...learner,
        train(task) {
          calls.push(task.plan.trainStepsFromEnd);
          return learner.train(task);
        },
      };
    },
  };
}

interface Given {
  readonly panel?: Panel;
  readonly calls?: number[];
  readonly seed?: number;
  readonly emit?: Emit;
}

const modelOf = (name: string, { calls = [], seed = 1, emit = () => undefined, ...rest }: Given) =>
  learnedBacktestModel(
    { learners: counting(calls), artifacts, forgetProgress: (start) => training.forgetAll(start) },
    { model: findLearningModel(name), panel, horizon, season: 4, seed, emit, ...rest },
  );

let folders = 0;
const fresh = (): ReturnType<typeof createBacktests> =>
  createBacktests({ folder: join(folder, `b${folders++}`), now: () => 0 });

const taskOf = (name: string, changes: Partial<BacktestTask> = {}, given: Given = {}) => ({
  panel: given.panel ?? panel,
  key: 'panel',
  horizon,
  windows: 3,
  step: horizon,
  refitEvery: 0,
  season: 4,
  models: [modelOf(name, given)],
  levels: [],
  parallel: 1,
  ...changes,
});
const timeless = ({ models }: BacktestReport): unknown =>
  models.map((model) => ({ ...model, seconds: 0 }));

/** No earlier preparation, and nobody to tell of this one. */
const preparation = (key: string) => ({
  key,
  recall: async () => undefined,
  note: async () => undefined,
});

describe.each(names)('%s', (name) => {
  it('learns nothing of what lies behind the origin, and forecasts all series that have a past', async () => {
    const other = panelOf(
      values.map((own, i) => own.map((value, t) => (t < lengths[i]! - 8 ? value : -999 * value))),
    );
    const origins = Int32Array.from(lengths, (length) => Math.max(0, length - 8));
    const forecasts = [];
    for (const [k, each] of [panel, other].entries()) {
      const model = modelOf(name, { panel: each });
      const ready = await model.prepare(8, preparation(`leak-${name}-${k}`));
      forecasts.push(await ready.forecast(origins));
    }
    expect(forecasts[1]).toEqual(forecasts[0]);
    expect([...forecasts[0]!.subarray(16, 20)].every(Number.isNaN)).toBe(true);
    expect(forecasts[0]!.filter(Number.isNaN)).toHaveLength(4);
  });

  it('is trained once before the first window, or as often as asked', async () => {
    const once: number[] = [];
    const first = await fresh().run(taskOf(name, {}, { calls: once }));
    expect(once).toHaveLength(1);
    const often: number[] = [];
    const second = await fresh().run(taskOf(name, { refitEvery: 2 }, { calls: often }));
    expect(often).toHaveLength(2);
    expect(often[0]).toBe(once[0]);
    expect(often[1]).toBe(often[0]! - 8);
    expect([first, second].map(({ models }) => models[0]!.trainings)).toEqual([1, 2]);
    expect(second.models[0]!.score.mae).not.toBe(first.models[0]!.score.mae);
    expect(first.models[0]!.score.series).toBeGreaterThanOrEqual(5);
    expect(readdirSync(progressFolder)).toEqual([]);
  });

  it('is found again as it was trained, unless it has been lost', async () => {
    const whole = timeless(await fresh().run(taskOf(name)));
    const backtests = fresh();
    const stopAfterFirst = async (calls: number[]): Promise<void> => {
      const stop = new AbortController();
      const stopped = backtests.run(
        taskOf(
          name,
          {
            signal: stop.signal,
            onWindow: ({ done }) => done === 1 && stop.abort(new Error('no')),
          },
          { calls },
        ),
      );
      await expect(stopped).rejects.toThrow('no');
    };
    const before: number[] = [];
    await stopAfterFirst(before);
    expect(before).toHaveLength(1);
    const after: number[] = [];
    expect(timeless(await backtests.run(taskOf(name, {}, { calls: after })))).toEqual(whole);
    expect(after).toEqual([]);
    await backtests.forget(taskOf(name));
    await stopAfterFirst([]);
    rmSync(artifactFolder, { recursive: true });
    expect(timeless(await backtests.run(taskOf(name, {}, { calls: after })))).toEqual(whole);
    expect(after).toHaveLength(1);
  });
});

describe('a network', () => {
  it('that was stopped in its training goes on from there, to the same forecasts', async () => {
    const steps: number[] = [];
    const whole = timeless(await fresh().run(taskOf('nlinear')));
    const backtests = fresh();
    const stop = new AbortController();
    const emit: Emit = (event, fields) => {
      if (event === 'training-progressed' && Number(fields!['step']) >= 200) stop.abort();
      if (event === 'training-resumed') steps.push(Number(fields!['step']));
    };
    const stopped = backtests.run(taskOf('nlinear', { signal: stop.signal }, { emit }));
    await expect(stopped).rejects.toThrow('aborted');
    expect(readdirSync(progressFolder)).toHaveLength(1);
    expect(timeless(await backtests.run(taskOf('nlinear', {}, { emit })))).toEqual(whole);
    expect(steps).toHaveLength(1);
    expect(steps[0]).toBeGreaterThanOrEqual(200);
    expect(readdirSync(progressFolder)).toEqual([]);
  });

  it('of another seed is another network', async () => {
    const [one, two] = [
      await fresh().run(taskOf('nlinear', {}, { seed: 1 })),
      await fresh().run(taskOf('nlinear', {}, { seed: 2 })),
    ];
    expect(timeless(one)).not.toEqual(timeless(two));
  });
});

describe('a model that has nothing to learn from', () => {
  it.each(names)('says so: %s', async (name) => {
    const short = panelOf([generate(9, (t) => t), generate(8, (t) => t)]);
    const run = fresh().run(taskOf(name, { windows: 2 }, { panel: short }));
    await expect(run).rejects.toMatchObject({ code: 'SERIES_TOO_SHORT' });
  });
});
