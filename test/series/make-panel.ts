/** Panels and reproducible noise for tests. */
import { addSteps, parseFrequency } from '../../series/frequency.ts';
import { createPanel, type Panel } from '../../series/panel.ts';
import { createRandom } from '../../tensor/random.ts';

const startMs = Date.UTC(2020, 0, 6);

/** A panel of series named s0, s1, ... that all begin on Monday, 6 January 2020. */
export function panelOf(series: readonly ArrayLike<number>[], frequencyText = 'D'): Panel {
  const frequency = parseFrequency(frequencyText);
  const offsets = new Uint32Array(series.length + 1);
  for (let i = 0; i < series.length; i++) offsets[i + 1] = offsets[i]! + series[i]!.length;
  const y = new Float64Array(offsets[series.length]!);
  const time = new Float64Array(y.length);
  for (let i = 0; i < series.length; i++) {
    y.set(series[i]!, offsets[i]);
    for (let t = 0; t < series[i]!.length; t++) {
      time[offsets[i]! + t] = frequency.unit === 'index' ? t : addSteps(startMs, frequency, t);
    }
  }
  return createPanel({ ids: series.map((_, i) => `s${i}`), offsets, y, time, frequency });
}

/** A source of standard normal numbers that a seed and a name determine. */
export function normals(seed: number, name = 'test'): () => number {
  const random = createRandom(seed, name);
  return () => random.normal();
}

/** `length` values of `of(t)`. */
export function generate(length: number, of: (t: number) => number): Float64Array {
  return Float64Array.from({ length }, (_, t) => of(t));
}

/** A random walk of `length` standard normal steps. */
export function randomWalk(length: number, normal: () => number): Float64Array {
  let level = 0;
  return generate(length, () => {
    level += normal();
    return level;
  });
}
