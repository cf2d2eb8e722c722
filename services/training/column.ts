/** The flat column that networks train on: every series brought to the scale of its own training part. */
import { createPanel, type Panel, seriesLength, seriesValues } from '../../series/panel.ts';

/** Level and spread of some values. */
export interface Scale {
  readonly level: number;
  /** Above zero, also for constant values. */
  readonly spread: number;
}

/** The panel without series that hold a value which is missing or infinite; the same panel if there are none. */
export function withoutBrokenSeries(panel: Panel): Panel {
  const kept = panel.ids
    .map((_, i) => i)
    .filter((i) => seriesValues(panel, i).every(Number.isFinite));
  if (kept.length === panel.ids.length) return panel;
  const offsets = new Uint32Array(kept.length + 1);
  for (const [k, i] of kept.entries()) offsets[k + 1] = offsets[k]! + seriesLength(panel, i);
  const time = new Float64Array(offsets[kept.length]!);
  const y = new Float64Array(offsets[kept.length]!);
  for (const [k, i] of kept.entries()) {
    time.set(panel.time.subarray(panel.offsets[i], panel.offsets[i + 1]), offsets[k]);
    y.set(seriesValues(panel, i), offsets[k]);
  }
  return createPanel({ ...panel, ids: kept.map((i) => panel.ids[i]!), offsets, time, y });
}

/**
 * All observations as one float32 column, [observations]. With `scaler` 'window', series i becomes
 * (y - median) / deviation, both taken over its training part [0, n - stepsFromEnd) in double precision, so that values
 * of 1e12 and of 1e-9 fit float32 alike; with 'none' the values are taken as they are.
 */
export function createColumn(
  panel: Panel,
  stepsFromEnd: number,
  scaler: 'window' | 'none',
): Float32Array {
  if (scaler === 'none') return Float32Array.from(panel.y);
  const column = new Float32Array(panel.y.length);
  for (let i = 0; i < panel.ids.length; i++) {
    const values = seriesValues(panel, i);
    const training = values.subarray(0, Math.max(0, values.length - stepsFromEnd));
    if (training.length === 0) continue;
    const level = Float64Array.from(training).sort()[training.length >> 1]!;
    const { spread } = scaleOf(training);
    const from = panel.offsets[i]!;
    for (let k = 0; k < values.length; k++) column[from + k] = (values[k]! - level) / spread;
  }
  return column;
}

/** Deviation below which values count as constant, relative to their level: rounding in double precision. */
const rounding = 1e-14;

/**
 * Mean and standard deviation of `values`, which are finite and at least one. Where the deviation is nothing but
 * rounding, the spread is the size of the mean, or 1.
 */
export function scaleOf(values: Float64Array): Scale {
  let level = 0;
  for (const value of values) level += value / values.length;
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value - level));
  // Relative to the largest deviation, so that no square leaves the range of a double.
  let squares = 0;
  if (largest > 0) for (const value of values) squares += ((value - level) / largest) ** 2;
  const deviation = largest * Math.sqrt(squares / values.length);
  const size = Math.abs(level);
  return { level, spread: deviation > rounding * size ? deviation : size || 1 };
}
