/** Table explanation: what the forecast of one series owes to each feature of its table; synchronous, for a worker. */
import type { TabularFit, TabularModel } from '../../models/model.ts';
import {
  buildFeatureTable,
  type FeatureTable,
  type HistorySource,
  type RowSet,
} from '../../series/features/feature-table.ts';
import { type Panel, seriesValues } from '../../series/panel.ts';
import { type Breakdown, exponentiate } from './breakdown.ts';
import { decodeForecaster, type StoredBlock } from './container.ts';
import { forecastTabular } from './prediction.ts';
import type { TabularSettings } from './settings.ts';

/** A forecast taken apart by features; at each step `start`, all features and `bounds` add up to it. */
export interface TableContributions {
  /** What the model's target is a change from. */
  readonly baseline: TabularSettings['baseline'];
  /** [horizon]: the baseline and what the model adds to it on average, in units of the panel. */
  readonly start: Float64Array;
  /** [horizon] each, in units of the panel: Shapley values of trees, or terms of a linear model. */
  readonly features: readonly { readonly name: string; readonly values: Float64Array }[];
  /** [horizon]: what the bounds of a prediction put in or take off; mostly 0. */
  readonly bounds: Float64Array;
  /** Kind -> feature -> share of the model as a whole, mean over its fits; of the kinds that the model knows. */
  readonly importance: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Contributions of some rows by name, and the bounds' own. */
interface Written extends TableContributions {
  readonly byName: Map<string, Float64Array>;
}

/** What raw scores and predictions may differ by where they are the same. */
const sameWithin = 1e-6;

/** The forecast of series `series` of `panel` from `origin`. Errors as `forecastTabular`. */
export function explainTabular(
  findModel: (name: string) => TabularModel,
  bytes: Uint8Array,
  panel: Panel,
  series: number,
  origin: number,
): TableContributions {
  const { model, settings, horizon, blocks } = decodeForecaster(bytes);
  const origins = new Int32Array(panel.ids.length).fill(-1);
  origins[series] = origin;
  const forecast = forecastTabular(findModel, bytes, panel, origins);
  const own = forecast.subarray(series * horizon, (series + 1) * horizon);
  const loaded = blocks.map(({ fit }) => findModel(model).load(fit));
  const byName = new Map<string, Float64Array>();
  const result: Omit<Written, 'features'> = {
    baseline: settings.baseline,
    start: new Float64Array(horizon),
    bounds: new Float64Array(horizon),
    importance: meanImportance(loaded),
    byName,
  };
  const recursive = settings.strategy === 'recursive';
  const source = recursive ? goingOn(panel, series, origin, own) : { panel };
  for (const [k, block] of blocks.entries()) {
    const [from, to] = recursive ? [1, horizon] : [block.from, block.to];
    const places = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    const rows: RowSet = {
      series: new Uint32Array(places.length).fill(series),
      origins: Int32Array.from(places, (step) => origin + (recursive ? step - 1 : 0)),
      steps: Int32Array.from(places, (step) => (recursive ? 1 : step)),
    };
    writeBlock(loaded[k]!, block, buildFeatureTable(source, block.plan, rows), from, result);
  }
  const { byName: _byName, ...rest } = result;
  return { ...rest, features: [...byName].map(([name, values]) => ({ name, values })) };
}

/** The history of a series with its own forecasts behind it, which a recursive forecast looks back at. */
function goingOn(
  panel: Panel,
  series: number,
  origin: number,
  forecast: Float64Array,
): HistorySource {
  const history = new Float64Array(origin + forecast.length);
  history.set(seriesValues(panel, series).subarray(0, origin));
  history.set(forecast, origin);
  return { panel, valuesOf: () => history, observedOf: () => origin };
}

/** Writes the contributions of a block's rows, the first of which is step `from` of the horizon. */
function writeBlock(
  fit: TabularFit,
  block: StoredBlock,
  { table, baseline, scale, logarithmic }: FeatureTable,
  from: number,
  { start, bounds, byName }: Pick<Written, 'start' | 'bounds' | 'byName'>,
): void {
  const names = table.columns.map(({ name }) => name);
  const width = names.length + 1;
  const contributions = fit.contributions(table);
  const predictions = fit.predict(table);
  const columns = names.map((name) => {
    if (!byName.has(name)) byName.set(name, new Float64Array(start.length));
    return byName.get(name)!;
  });
  for (let r = 0; r < table.rows; r++) {
    const own = contributions.subarray(r * width, (r + 1) * width);
    const raw = { start: own[width - 1]!, parts: own.slice(0, width - 1) };
    const bounded = Math.min(Math.max(predictions[r]!, block.least), block.most);
    const { start: first, parts } = inUnits(raw, predictions[r]!, bounded, {
      baseline: baseline[r]!,
      scale: scale[r]!,
      logarithmic: logarithmic[r] === 1,
    });
    const step = from - 1 + r;
    start[step] = first;
    bounds[step] = parts.at(-1)!;
    for (const [j, values] of columns.entries()) values[step] = parts[j]!;
  }
}

/** The breakdown of a raw score as that of the forecast; the last of its parts is that of the bounds. */
function inUnits(
  raw: Breakdown,
  predicted: number,
  bounded: number,
  { baseline, scale, logarithmic }: { baseline: number; scale: number; logarithmic: boolean },
): Breakdown {
  const score = raw.parts.reduce((sum, part) => sum + part, raw.start);
  // Models of counts and sizes predict the exponential of their score.
  const same = Math.abs(score - predicted) <= sameWithin * (1 + Math.abs(predicted));
  const { start, parts } = same ? raw : exponentiate(raw);
  const all = new Float64Array(parts.length + 1);
  for (const [j, part] of parts.entries()) all[j] = part * scale;
  all[parts.length] = (bounded - predicted) * scale;
  const breakdown = { start: baseline + start * scale, parts: all };
  return logarithmic ? exponentiate(breakdown) : breakdown;
}

function meanImportance(fits: readonly TabularFit[]): TableContributions['importance'] {
  const mean: Record<string, Record<string, number>> = {};
  for (const { importance } of fits) {
    for (const [kind, shares] of Object.entries(importance)) {
      const own = (mean[kind] ??= {});
      for (const [name, share] of Object.entries(shares)) {
        own[name] = (own[name] ?? 0) + share / fits.length;
      }
    }
  }
  return mean;
}
