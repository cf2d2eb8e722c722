/** Series that training and inference are tested on. */
import { createPanel, type Panel } from '../../../series/panel.ts';
import { createRandom } from '../../../tensor/random.ts';

/** A panel of the given series, with integer positions as time. */
export function panelOf(series: readonly ArrayLike<number>[]): Panel {
  const offsets = new Uint32Array(series.length + 1);
  for (const [i, values] of series.entries()) offsets[i + 1] = offsets[i]! + values.length;
  return createPanel({
    ids: series.map((_, i) => `series-${i}`),
    offsets,
    time: Float64Array.from(series.flatMap((values) => Array.from(values, (_, k) => k))),
    y: Float64Array.from(series.flatMap((values) => Array.from(values))),
    frequency: { unit: 'index', count: 1, anchor: 'start' },
  });
}

/** `level` + `size` sin(2 pi t / `period`), with normal noise of `noise` times the size. */
export function sine(
  length: number,
  { period = 12, level = 0, size = 1, noise = 0, seed = 1, phase = 0 } = {},
): Float64Array {
  const { normal } = createRandom(seed, 'sine');
  return Float64Array.from(
    { length },
    (_, t) => level + size * (Math.sin((2 * Math.PI * (t + phase)) / period) + noise * normal()),
  );
}
