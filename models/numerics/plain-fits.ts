/** What is left to say of a series that is too short, or never changes: fits without estimated parameters. */
import type { LocalContext, LocalFit } from '../model.ts';
import { binaryScale, rescale } from './scaling.ts';

/** Whether all values are equal. */
export function isConstant(values: Float64Array): boolean {
  for (let t = 1; t < values.length; t++) if (values[t] !== values[0]) return false;
  return true;
}

/** The fit of a series that never changed: it goes on so, without error as far as it shows. */
export function constantFit(history: Float64Array, { horizon }: LocalContext): LocalFit {
  const value = history[0]!;
  const fitted = new Float64Array(history.length).fill(value);
  return {
    mean: new Float64Array(horizon).fill(value),
    parameters: { kind: 'constant', reason: 'all values are equal' },
    deviation: () => new Float64Array(horizon),
    components: () => ({ fitted, level: fitted }),
  };
}

/** The random walk: repeats the last value; its error grows with the root of the steps. */
export function randomWalkFit(
  history: Float64Array,
  { horizon }: LocalContext,
  reason: string,
): LocalFit {
  const n = history.length;
  const fitted = history.map((_, t) => history[Math.max(0, t - 1)]!);
  return {
    mean: new Float64Array(horizon).fill(history[n - 1]!),
    parameters: { kind: 'random walk', reason },
    deviation: () => {
      const scale = binaryScale(history);
      let squares = 0;
      for (let t = 1; t < n; t++) squares += (history[t]! / scale - history[t - 1]! / scale) ** 2;
      const step = Math.sqrt(squares / Math.max(1, n - 1));
      return rescale(
        Float64Array.from({ length: horizon }, (_, h) => step * Math.sqrt(h + 1)),
        scale,
      );
    },
    components: () => ({ fitted, level: fitted }),
  };
}
