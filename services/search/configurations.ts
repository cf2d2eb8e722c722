/** Configurations of a random search: the k-th is a function of the space, the seed and k alone. */
import type { Hyperparameters, SearchDimension, SearchSpace } from '../../models/model.ts';
import { createRandom } from '../../tensor/random.ts';

/** How often a configuration that came before is drawn again before the space counts as exhausted. */
const mostDraws = 200;
/** Digits that a drawn number is rounded to: enough for a search, readable, and the same on every machine. */
const digits = 3;

/** The same text for the same values, whatever their order. */
export function canonicalText(configuration: Hyperparameters): string {
  return JSON.stringify(
    Object.entries(configuration).sort(([a], [b]) => (a < b ? -1 : Number(a > b))),
  );
}

/**
 * The first `count` configurations, all different: `defaults` first, if given, then those with the values of each of `variants`
 * in place of the defaults', then random ones. Fewer where the space has no more. A longer list begins with every shorter one.
 */
export function drawConfigurations(
  space: SearchSpace,
  defaults: Hyperparameters | undefined,
  count: number,
  seed: number,
  variants: readonly Hyperparameters[] = [],
): Hyperparameters[] {
  const drawn = new Map<string, Hyperparameters>();
  const planned = [...(defaults === undefined ? [] : [defaults]), ...variants];
  for (const values of planned) {
    const configuration = { ...defaults, ...values };
    drawn.set(canonicalText(configuration), configuration);
  }
  while (drawn.size < count) {
    const trial = drawn.size;
    let attempt = 0;
    while (drawn.size === trial && attempt < mostDraws) {
      const configuration = { ...defaults, ...drawOne(space, seed, trial, attempt++) };
      const text = canonicalText(configuration);
      if (!drawn.has(text)) drawn.set(text, configuration);
    }
    if (drawn.size === trial) break;
  }
  return [...drawn.values()].slice(0, count);
}

/** Every dimension has its own stream, so that a new one leaves the draws of the others as they are. */
function drawOne(
  space: SearchSpace,
  seed: number,
  trial: number,
  attempt: number,
): Hyperparameters {
  const entries = Object.entries(space).map(([name, dimension]) => {
    const { uniform } = createRandom(seed, 'trial', trial, attempt, name);
    return [name, drawFrom(dimension, uniform())] as const;
  });
  return Object.fromEntries(entries);
}

function drawFrom(dimension: SearchDimension, share: number): number | string | boolean {
  if (dimension.kind === 'choice') {
    return dimension.values[Math.floor(share * dimension.values.length)]!;
  }
  const { low, high } = dimension;
  const value =
    dimension.kind === 'uniform' ? low + share * (high - low) : low * (high / low) ** share;
  return Math.min(high, Math.max(low, Number(value.toPrecision(digits))));
}
