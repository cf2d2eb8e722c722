/** Reconciliation on the M5 sample: accuracy of base and reconciled forecasts on all twelve levels, and what it takes. */
import { join } from 'node:path';
import { findModel } from '../models/index.ts';
import type { LocalModel } from '../models/model.ts';
import { createDatasets } from '../services/datasets/datasets.ts';
import { mase, rmsse } from '../series/accuracy.ts';
import { withAggregates } from '../series/hierarchy/aggregate-panel.ts';
import { createHierarchy, type Hierarchy } from '../series/hierarchy/hierarchy.ts';
import { createReconciler, reconcileForecast } from '../series/hierarchy/reconciliation.ts';
import { type Panel, seriesLength, seriesValues, takeSeries } from '../series/panel.ts';
import { assert } from '../state/errors.ts';
import { type ReconciliationMethod, reconciliationMethods } from '../state/request.ts';
import { createOptions } from './options.ts';
import { decimals, printTable } from './print-table.ts';
import { openResults } from './results-file.ts';

/** One method with one base model. */
interface HierarchyCell {
  readonly model: string;
  readonly method: ReconciliationMethod | 'base';
  /** The method that served, where errors did not allow the one asked for. */
  readonly used: string;
  readonly series: number;
  readonly aggregates: number;
  /** Of building the reconciler and reconciling one horizon. */
  readonly seconds: number;
  readonly shrinkage: number | null;
  /** Means over the series of a level, of season 7, and of season 1 as in M5. */
  readonly levels: Readonly<Record<string, { readonly mase: number; readonly rmsse: number }>>;
}

type Key = Pick<HierarchyCell, 'model' | 'method'>;
const horizon = 28;
const season = 7;
/** Backtest origins whose errors MinT learns from, before the test part. */
const validationFolds = 4;
const bottomLevel = 'item/store';
/** The groupings of M5 (Makridakis, Spiliotis, Assimakopoulos 2022, table 1) but for the total and the bottom. */
const groups = [
  ['state'],
  ['store'],
  ['category'],
  ['department'],
  ['state', 'category'],
  ['state', 'department'],
  ['store', 'category'],
  ['store', 'department'],
  ['item'],
  ['item', 'state'],
] as const;

/** Ids are like FOODS_1_004_CA_1: department, item, store. */
function hierarchyOf({ ids }: Panel): Hierarchy {
  const parts = ids.map((id) => id.split('_'));
  const column = (name: string, from: number, to: number) => ({
    name,
    labels: parts.map((words) => words.slice(from, to).join('_')),
  });
  return createHierarchy(
    [
      column('category', 0, 1),
      column('department', 0, 2),
      column('item', 0, 3),
      column('state', 3, 4),
      column('store', 3, 5),
    ],
    groups,
  );
}

/** The series of `items` items, evenly taken. */
async function readPanel(data: string, items: number): Promise<Panel> {
  const path = join(data, 'retail/m5_dev_items10pct.csv.gz');
  const { panel } = await createDatasets().load({ data: path, horizon });
  const itemOf = (id: string): string => id.split('_').slice(0, 3).join('_');
  const known = [...new Set(panel.ids.map(itemOf))];
  const stride = Math.max(1, Math.floor(known.length / items));
  const chosen = new Set(known.filter((_, k) => k % stride === 0));
  const parts = panel.ids.flatMap((id, series) =>
    chosen.has(itemOf(id)) ? [{ series, skip: 0 }] : [],
  );
  return takeSeries(panel, parts);
}

/** Forecasts [series * horizon] from `stepsFromEnd` steps before the end of every series; 0 where it begins later. */
function forecastAll(panel: Panel, model: LocalModel, stepsFromEnd: number): Float64Array {
  const forecast = new Float64Array(panel.ids.length * horizon);
  const hyperparameters = model.hyperparameters.parse({});
  for (let i = 0; i < panel.ids.length; i++) {
    const origin = seriesLength(panel, i) - stepsFromEnd;
    if (origin < 1) continue;
    const history = seriesValues(panel, i).subarray(0, origin);
    forecast.set(model.fit(history, { horizon, season }, hyperparameters).mean, i * horizon);
  }
  return forecast;
}

/** Errors of the validation folds, one row a step. */
function errorsOf(panel: Panel, model: LocalModel) {
  const width = panel.ids.length;
  const errors = new Float64Array(validationFolds * horizon * width).fill(Number.NaN);
  for (let fold = 0; fold < validationFolds; fold++) {
    const stepsFromEnd = (fold + 2) * horizon;
    const forecast = forecastAll(panel, model, stepsFromEnd);
    for (let i = 0; i < width; i++) {
      const origin = seriesLength(panel, i) - stepsFromEnd;
      if (origin < 1) continue;
      const actual = seriesValues(panel, i).subarray(origin, origin + horizon);
      for (let k = 0; k < horizon; k++) {
        errors[(fold * horizon + k) * width + i] = actual[k]! - forecast[i * horizon + k]!;
      }
    }
  }
  return { rows: validationFolds * horizon, errors };
}

function scoreLevels(panel: Panel, hierarchy: Hierarchy, forecast: Float64Array) {
  const levels = [
    ...hierarchy.levels.map(({ name, from, to }) => ({
      name,
      from: hierarchy.bottom + from,
      to: hierarchy.bottom + to,
    })),
    { name: bottomLevel, from: 0, to: hierarchy.bottom },
  ];
  const scores = levels.map(({ name, from, to }) => {
    const of = (measure: typeof mase, lag: number): number => {
      const values = Array.from({ length: to - from }, (_, k) => {
        const i = from + k;
        const all = seriesValues(panel, i);
        const history = all.subarray(0, all.length - horizon);
        const own = forecast.subarray(i * horizon, (i + 1) * horizon);
        return measure(all.subarray(-horizon), own, history, lag);
      }).filter(Number.isFinite);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    return [name, { mase: of(mase, season), rmsse: of(rmsse, 1) }] as const;
  });
  return Object.fromEntries(scores);
}

function measure(panel: Panel, hierarchy: Hierarchy, model: LocalModel): HierarchyCell[] {
  const base = forecastAll(panel, model, horizon);
  const sample = errorsOf(panel, model);
  const about = { model: model.name, series: panel.ids.length, aggregates: hierarchy.ids.length };
  const untouched: HierarchyCell = {
    ...about,
    method: 'base',
    used: 'base',
    seconds: 0,
    shrinkage: null,
    levels: scoreLevels(panel, hierarchy, base),
  };
  const cells = reconciliationMethods.map((method): HierarchyCell => {
    const began = performance.now();
    const chosen = createReconciler({
      hierarchy,
      method,
      sample,
      histories: (b) => seriesValues(panel, b).subarray(0, seriesLength(panel, b) - horizon),
    });
    const forecast = base.slice();
    const nonNegative = Array.from({ length: hierarchy.bottom }, () => true);
    reconcileForecast(hierarchy, chosen.reconcile, forecast, { horizon, nonNegative });
    return {
      ...about,
      method,
      used: chosen.method,
      seconds: (performance.now() - began) / 1000,
      shrinkage: chosen.shrinkage ?? null,
      levels: scoreLevels(panel, hierarchy, forecast),
    };
  });
  return [untouched, ...cells];
}

function print(cells: readonly HierarchyCell[]): void {
  for (const measure of ['mase', 'rmsse'] as const) {
    console.log(measure.toUpperCase());
    printTable(
      cells.map(({ model, method, seconds, levels }) => {
        const scores = Object.entries(levels).map(
          ([name, score]) => [name, score[measure]] as const,
        );
        const mean = scores.reduce((sum, [, score]) => sum + score, 0) / scores.length;
        const rounded = [...scores, ['mean', mean] as const].map(([name, score]) => [
          name,
          decimals(score, 3),
        ]);
        return [
          `${model} ${method}`,
          {
            ...(Object.fromEntries(rounded) as Record<string, number>),
            seconds: decimals(seconds, 2),
          },
        ];
      }),
    );
  }
}

/**
 * `--models a,b` are the base forecasts, statistical or naive; `--items N` takes so many of the 338 items, in all ten stores;
 * `--save` writes bench/results/hierarchy.json; `--data FOLDER` has the sets.
 */
export async function main(args: readonly string[] = process.argv.slice(3)): Promise<void> {
  const options = createOptions(args);
  const results = openResults<HierarchyCell, Key>(
    {
      benchmark: 'hierarchy',
      what: 'Base and reconciled forecasts of the M5 sample, 28 steps, mean scores of each level; errors from four earlier folds',
    },
    ({ model, method }) => `${model} ${method}`,
    { save: options.has('--save') },
  );
  const bottom = await readPanel(options.data, options.number('--items') ?? 338);
  const hierarchy = hierarchyOf(bottom);
  const panel = withAggregates(bottom, hierarchy);
  for (const name of options.list('--models', ['seasonal-naive', 'ets'])) {
    const model = findModel(name);
    assert(model.family === 'naive' || model.family === 'statistical', `${name} is local`);
    for (const cell of measure(panel, hierarchy, model)) results.put(cell);
  }
  print(results.cells());
}
