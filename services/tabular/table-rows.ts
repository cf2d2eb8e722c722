/** Table rows: those of a feature table that can be learned from. */
import type { FeatureTable } from '../../series/features/feature-table.ts';
import { createTable } from '../../series/table.ts';

/** `features`, `target` and `series` without the rows whose target is missing; what it was given where none is. */
export function keepRows(
  features: FeatureTable,
  target: Float64Array,
  series: Uint32Array,
): { features: FeatureTable; target: Float64Array; series: Uint32Array } {
  const kept = new Uint32Array(target.length);
  let count = 0;
  for (let r = 0; r < target.length; r++) if (!Number.isNaN(target[r]!)) kept[count++] = r;
  if (count === target.length) return { features, target, series };
  const at = kept.subarray(0, count);
  const take = (values: Float64Array): Float64Array => Float64Array.from(at, (r) => values[r]!);
  return {
    features: {
      table: createTable(
        features.table.columns.map((column) => ({ ...column, values: take(column.values) })),
        count,
      ),
      baseline: take(features.baseline),
      scale: take(features.scale),
      logarithmic: Uint8Array.from(at, (r) => features.logarithmic[r]!),
    },
    target: take(target),
    series: Uint32Array.from(at, (r) => series[r]!),
  };
}
