/** Features of exogenous columns: future ones at the target's time, historical ones at the origin, static ones of the series. */
import { emptyExogenous, type FutureColumn, type HistoricalColumn } from '../exogenous.ts';
import { type Panel, seriesLength } from '../panel.ts';
import { assert } from '../../state/errors.ts';
import type { Feature } from './feature.ts';
import type { ExogenousPlan } from './feature-plan.ts';

/** The plan that takes all columns of `panel`. */
export function exogenousPlan(
  { exogenous = emptyExogenous }: Panel,
  lags: readonly number[],
): ExogenousPlan {
  const names = (columns: readonly { readonly name: string }[]): string[] =>
    columns.map(({ name }) => name);
  return {
    future: names(exogenous.future),
    historical: names(exogenous.historical),
    static: names(exogenous.static),
    categories: exogenous.categories.map(({ name, labels }) => ({ name, labels })),
    lags,
  };
}

/** Names of the columns of `plan` that `panel` lacks. */
export function absentColumns(plan: ExogenousPlan, panel: Panel): string[] {
  const { exogenous = emptyExogenous } = panel;
  const names = (columns: readonly { readonly name: string }[]): Set<string> =>
    new Set(columns.map(({ name }) => name));
  const lacking = (wanted: readonly string[], found: Set<string>): string[] =>
    wanted.filter((name) => !found.has(name));
  return [
    ...lacking(plan.future, names(exogenous.future)),
    ...lacking(plan.historical, names(exogenous.historical)),
    ...lacking(plan.static, names(exogenous.static)),
    ...lacking(
      plan.categories.map(({ name }) => name),
      names(exogenous.categories),
    ),
  ];
}

/** The columns of `panel` that `plan` names; all of them must be there. */
export function exogenousFeatures(panel: Panel, plan: ExogenousPlan): Feature[] {
  const { exogenous = emptyExogenous } = panel;
  const named = <T extends { readonly name: string }>(columns: readonly T[], name: string): T => {
    const column = columns.find((candidate) => candidate.name === name);
    assert(column, `the panel has a column ${name}`);
    return column;
  };
  const lags = [0, ...plan.lags];
  return [
    ...plan.future.flatMap((name) =>
      lags.map((lag) => futureFeature(panel, named(exogenous.future, name), lag)),
    ),
    ...plan.historical.flatMap((name) =>
      lags.map((lag) => historicalFeature(panel, named(exogenous.historical, name), lag)),
    ),
    ...plan.static.map((name): Feature => {
      const { values } = named(exogenous.static, name);
      return { name, unit: 'plain', write: ({ series }, out) => out.fill(values[series]!) };
    }),
    ...plan.categories.map(({ name, labels }): Feature => {
      const column = named(exogenous.categories, name);
      const codeOf = (series: number): number => {
        const label = column.labels[column.codes[series]! - 1];
        return label === undefined ? 0 : labels.indexOf(label) + 1;
      };
      return {
        name,
        categories: labels.length + 1,
        unit: 'plain',
        write: ({ series }, out) => out.fill(codeOf(series)),
      };
    }),
  ];
}

const lagged = (name: string, lag: number): string => (lag === 0 ? name : `${name}_lag_${lag}`);

/** The column `lag` steps before the target, from behind the end of the series where that lies there. */
function futureFeature(panel: Panel, column: FutureColumn, lag: number): Feature {
  const stepsAhead = panel.exogenous?.stepsAhead ?? 0;
  return {
    name: lagged(column.name, lag),
    unit: 'plain',
    write({ series, origins, steps }, out) {
      const length = seriesLength(panel, series);
      const start = panel.offsets[series]!;
      for (let r = 0; r < origins.length; r++) {
        const at = origins[r]! + steps[r]! - 1 - lag;
        const beyond = at - length;
        if (at < 0 || beyond >= stepsAhead) out[r] = Number.NaN;
        else if (beyond < 0) out[r] = column.values[start + at]!;
        else out[r] = column.ahead[series * stepsAhead + beyond]!;
      }
    },
  };
}

/** The column at the last known value, or `lag` steps before. */
function historicalFeature(panel: Panel, column: HistoricalColumn, lag: number): Feature {
  return {
    name: lagged(column.name, lag),
    unit: 'plain',
    write({ series, origins, observed }, out) {
      const start = panel.offsets[series]!;
      for (let r = 0; r < origins.length; r++) {
        const at = Math.min(origins[r]!, observed) - 1 - lag;
        out[r] = at < 0 ? Number.NaN : column.values[start + at]!;
      }
    },
  };
}
