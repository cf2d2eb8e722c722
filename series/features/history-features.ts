/** Features of a series' own history: lags, lags by season, statistics of windows, changes, smoothed levels. */
import { before, type Feature, originFeature, seasonsBack } from './feature.ts';
import type { FeaturePlan } from './feature-plan.ts';
import {
  exponentialMean,
  windowMaximum,
  windowMean,
  windowMinimum,
  windowStandardDeviation,
} from './window-statistics.ts';

type HistoryPlan = Pick<
  FeaturePlan,
  'lags' | 'changes' | 'windows' | 'seasons' | 'seasonalLags' | 'smoothing' | 'expanding'
>;

/** All features of the history that `plan` asks for. */
export function historyFeatures(plan: HistoryPlan): Feature[] {
  return [
    ...plan.lags.map((lag) =>
      originFeature(`lag_${lag}`, 'level', (values, origin) => before(values, origin, lag)),
    ),
    ...plan.seasons.flatMap((season) => seasonFeatures(season, plan.seasonalLags)),
    ...plan.windows.flatMap(windowFeatures),
    ...plan.changes.flatMap((season) => changeFeatures(season, plan.lags)),
    ...plan.smoothing.map((alpha) =>
      originFeature(`smoothed_${alpha}`, 'level', (values, origin) =>
        exponentialMean(values, origin, alpha),
      ),
    ),
    ...(plan.expanding ? [meanOfAll] : []),
  ];
}

/** The values at the target's position in the last seasons, and their mean. */
function seasonFeatures(season: number, count: number): Feature[] {
  const lagged = Array.from(
    { length: count },
    (_, k): Feature => ({
      name: `season_${season}_lag_${k + 1}`,
      unit: 'level',
      write({ values, origins, steps }, out) {
        for (let r = 0; r < origins.length; r++) {
          out[r] = before(values, origins[r]!, seasonsBack(steps[r]!, season, k + 1));
        }
      },
    }),
  );
  if (count < 2) return lagged;
  const mean: Feature = {
    name: `season_${season}_mean`,
    unit: 'level',
    write({ values, origins, steps }, out) {
      for (let r = 0; r < origins.length; r++) {
        out[r] = seasonalMean(values, origins[r]!, steps[r]!, season, count);
      }
    },
  };
  return [...lagged, mean];
}

/** The mean of the last `count` values at the target's position in the season; NaN if none is known. */
function seasonalMean(
  values: Float64Array,
  origin: number,
  step: number,
  season: number,
  count: number,
): number {
  let found = 0;
  let average = Number.NaN;
  for (let k = 1; k <= count; k++) {
    const value = before(values, origin, seasonsBack(step, season, k));
    if (Number.isNaN(value)) continue;
    found++;
    average = found === 1 ? value : average + (value / found - average / found);
  }
  return average;
}

/** Mean, standard deviation, least and greatest value of the last `width`. */
function windowFeatures(width: number): Feature[] {
  return [
    originFeature(`mean_${width}`, 'level', (values, origin) => windowMean(values, origin, width)),
    originFeature(`deviation_${width}`, 'spread', (values, origin) =>
      windowStandardDeviation(values, origin, width),
    ),
    originFeature(`minimum_${width}`, 'level', (values, origin) =>
      windowMinimum(values, origin, width),
    ),
    originFeature(`maximum_${width}`, 'level', (values, origin) =>
      windowMaximum(values, origin, width),
    ),
  ];
}

/** What changed over `season` steps: at each lag, and from the season before the last to the last on average. */
function changeFeatures(season: number, lags: readonly number[]): Feature[] {
  const change = (values: Float64Array, origin: number, lag: number): number =>
    before(values, origin, lag) - before(values, origin, lag + season);
  return [
    ...lags.map((lag) =>
      originFeature(`change_${season}_lag_${lag}`, 'spread', (values, origin) =>
        change(values, origin, lag),
      ),
    ),
    ...(season > 1
      ? [
          originFeature(`change_${season}_mean`, 'spread', (values, origin) =>
            origin < 2 * season
              ? Number.NaN
              : windowMean(values, origin, season) - windowMean(values, origin - season, season),
          ),
        ]
      : []),
  ];
}

/** The mean of the whole history, carried on from one origin to the next. */
const meanOfAll: Feature = {
  name: 'mean_of_all',
  unit: 'level',
  write({ values, origins }, out) {
    let at = 0;
    let count = 0;
    let mean = Number.NaN;
    for (let r = 0; r < origins.length; r++) {
      for (; at < origins[r]!; at++) {
        const value = values[at]!;
        if (Number.isNaN(value)) continue;
        count++;
        mean = count === 1 ? value : mean + (value / count - mean / count);
      }
      out[r] = mean;
    }
  },
};
