/** Settings of table forecasting: defaults and search space fit any data, and lists of steps are checked. */
import { describe, expect, it } from 'vitest';
import type { TabularModel } from '../../../models/model.ts';
import { tabularModels } from '../../../models/trees/index.ts';
import {
  defaultHyperparameters,
  defaultTabularSettings,
  featurePlanOf,
  numbersOf,
  tabularSearchSpace,
  tabularSettingsSchema,
  tabularVariants,
} from '../../../services/tabular/settings.ts';
import { createTabular } from '../../../services/tabular/tabular.ts';
import { createLocalWorker } from '../../../services/tabular/work.ts';
import { generate, normals, panelOf } from '../../series/make-panel.ts';

const data = [
  { horizon: 48, season: 24, seasons: [24, 168] },
  { horizon: 13, season: 1 },
  { horizon: 28, season: 7 },
  { horizon: 1, season: 1, seasons: [] },
  { horizon: 6, season: 12 },
].flatMap((rest) => (['trees', 'linear'] as const).map((family) => ({ ...rest, family })));

describe('settings of a table forecaster', () => {
  it.each(data)('are valid from the start for %o, and whatever a search draws', (given) => {
    const defaults = defaultTabularSettings(given);
    expect(tabularSettingsSchema.parse(defaults)).toEqual(defaults);
    for (const [name, dimension] of Object.entries(tabularSearchSpace(given))) {
      const values =
        dimension.kind === 'choice' ? dimension.values : [dimension.low, dimension.high];
      for (const value of values) {
        expect(tabularSettingsSchema.parse({ ...defaults, [name]: value })).toMatchObject({
          [name]: value,
        });
      }
    }
  });

  it('look at seasons, the window of the longest and the season before the target', () => {
    const settings = defaultTabularSettings({
      horizon: 48,
      season: 24,
      seasons: [24, 168],
      family: 'trees',
    });
    expect(settings).toMatchObject({
      seasons: '24,168',
      seasonalLags: 7,
      scaleWindow: 168,
      baseline: 'seasonal',
    });
    const daily = defaultTabularSettings({ horizon: 28, season: 7, family: 'linear' });
    expect(daily).toMatchObject({ seasonalLags: 3, scaleWindow: 28, calendar: 'categorical' });
    expect(defaultTabularSettings({ horizon: 6, season: 1, family: 'trees' }).baseline).toBe(
      'last',
    );
  });

  it('read lists of steps in any order, once each, and refuse others', () => {
    expect(numbersOf(' ')).toEqual([]);
    const settings = tabularSettingsSchema.parse({ lags: '7, 1,1' });
    expect(featurePlanOf(settings, panelOf([[1]]), true).lags).toEqual([1, 7]);
    for (const lags of ['0', '1.5', 'a', '1,,2', '-3']) {
      expect(tabularSettingsSchema.safeParse({ lags }).success).toBe(false);
    }
    expect(tabularSettingsSchema.safeParse({ smoothing: '1' }).success).toBe(false);
  });

  it('ask for absolute errors where a model can minimise them', () => {
    const losses = tabularModels.map((model) => [
      model.name,
      defaultHyperparameters(model)['loss'],
    ]);
    expect(Object.fromEntries(losses)).toMatchObject({ 'gradient-boosting': 'absolute' });
    expect(losses.filter(([name]) => name === 'ridge')).toEqual([['ridge', undefined]]);
  });

  it.each(tabularModels.map((model) => [model.name, model] as [string, TabularModel]))(
    'have variants that %s can be trained with, all different',
    (_, model) => {
      const given = { horizon: 48, season: 24, seasons: [24, 168], family: model.family };
      const defaults = { ...defaultTabularSettings(given), ...defaultHyperparameters(model) };
      const variants = tabularVariants(model);
      for (const variant of variants) {
        for (const [name, value] of Object.entries(variant)) {
          const schema =
            name in tabularSettingsSchema.shape ? tabularSettingsSchema : model.hyperparameters;
          expect(schema.parse({ [name]: value })).toMatchObject({ [name]: value });
        }
      }
      const texts = [{}, ...variants].map((variant) => JSON.stringify({ ...defaults, ...variant }));
      expect(new Set(texts).size).toBe(texts.length);
    },
  );
});

const forecasting = tabularModels.filter(({ targets }) => targets.includes('value'));

describe.each(forecasting.map((model) => [model.name, model] as [string, TabularModel]))(
  '%s as a forecaster',
  (_, model) => {
    it('sees a season under noise, on series of any size, the same each time', async () => {
      const normal = normals(6);
      const wave = (i: number, t: number): number =>
        10 ** i * (5 + 2 * Math.sin((2 * Math.PI * t) / 6 + i));
      const panel = panelOf(
        [0, 3, 6].map((i) => generate(90, (t) => wave(i, t) + 10 ** i * 0.2 * normal())),
      );
      const worker = createLocalWorker(
        () => model,
        () => 0,
      );
      const tabular = createTabular({ worker });
      const task = {
        model,
        hyperparameters: defaultHyperparameters(model),
        settings: {},
        panel,
        horizon: 6,
        season: 6,
        plan: { horizon: 6, folds: [], trainStepsFromEnd: 0 },
        seed: 3,
        signal: new AbortController().signal,
      };
      const { bytes } = await tabular.train(task);
      const again = await tabular.train(task);
      expect(again.bytes).toEqual(bytes);
      const forecast = await tabular.forecastPanel(bytes, panel, Int32Array.of(90, 90, 90));
      const errors = Array.from(forecast, (value, k) => {
        const i = [0, 3, 6][Math.floor(k / 6)]!;
        return Math.abs(value - wave(i, 90 + (k % 6))) / 10 ** i;
      });
      // The last season repeated would be off by 0.16 on average, its mean by 1.3.
      expect(errors.reduce((a, b) => a + b) / errors.length).toBeLessThan(0.25);
    });
  },
);
