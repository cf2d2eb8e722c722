/**
 * Dropout (Srivastava et al. 2014, JMLR 15, 1929-1958) without random operators: masks are cut from one table of uniform
 * noise at positions that follow from seed, step and place in the network, so a training that is resumed, or moved to
 * another device, drops the same entries.
 */
import { assert } from '../state/errors.ts';
import { type Expression, input } from './expression.ts';
import { cast, concat, greater, mul, reshape, sliceAt } from './functions.ts';
import { createRandom } from './random.ts';
import { knownSizes } from './shapes.ts';
import { type Feed, sizeOf } from './values.ts';

/** Entries of the table. */
const TABLE_SIZE = 2 ** 22;
/** Most entries of a mask that are cut out in one piece; a larger mask is joined from several. */
const LARGEST_PIECE = 2 ** 20;
/** Input: the table. */
const NOISE = 'dropout:noise';

/** The dropout of one network under training. */
export interface Dropout {
  /** Each entry of `x`, whose shape is known, is 0 with probability `rate`, from 0 to below 1, else divided by 1 - rate. */
  dropout(x: Expression, rate: number): Expression;
  /** Inputs that stay the same over the training, and grow with the calls above; none where nothing is dropped. */
  readonly data: readonly Expression[];
  /** Inputs that each step has its own value of: int64 scalars. */
  readonly batch: readonly Expression[];
  /** Values of `data`; the same arrays while the seed is the same. */
  dataFeeds(seed: number): Record<string, Feed>;
  /** Values of `batch` for the steps numbered `step`, `step + 1`, ...: each `[steps]`. */
  batchFeeds(seed: number, step: number, steps: number): Record<string, Feed>;
}

/** Starts the dropout of one network. */
export function createDropout(): Dropout {
  const table = input(NOISE, 'float32', [TABLE_SIZE]);
  const data: Expression[] = [];
  const positions: Expression[] = [];
  let drawn: { readonly seed: number; readonly noise: Feed } | undefined;
  const piece = (factors: Expression, size: number): Expression => {
    const position = input(`dropout:position ${positions.length}`, 'int64', []);
    positions.push(position);
    return sliceAt(factors, position, size);
  };
  return {
    dropout(x, rate) {
      assert(rate >= 0 && rate < 1, `dropout has rate ${rate}`);
      if (rate === 0) return x;
      const shape = knownSizes('dropout', x.shape);
      if (data.length === 0) data.push(table);
      // What becomes of the whole table does not depend on the step: a loop computes it once.
      const factors = mul(cast(greater(table, rate), 'float32'), 1 / (1 - rate));
      const mask = pieceSizes(sizeOf(shape)).map((size) => piece(factors, size));
      return mul(x, reshape(mask.length === 1 ? mask[0]! : concat(mask, 0), shape));
    },
    data,
    batch: positions,
    dataFeeds(seed) {
      if (data.length === 0) return {};
      if (drawn?.seed !== seed) drawn = { seed, noise: drawNoise(seed) };
      return { [NOISE]: drawn.noise };
    },
    batchFeeds(seed, step, steps) {
      const feeds: Record<string, Feed> = {};
      for (const [site, { name }] of positions.entries()) {
        const data = BigInt64Array.from({ length: steps }, (_, i) => {
          const random = createRandom(seed, 'dropout', step + i, site);
          return BigInt(random.integer(TABLE_SIZE - LARGEST_PIECE + 1));
        });
        feeds[name!] = { data, shape: [steps] };
      }
      return feeds;
    },
  };
}

/** `size` in as few parts as the largest piece allows. */
function pieceSizes(size: number): readonly number[] {
  const count = Math.ceil(size / LARGEST_PIECE);
  return Array.from({ length: count }, (_, i) =>
    i < count - 1 ? LARGEST_PIECE : size - i * LARGEST_PIECE,
  );
}

/** Numbers k / 2^24 with an odd k: none is 0 or 1, and float32 holds each exactly. */
function drawNoise(seed: number): Feed {
  const random = createRandom(seed, 'dropout');
  const data = new Float32Array(TABLE_SIZE);
  for (let i = 0; i < TABLE_SIZE; i++) data[i] = (2 * random.integer(2 ** 23) + 1) / 2 ** 24;
  return { data, shape: [TABLE_SIZE] };
}
