/** Which samples each optimiser step sees: shuffled epochs, as a pure function of the seed and the step. */
import { assert } from '../../state/errors.ts';
import { createRandom } from '../../tensor/random.ts';
import type { SampleIndex } from './sample-index.ts';

/** The samples of a training, step by step. */
export interface WindowDraw {
  /** Tells one way of drawing from another; progress made with another one is not resumed. */
  readonly name: string;
  /** Samples in one step. */
  readonly batch: number;
  /** Samples there are. */
  readonly windows: number;
  /**
   * Start positions [steps * batch] in the flat series column of the steps from `step` on; where a sample holds all series,
   * those in the first.
   */
  starts(step: number, steps: number): BigInt64Array;
}

const rounds = 6;

/**
 * A seeded shuffle of 0 to `count` - 1 that needs no memory: a Feistel network (Luby and Rackoff 1988) over the next
 * power of four, walked until it lands below `count` (Black and Rogaway 2002). Returns what lies at a position.
 */
export function createShuffle(
  count: number,
  seed: number,
  epoch: number,
): (position: number) => number {
  assert(count > 0 && count <= 2 ** 32, `no shuffle of ${count}`);
  const halfBits = Math.max(1, Math.ceil(Math.log2(count) / 2));
  const mask = 2 ** halfBits - 1;
  const random = createRandom(seed, 'shuffle', epoch);
  const keys = Array.from({ length: rounds }, () => random.integer(2 ** 32));
  const permute = (value: number): number => {
    let left = Math.floor(value / (mask + 1));
    let right = value & mask;
    for (const key of keys) [left, right] = [right, left ^ (mix(right ^ key) & mask)];
    return left * (mask + 1) + right;
  };
  return (position) => {
    let value = permute(position);
    while (value >= count) value = permute(value);
    return value;
  };
}

/**
 * Shuffled epochs one after the other, cut into batches: a batch may end one epoch and begin the next. Where there are
 * fewer windows than `batchSize`, every batch holds all of them.
 */
export function createEpochDraw(
  index: Pick<SampleIndex, 'count' | 'startsOf'>,
  batchSize: number,
  seed: number,
): WindowDraw {
  const batch = Math.min(batchSize, index.count);
  const at = createEpochs(index.count, seed);
  return {
    name: 'shuffled-epochs',
    batch,
    windows: index.count,
    starts(step, steps) {
      const drawn = Float64Array.from({ length: steps * batch }, (_, i) => at(step * batch + i));
      return index.startsOf(drawn);
    },
  };
}

/** What lies at a position of the endless sequence of shuffled epochs of `count` items. */
export function createEpochs(count: number, seed: number): (position: number) => number {
  let epoch = -1;
  let shuffle = (position: number): number => position;
  return (position) => {
    const wanted = Math.floor(position / count);
    if (wanted !== epoch) {
      epoch = wanted;
      shuffle = createShuffle(count, seed, epoch);
    }
    return shuffle(position - wanted * count);
  };
}

/** Murmur3's 32-bit finaliser. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
