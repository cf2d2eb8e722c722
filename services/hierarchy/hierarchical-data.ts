/** Hierarchical data: reads the columns that a request groups its series by, and adds the sums as further series. */
import type { Exogenous } from '../../series/exogenous.ts';
import { withAggregates } from '../../series/hierarchy/aggregate-panel.ts';
import {
  createHierarchy,
  type Hierarchy,
  type KeyColumn,
} from '../../series/hierarchy/hierarchy.ts';
import { fail, isForecastError } from '../../state/errors.ts';
import type { RunRequest } from '../../state/request.ts';
import type { Datasets, LoadedData } from '../datasets/datasets.ts';

/** Data with its sums, and which series they are the sums of. */
export interface HierarchicalData {
  readonly loaded: LoadedData;
  readonly hierarchy: Hierarchy;
}

/** Sums that a projection takes; the system has their number squared. */
const mostAggregates = 4000;
const projections: ReadonlySet<string> = new Set(['ols', 'wls-structural', 'wls', 'mint']);

/**
 * The data of `request` with one more series for each sum of its hierarchy. The columns may be id columns or any that belong to
 * a series as a whole; they stay in the panel only where the request names them as static too. Errors: those of
 * `Datasets.load`, HIERARCHY_*, OPTION_INVALID where nothing adds up.
 */
export async function loadHierarchy(
  datasets: Datasets,
  request: RunRequest,
): Promise<HierarchicalData> {
  const groups = parseGroups(request.hierarchy ?? []);
  const named = new Set((request.static ?? []).map(plain));
  const added = new Map(
    groups.flatMap((group) =>
      group.filter((name) => !named.has(plain(name))).map((name) => [plain(name), name]),
    ),
  );
  const loaded = await loadWith(datasets, request, [...added.values()]);
  const { panel } = loaded;
  const keys = keyColumns(loaded, groups);
  const hierarchy = createHierarchy(
    [...new Set(keys.flat())],
    keys.flatMap((group) =>
      group.map((_, depth) => group.slice(0, depth + 1).map(({ name }) => name)),
    ),
  );
  if (hierarchy.levels.length === 0) {
    fail('OPTION_INVALID', {
      key: 'hierarchy',
      problem: 'there is one series only, nothing adds up.',
    });
  }
  checkSize(hierarchy, request.reconcile ?? 'mint');
  const { exogenous, ...plainPanel } = panel;
  const kept = exogenous && withoutColumns(exogenous, added);
  const whole = withAggregates({ ...plainPanel, ...(kept && { exogenous: kept }) }, hierarchy);
  return { loaded: { ...loaded, panel: whole }, hierarchy };
}

const plain = (name: string): string => name.trim().toLowerCase();

/** `state,store;category` as [[state, store], [category]]. */
function parseGroups(columns: readonly string[]): string[][] {
  const groups = columns
    .join(',')
    .split(';')
    .map((group) => group.split(',').map((name) => name.trim()));
  if (groups.flat().includes('')) {
    fail('OPTION_INVALID', { key: 'hierarchy', problem: 'a name of a column is empty.' });
  }
  return groups;
}

/** Loads with the columns `added` as static; what is wrong with them is said of the hierarchy. */
async function loadWith(
  datasets: Datasets,
  request: RunRequest,
  added: readonly string[],
): Promise<LoadedData> {
  try {
    return await datasets.load({ ...request, static: [...(request.static ?? []), ...added] });
  } catch (error) {
    const isOurs =
      isForecastError(error, 'OPTION_INVALID') &&
      error.details['key'] === 'static' &&
      request.static === undefined;
    if (!isOurs) throw error;
    const problem = String(error.details['problem']);
    return fail('OPTION_INVALID', { key: 'hierarchy', problem }, { cause: error });
  }
}

/** The labels of all series in each group's columns. */
function keyColumns({ panel }: LoadedData, groups: readonly (readonly string[])[]): KeyColumn[][] {
  const known = new Map<string, KeyColumn>();
  for (const { name, values } of panel.exogenous?.static ?? []) {
    known.set(plain(name), { name, labels: Array.from(values, String) });
  }
  for (const { name, labels, codes } of panel.exogenous?.categories ?? []) {
    const texts = Array.from(codes, (code) => labels[code - 1] ?? '');
    known.set(plain(name), { name, labels: texts });
  }
  const keys = groups.map((group) => group.map((name) => known.get(plain(name))!));
  for (const { name, labels } of keys.flat()) {
    const blank = labels.indexOf('');
    if (blank >= 0) fail('HIERARCHY_LABEL_MISSING', { column: name, series: panel.ids[blank]! });
  }
  return keys;
}

function checkSize({ ids }: Hierarchy, method: string): void {
  if (ids.length <= mostAggregates || !projections.has(method)) return;
  fail('HIERARCHY_TOO_LARGE', { aggregates: ids.length, most: mostAggregates, method });
}

/** The columns without those of the hierarchy; undefined if none is left. */
function withoutColumns(
  exogenous: Exogenous,
  names: ReadonlyMap<string, string>,
): Exogenous | undefined {
  const isKept = ({ name }: { readonly name: string }): boolean => !names.has(plain(name));
  const kept = {
    ...exogenous,
    static: exogenous.static.filter(isKept),
    categories: exogenous.categories.filter(isKept),
  };
  const { future, historical, static: fixed, categories } = kept;
  const count = future.length + historical.length + fixed.length + categories.length;
  return count > 0 ? kept : undefined;
}
