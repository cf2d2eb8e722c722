/** A panel with the aggregates of a hierarchy as further series behind its own. */
import { fail } from '../../state/errors.ts';
import { emptyExogenous, type Exogenous } from '../exogenous.ts';
import { formatTime } from '../format-time.ts';
import { createPanel, type Panel, seriesLength, seriesTimes } from '../panel.ts';
import { type Hierarchy, memberCounts, parentOf } from './hierarchy.ts';

/** Where the aggregates' observations lie behind those of the bottom series. */
interface Extent {
  /** [series + 1] of the panel with aggregates. */
  readonly offsets: Uint32Array;
  /** [aggregates]: the bottom series that reaches back furthest, as far as the aggregate. */
  readonly longest: Uint32Array;
  /** Adds up `values` [observations] of the bottom series behind themselves, [all observations]. */
  sums(values: Float64Array): Float64Array;
}

/**
 * The panel with one more series for each aggregate, over all times at which one of its series is observed; a series counts as 0
 * before its first observation, as what is not sold yet. Columns beside the target are means over the series that are observed;
 * a category is kept where all of them share it. Errors: HIERARCHY_UNALIGNED if the series do not end at the same time,
 * HIERARCHY_NAME_TAKEN if a series is called like an aggregate.
 */
export function withAggregates(panel: Panel, hierarchy: Hierarchy): Panel {
  checkNames(panel, hierarchy);
  checkAligned(panel);
  const extent = extentOf(panel, hierarchy);
  const time = new Float64Array(extent.offsets.at(-1)!);
  time.set(panel.time);
  for (const [a, b] of extent.longest.entries()) {
    time.set(seriesTimes(panel, b), extent.offsets[hierarchy.bottom + a]);
  }
  return createPanel({
    ids: [...panel.ids, ...hierarchy.ids],
    offsets: extent.offsets,
    time,
    y: extent.sums(panel.y),
    frequency: panel.frequency,
    ...(panel.exogenous && { exogenous: aggregateColumns(panel.exogenous, hierarchy, extent) }),
  });
}

function checkNames({ ids }: Panel, hierarchy: Hierarchy): void {
  const known = new Set(ids);
  const taken = hierarchy.ids.find((id) => known.has(id) || known.size === known.add(id).size);
  if (taken !== undefined) fail('HIERARCHY_NAME_TAKEN', { name: taken });
}

function checkAligned(panel: Panel): void {
  const endOf = (i: number): number => seriesTimes(panel, i).at(-1)!;
  const end = endOf(0);
  const other = panel.ids.findIndex((_, i) => endOf(i) !== end);
  if (other < 0) return;
  fail('HIERARCHY_UNALIGNED', {
    first: panel.ids[0]!,
    end: formatTime(end, panel.frequency),
    other: panel.ids[other]!,
    otherEnd: formatTime(endOf(other), panel.frequency),
  });
}

function extentOf(panel: Panel, hierarchy: Hierarchy): Extent {
  const { bottom, ids, levels } = hierarchy;
  const longest = new Uint32Array(ids.length);
  const lengths = new Float64Array(ids.length);
  for (let l = 0; l < levels.length; l++) {
    for (let b = 0; b < bottom; b++) {
      const parent = parentOf(hierarchy, l, b);
      const length = seriesLength(panel, b);
      if (length <= lengths[parent]!) continue;
      lengths[parent] = length;
      longest[parent] = b;
    }
  }
  const offsets = new Uint32Array(bottom + ids.length + 1);
  offsets.set(panel.offsets);
  for (let a = 0; a < ids.length; a++) offsets[bottom + a + 1] = offsets[bottom + a]! + lengths[a]!;
  return {
    offsets,
    longest,
    sums(values) {
      const whole = new Float64Array(offsets[bottom + ids.length]!);
      whole.set(values);
      for (let l = 0; l < levels.length; l++) {
        for (let b = 0; b < bottom; b++) {
          const from = offsets[b]!;
          const length = offsets[b + 1]! - from;
          const to = offsets[bottom + parentOf(hierarchy, l, b) + 1]! - length;
          for (let t = 0; t < length; t++) whole[to + t]! += values[from + t]!;
        }
      }
      return whole;
    },
  };
}

function aggregateColumns(columns: Exogenous, hierarchy: Hierarchy, extent: Extent): Exogenous {
  const { bottom } = hierarchy;
  const counts = memberCounts(hierarchy);
  const present = extent.sums(new Float64Array(extent.offsets[bottom]!).fill(1));
  const observed = (values: Float64Array): Float64Array => {
    const whole = extent.sums(values);
    for (let t = values.length; t < whole.length; t++) whole[t]! /= present[t]!;
    return whole;
  };
  const perSeries = (values: Float64Array, steps: number): Float64Array => {
    const whole = new Float64Array(counts.length * steps);
    whole.set(values);
    for (let l = 0; l < hierarchy.levels.length; l++) {
      for (let b = 0; b < bottom; b++) {
        const i = bottom + parentOf(hierarchy, l, b);
        for (let k = 0; k < steps; k++)
          whole[i * steps + k]! += values[b * steps + k]! / counts[i]!;
      }
    }
    return whole;
  };
  return {
    ...emptyExogenous,
    stepsAhead: columns.stepsAhead,
    future: columns.future.map(({ name, values, ahead }) => ({
      name,
      values: observed(values),
      ahead: perSeries(ahead, columns.stepsAhead),
    })),
    historical: columns.historical.map(({ name, values }) => ({ name, values: observed(values) })),
    static: columns.static.map(({ name, values }) => ({ name, values: perSeries(values, 1) })),
    categories: columns.categories.map(({ name, labels, codes }) => ({
      name,
      labels,
      codes: sharedCodes(codes, hierarchy),
    })),
  };
}

/** The code that all of an aggregate's series have, else 0. */
function sharedCodes(codes: Uint32Array, hierarchy: Hierarchy): Uint32Array {
  const { bottom, ids, levels } = hierarchy;
  const whole = new Uint32Array(bottom + ids.length);
  whole.set(codes);
  const seen = new Uint8Array(ids.length);
  for (let l = 0; l < levels.length; l++) {
    for (let b = 0; b < bottom; b++) {
      const parent = parentOf(hierarchy, l, b);
      const differs = seen[parent] === 1 && whole[bottom + parent] !== codes[b];
      whole[bottom + parent] = differs ? 0 : codes[b]!;
      seen[parent] = 1;
    }
  }
  return whole;
}
