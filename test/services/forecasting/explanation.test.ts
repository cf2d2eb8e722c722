/** Explanations of small networks of every kind: parts add up to forecasts, weights carry the names of the data. */
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findModel, findTabularModel } from '../../../models/index.ts';
import type { Hyperparameters, LocalModel } from '../../../models/model.ts';
import type { Exogenous } from '../../../series/exogenous.ts';
import { planFolds } from '../../../series/folds.ts';
import { createPanel, type Panel } from '../../../series/panel.ts';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import { openDatabase } from '../../../services/database/database.ts';
import { createDrift } from '../../../services/drift/drift.ts';
import {
  createExplainer,
  type ExplanationTask,
} from '../../../services/forecasting/explanation.ts';
import { seasonBefore } from '../../../services/forecasting/parts.ts';
import { createLearners } from '../../../services/forecasting/learners.ts';
import { createTrainer } from '../../../services/forecasting/trainer.ts';
import { createInference } from '../../../services/inference/inference.ts';
import { createLocalForecasts } from '../../../services/local/local-forecasts.ts';
import { createRegistry } from '../../../services/registry/registry.ts';
import { createTabular } from '../../../services/tabular/tabular.ts';
import { createLocalWorker } from '../../../services/tabular/work.ts';
import { createTraining } from '../../../services/training/training.ts';
import { createWorkers } from '../../../services/workers/workers.ts';
import type { Candidate, Recipe } from '../../../state/run-state.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { exogenousFor } from '../training/rich-network.ts';
import { panelOf, sine } from '../training/series.ts';

const folder = temporaryFolder('explanation');
const artifacts = createLocalArtifacts(join(folder, 'artifacts'));
const registry = createRegistry(openDatabase(':memory:'), artifacts, folder, () => 0);
const training = createTraining({ progressFolder: folder, clock: Date.now, threads: 1 });
const inference = createInference({ artifacts, threads: 1 });
const tabular = createTabular({
  worker: createLocalWorker(findTabularModel, () => performance.now()),
});
const learners = createLearners({ training, inference, artifacts, tabular });
const trainer = createTrainer({ learners, registry, artifacts, drift: createDrift() });
const workers = createWorkers({ threads: 1 });
const locals = createLocalForecasts({ workers });
const explainer = createExplainer({ artifacts, inference, learners, locals, registry, tabular });
afterAll(async () => {
  await workers.close();
  await inference.close();
});

const horizon = 6;
const season = 4;
const lookBack = 24;
const noisy = (level: number) => sine(120, { level, size: 3, noise: 0.3 });
const panel = panelOf([noisy(40), noisy(400)]);

interface Training {
  readonly on?: Panel;
  readonly recipe?: Recipe;
  readonly hyperparameters?: Hyperparameters;
  readonly settings?: Hyperparameters;
}

let trainings = 0;

async function train(forecaster: string, given: Training = {}): Promise<Candidate> {
  const { on = panel, recipe = 'plain', hyperparameters = {}, settings = {} } = given;
  const task = {
    key: `key-${trainings++}`,
    run: 'run',
    name: 'sines',
    configuration: {
      forecaster,
      hyperparameters,
      settings: { lookBack, maxSteps: 20, batchSize: 32, ...settings },
      score: 1,
    },
    panel: on,
    panelUri: 'panel',
    featuresUri: 'features',
    plan: planFolds(
      on.ids.map(() => 120),
      horizon,
      40,
    ),
    season,
    recipe,
    seed: 1,
    signal: new AbortController().signal,
    emit: () => undefined,
  };
  const [made] = await trainer.trainEach([task], () => Infinity);
  const { artifact, columns, version } = made!;
  const named = { name: forecaster, forecaster, version, artifact, lookBack, season, recipe };
  return { ...named, featuresVersion: 1, steps: 20, seconds: 1, ...(columns && { columns }) };
}

/** A stored forecast of zeros; `shares` are those of the members in each series, all 0 for a naive one in their place. */
const tableOf = (
  { ids }: Panel,
  members: readonly string[],
  shares: readonly (readonly number[])[],
  models = ids.map((_, i) => members.filter((_, m) => shares[i]![m]! > 0).join('+')),
): ExplanationTask['table'] => ({
  ids: [...ids],
  horizon,
  levels: [],
  models,
  members,
  shares: Float64Array.from(shares.flat()),
  times: new Float64Array(ids.length * horizon),
  point: new Float64Array(ids.length * horizon),
  quantiles: new Float64Array(0),
});

const explain = (networks: readonly Candidate[], more: Partial<ExplanationTask> = {}) => {
  const on = more.panel ?? panel;
  const shares = networks.map(() => 1 / networks.length);
  const table = tableOf(
    on,
    networks.map(({ name }) => name),
    on.ids.map(() => shares),
  );
  return explainer.explain({ run: 'run', panel: on, table, season, trained: networks, ...more });
};

const sumOf = (parts: readonly { readonly values: readonly number[] }[], step: number): number =>
  parts.reduce((sum, { values }) => sum + values[step]!, 0);

const tiny = { width: 16, layers: 2 };

describe('the parts of a forecast', () => {
  it.each([
    ['dlinear', {}, ['level', 'seasonal', 'trend']],
    ['dlinear', { individual: true }, ['level', 'seasonal', 'trend']],
    ['nhits', tiny, ['level', 'stack-1', 'stack-2', 'stack-3']],
  ])('of %s %j add up to it in the units of the series', async (name, hyperparameters, parts) => {
    const network = await train(name, { hyperparameters });
    const { members } = await explain([network], { series: 'series-1' });
    const [member] = members;
    expect(member!.parts!.scale).toBe('units');
    expect(member!.parts!.parts.map((part) => part.name)).toEqual(parts);
    for (const [step, value] of member!.forecast.entries()) {
      expect(Math.abs(value - 400)).toBeLessThan(20);
      expect(sumOf(member!.parts!.parts, step)).toBeCloseTo(value, 3);
    }
  });

  it('of a network of logarithms add up to the logarithm', async () => {
    const { members } = await explain([await train('dlinear', { recipe: 'log' })]);
    const { parts, forecast, recipe } = members[0]!;
    expect(recipe).toBe('log');
    expect(parts!.scale).toBe('log');
    for (const [step, value] of forecast.entries()) {
      expect(sumOf(parts!.parts, step)).toBeCloseTo(Math.log(value), 5);
    }
  });

  it('of a network of seasonal differences add up in units, also beyond the first season', async () => {
    const { members } = await explain([await train('dlinear', { recipe: 'seasonal-difference' })]);
    const { parts, forecast } = members[0]!;
    expect(parts!.scale).toBe('units');
    expect(parts!.parts[0]).toMatchObject({ name: seasonBefore });
    expect(parts!.parts[0]!.values[season]).toBe(panel.y[120 - season]);
    for (const [step, value] of forecast.entries()) {
      expect(sumOf(parts!.parts, step)).toBeCloseTo(value, 3);
    }
  });

  it('are not given where the scaler would take their sum apart, or the model shows none', async () => {
    const bent = await train('dlinear', { settings: { scaler: 'asinh' } });
    const plain = { ...(await train('nlinear')), name: 'plain' };
    const files = [bent, plain].map(({ version }) => registry.get('sines', version.version).files);
    expect(files.flat().some(({ name }) => name === 'inspection.onnx')).toBe(false);
    const { members, weights } = await explain([bent, plain]);
    expect(weights.map(({ weight }) => weight)).toEqual([0.5, 0.5]);
    expect(members).toMatchObject([
      { parts: null, variables: [], attention: null, others: [] },
      { parts: null, model: 'plain', forecaster: 'nlinear' },
    ]);
  });
});

describe('the influence of the look-back', () => {
  const influenceOf = async (recipe: Recipe, on = panel) => {
    const network = await train('nlinear', { recipe });
    const { members } = await explain([network], { panel: on });
    const { influence, forecast } = members[0]!;
    return { influence: influence!, forecast };
  };

  it.each(['plain', 'log', 'seasonal-difference'] as const)(
    'is what the forecast changes by without an observation, recipe %s',
    async (recipe) => {
      const { influence, forecast } = await influenceOf(recipe);
      expect(influence.map(({ lag }) => lag)).toEqual(
        Array.from({ length: lookBack }, (_, k) => k + 1),
      );
      expect(influence[0]!.time).toBe('119');
      // The same by hand: the last observation, as the network sees it, set to the mean of what it sees.
      const values = panel.y.slice(0, 120);
      const seen = Array.from({ length: lookBack }, (_, k) => {
        const value = values[96 + k]!;
        if (recipe === 'log') return Math.log(value);
        return recipe === 'plain' ? value : value - values[96 + k - season]!;
      });
      const mean = seen.reduce((sum, value) => sum + value, 0) / lookBack;
      const instead = {
        plain: mean,
        log: Math.exp(mean),
        'seasonal-difference': mean + values[119 - season]!,
      };
      values[119] = instead[recipe];
      const other = await influenceOf(recipe, panelOf([values]));
      // Of seasonal differences, the one before also begins the forecast of the step that is a season after it.
      const changes = forecast.map((value, step) => value - other.forecast[step]!);
      if (recipe === 'seasonal-difference') changes[season - 1]! -= panel.y[119]! - values[119];
      const size = changes.reduce((sum, change) => sum + Math.abs(change), 0) / horizon;
      expect(influence[0]!.size).toBeCloseTo(size, 3);
      const { step, change } = influence[0]!.most;
      expect(changes[step - 1]).toBeCloseTo(change, 3);
    },
  );

  it('is not told where a network sees all series at once', async () => {
    const network = await train('dlinear', { hyperparameters: { individual: true } });
    expect((await explain([network])).members[0]!.influence).toBeNull();
  });
});

describe('a temporal fusion transformer', () => {
  const hyperparameters = { hidden: 8, heads: 2 };

  it('tells weights of variables by name, and what it attends to by lag', async () => {
    const { future, historical, ...fixed } = exogenousFor(panel, horizon);
    const exogenous: Exogenous = {
      ...fixed,
      future,
      // A rising tide that nothing depends on, in the place of the visitors.
      historical: historical.map(({ values }) => ({
        name: 'tide',
        values: values.map((_, k) => k),
      })),
    };
    const on = createPanel({ ...panel, exogenous });
    const network = await train('tft', { on, hyperparameters });
    const { members } = await explain([network], { panel: on });
    const { variables, attention, parts, others } = members[0]!;
    expect(parts).toBeNull();
    expect(others).toEqual([]);
    expect(
      variables.map((shares) => [
        shares.of,
        shares.variables.map(({ name, kind }) => [name, kind]),
      ]),
    ).toEqual([
      [
        'series',
        [
          ['area', 'static'],
          ['region', 'categories'],
        ],
      ],
      [
        'look-back',
        [
          ['the series itself', 'series'],
          ['tide', 'historical'],
          ['holiday', 'future'],
          ['price', 'future'],
        ],
      ],
      [
        'horizon',
        [
          ['holiday', 'future'],
          ['price', 'future'],
        ],
      ],
    ]);
    for (const shares of variables) {
      expect(shares.variables.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 5);
    }
    expect(attention!.lags).toHaveLength(lookBack);
    expect(attention!.lags[0]).toMatchObject({ lag: 1, time: '119' });
    const { files } = registry.get('sines', network.version.version);
    const uri = files.find(({ name }) => name === 'inspection.onnx')!.uri;
    const place = { series: 0, origin: 120 };
    const inner = await inference.inspect({ uri, lookBack, horizon }, on, place);
    const rows = Array.from({ length: horizon }, (_, row) =>
      Number(inner!['attention']!.data[row * (lookBack + horizon) + lookBack - 3]),
    );
    const third = rows.reduce((sum, weight) => sum + weight, 0) / horizon;
    expect(attention!.lags[2]!.weight).toBeCloseTo(third, 9);
    const seen = attention!.lags.reduce((sum, { weight }) => sum + weight, 0);
    expect(seen + attention!.horizon).toBeCloseTo(1, 5);
  });

  it('has nothing to select where it is given the series alone', async () => {
    const { members } = await explain([await train('tft', { hyperparameters })]);
    expect(members[0]!.variables).toEqual([]);
    expect(members[0]!.attention!.lags).toHaveLength(lookBack);
  });
});

describe('the models of a forecast', () => {
  it('share it among those that could forecast the series', async () => {
    const network = await train('nlinear');
    const {
      members,
      weights: shares,
      fallback,
    } = await explain([network], {
      table: tableOf(
        panel,
        ['seasonal-naive', 'absent', 'nlinear'],
        [
          [0.25, 0, 0.75],
          [0, 0.5, 0.5],
        ],
      ),
    });
    expect(fallback).toBeNull();
    expect(shares.map(({ model }) => model)).toEqual(['nlinear', 'seasonal-naive']);
    expect(shares[0]!.weight).toBeCloseTo(0.75, 12);
    expect(members[1]!.forecast).toEqual([
      ...panel.y.subarray(116, 120),
      ...panel.y.subarray(116, 118),
    ]);
  });

  it('are replaced by a naive one for a constant series, and that is told', async () => {
    const on = panelOf([new Float64Array(120).fill(5), noisy(40)]);
    const network = await train('nlinear');
    const table = tableOf(on, ['nlinear'], [[0], [1]], ['naive', 'nlinear']);
    const { members, fallback } = await explain([network], { panel: on, table });
    expect(fallback).toBe('the series is constant');
    expect(members).toMatchObject([{ model: 'naive', family: 'naive', weight: 1, version: null }]);
    expect(members[0]!.forecast).toEqual(Array(horizon).fill(5));
  });

  it('say where their average was raised to zero', async () => {
    const falling = Float64Array.from({ length: 120 }, (_, t) => (119 - t) ** 2 / 100);
    const on = panelOf([falling]);
    const found = await explain([], {
      panel: on,
      table: tableOf(on, ['drift'], [[1]]),
    });
    expect(found.raisedToZero).toBe(horizon);
    expect(found.members[0]!.forecast.every((value) => value < 0)).toBe(true);
  });

  it('may be fitted to each series: then they show what they estimated and what the series is made of', async () => {
    const table = tableOf(panel, ['holt-winters'], [[1], [1]]);
    const { members } = await explain([], { table, seasons: [season] });
    const { fit, forecast, version } = members[0]!;
    expect(version).toBeNull();
    const model = findModel('holt-winters') as LocalModel;
    const own = model.fit(
      panel.y.subarray(0, 120),
      { horizon, season },
      model.hyperparameters.parse({}),
    );
    expect(forecast).toEqual([...own.mean]);
    expect(fit).toMatchObject({ parameters: own.parameters, season });
    expect(fit!.times).toHaveLength(120);
    expect(fit!.observed).toEqual([...panel.y.subarray(0, 120)]);
    const made = Object.entries(own.components());
    expect(fit!.components).toEqual(made.map(([name, values]) => ({ name, values: [...values] })));
    expect(made.map(([name]) => name)).toContain('season');
  });

  it('may be combined by their median, which is raised to zero by itself', async () => {
    const on = panelOf([Float64Array.from({ length: 120 }, (_, t) => (119 - t) ** 2 / 100)]);
    const table = tableOf(on, ['drift', 'naive', 'seasonal-naive'], [[1 / 3, 1 / 3, 1 / 3]]);
    const average = await explain([], { panel: on, table });
    expect(average).toMatchObject({ rule: 'average', raisedToZero: horizon });
    const median = await explain([], { panel: on, table, method: 'median' });
    expect(median).toMatchObject({ rule: 'median', raisedToZero: 0 });
  });
});
