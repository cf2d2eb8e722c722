/** Feature shares: what table models of treated series owe to features, in the units of the series. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findTabularModel } from '../../../models/index.ts';
import { seriesLength } from '../../../series/panel.ts';
import { applyRecipe, recipeOffset, undoRecipe } from '../../../series/recipe.ts';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import { readFeatures } from '../../../services/forecasting/feature-shares.ts';
import { createTabular } from '../../../services/tabular/tabular.ts';
import { createLocalWorker } from '../../../services/tabular/work.ts';
import { generate, normals, panelOf } from '../../series/make-panel.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const artifacts = createLocalArtifacts(join(temporaryFolder('features'), 'artifacts'));
const tabular = createTabular({ worker: createLocalWorker(findTabularModel, () => 0) });
const horizon = 6;
const season = 4;
const normal = normals(9);
const panel = panelOf(
  [80, 90].map((length) =>
    generate(length, (t) => 50 + 9 * Math.sin((Math.PI * t) / 2) + 0.2 * t + normal()),
  ),
);

describe('the features of a forecast', () => {
  it.each(['plain', 'log', 'seasonal-difference'] as const)(
    'add up to it where the recipe is %s',
    async (recipe) => {
      const treated = applyRecipe(panel, recipe, season);
      const model = findTabularModel('gradient-boosting');
      const { bytes } = await tabular.train({
        model,
        hyperparameters: model.hyperparameters.parse({ rounds: 10, minimumRows: 5 }),
        settings: {},
        panel: treated,
        horizon,
        season,
        plan: { horizon, folds: [], trainStepsFromEnd: 0 },
        seed: 1,
        signal: new AbortController().signal,
      });
      const artifact = await artifacts.put(bytes);
      const origins = Int32Array.from(panel.ids, (_, i) => seriesLength(panel, i));
      const offset = recipeOffset(recipe, season);
      const inner = await tabular.forecastPanel(
        bytes,
        treated,
        origins.map((origin) => origin - offset),
      );
      const forecast = undoRecipe(inner, panel, origins, horizon, recipe, season);
      const network = { artifact, lookBack: 1, season, recipe };
      const found = await readFeatures(
        { tabular, artifacts },
        { panel, series: 1, horizon, network },
      );
      for (let step = 0; step < horizon; step++) {
        const sum = found.features.reduce(
          (total, { values }) => total + values[step]!,
          found.start[step]! + found.bounds[step]!,
        );
        expect(sum).toBeCloseTo(forecast[horizon + step]!, 6);
      }
      const sizes = found.features.map(({ size }) => size);
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
      expect(sizes[0]).toBeGreaterThan(0);
      expect(found.importance.map(({ kind }) => kind)).toEqual(['gain', 'split']);
      for (const { features } of found.importance) {
        expect(features.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
      }
    },
  );
});
