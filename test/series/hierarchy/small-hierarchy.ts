/** A total, two groups and five series, as the reference figures of the reconciliation tests were computed for. */
import { createHierarchy, type Hierarchy } from '../../../series/hierarchy/hierarchy.ts';

/** Groups A (two series) and B (three). */
export const small = createHierarchy(
  [{ name: 'group', labels: ['A', 'A', 'B', 'B', 'B'] }],
  [['group']],
);

/** Base forecasts of one step that do not add up: bottom series, total, A, B. */
export const base = Float64Array.of(12, 25, 20, 31, 16, 100, 42, 70);

/** Values in the order total, A, B, bottom series. */
export const topFirst = (values: Float64Array): number[] => [
  ...values.subarray(5),
  ...values.subarray(0, 5),
];

/** A random hierarchy of states with stores, crossed by categories. */
export function crossed(bottom: number, draw: (below: number) => number): Hierarchy {
  const labels = (count: number): string[] =>
    Array.from({ length: bottom }, () => String(draw(count)));
  const columns = ['state', 'store', 'category'].map((name, k) => ({
    name,
    labels: labels(k + 2),
  }));
  return createHierarchy(columns, [['state'], ['state', 'store'], ['category']]);
}
