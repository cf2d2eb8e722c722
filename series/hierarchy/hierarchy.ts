/** A hierarchy: which bottom series every aggregate is the sum of, and how vectors over all its series add up. */
import { assert } from '../../state/errors.ts';

/** What the bottom series are grouped by. */
export interface KeyColumn {
  readonly name: string;
  /** [bottom]. */
  readonly labels: readonly string[];
}

/** One way to group all bottom series; its aggregates are `from`, ..., `to - 1`. */
export interface HierarchyLevel {
  /** Its columns joined by "/", or `total`. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/**
 * The summing structure S of Hyndman et al. (2011, "Optimal combination forecasts for hierarchical time series"), kept
 * sparsely: every level holds each bottom series once. Vectors over all series are the bottom series, then the aggregates.
 */
export interface Hierarchy {
  /** Number of bottom series. */
  readonly bottom: number;
  /** Levels of aggregates, total first. */
  readonly levels: readonly HierarchyLevel[];
  /** Names of the aggregates, such as `total` and `state=CA/store=CA_1`. */
  readonly ids: readonly string[];
  /** [levels * bottom]: the aggregate that a bottom series belongs to. */
  readonly parents: Uint32Array;
}

/** Name of the sum of all series, and of its level. */
export const totalName = 'total';

/**
 * The hierarchy with `total` on top and one level for each list of column names in `groups`, its aggregates in the order of
 * their first series. A level that groups as an earlier one does, or that groups nothing, is left out.
 */
export function createHierarchy(
  columns: readonly KeyColumn[],
  groups: readonly (readonly string[])[],
): Hierarchy {
  const bottom = columns[0]?.labels.length ?? 0;
  assert(
    columns.every(({ labels }) => labels.length === bottom),
    'every bottom series has a label',
  );
  const ids: string[] = [];
  const levels: HierarchyLevel[] = [];
  const rows: Uint32Array[] = [];
  for (const group of [[], ...groups]) {
    const keys = group.map((name) => {
      const column = columns.find((one) => one.name === name);
      assert(column !== undefined, `${name} is among the columns`);
      return column;
    });
    const { places, names } = groupBy(bottom, keys);
    const isKnown = rows.some((row, l) => isSameGrouping(row, levels[l]!, places, names.length));
    if (names.length === bottom || isKnown) continue;
    const from = ids.length;
    ids.push(...names);
    levels.push({ name: group.join('/') || totalName, from, to: ids.length });
    rows.push(places.map((place) => from + place));
  }
  const parents = new Uint32Array(rows.length * bottom);
  for (const [l, row] of rows.entries()) parents.set(row, l * bottom);
  return { bottom, levels, ids, parents };
}

function groupBy(bottom: number, keys: readonly KeyColumn[]) {
  const known = new Map<string, number>();
  const names: string[] = [];
  const places = new Uint32Array(bottom);
  for (let b = 0; b < bottom; b++) {
    const key = JSON.stringify(keys.map(({ labels }) => labels[b]!));
    let place = known.get(key);
    if (place === undefined) {
      place = names.length;
      known.set(key, place);
      names.push(keys.map(({ name, labels }) => `${name}=${labels[b]!}`).join('/') || totalName);
    }
    places[b] = place;
  }
  return { places, names };
}

/** Groups are numbered by their first series, so that equal groupings have equal numbers. */
function isSameGrouping(
  row: Uint32Array,
  { from, to }: HierarchyLevel,
  places: Uint32Array,
  count: number,
): boolean {
  return count === to - from && row.every((parent, b) => parent - from === places[b]!);
}

/** Number of all series: bottom and aggregates. */
export function seriesCount({ bottom, ids }: Hierarchy): number {
  return bottom + ids.length;
}

/** The aggregate that bottom series `b` belongs to at `level`. */
export function parentOf({ bottom, parents }: Hierarchy, level: number, b: number): number {
  return parents[level * bottom + b]!;
}

/** How many bottom series each series is the sum of, [series]: 1 for the bottom series themselves. */
export function memberCounts(hierarchy: Hierarchy): Float64Array {
  const counts = new Float64Array(seriesCount(hierarchy)).fill(1, 0, hierarchy.bottom);
  sumUp(hierarchy, counts);
  return counts;
}

/** Makes the aggregates of `values` [series] the sums of its bottom series. */
export function sumUp(hierarchy: Hierarchy, values: Float64Array): void {
  const { bottom, levels, parents } = hierarchy;
  values.fill(0, bottom);
  for (let l = 0; l < levels.length; l++) {
    for (let b = 0; b < bottom; b++) values[bottom + parents[l * bottom + b]!]! += values[b]!;
  }
}

/** What the aggregates of `values` [series] lie above the sums of its bottom series, [aggregates]. */
export function incoherence(hierarchy: Hierarchy, values: Float64Array): Float64Array {
  const { bottom, levels, parents } = hierarchy;
  const gaps = values.slice(bottom);
  for (let l = 0; l < levels.length; l++) {
    for (let b = 0; b < bottom; b++) gaps[parents[l * bottom + b]!]! -= values[b]!;
  }
  return gaps;
}
