/**
 * Dropout (Srivastava et al. 2014, JMLR 15, 1929-1958) without random operators: masks are cut from one table of uniform
 * noise at positions that follow from seed, step and place in the network, so a training that is resumed, or moved to
 * another device, drops the same entries.
 */
import { assert } from '../state/errors.ts';
import { constant, type Expression, input, type Shape } from './expression.ts';
import { add, cast, concat, gather, greater, mul, reshape, sliceAt } from './functions.ts';
import { createRandom } from './random.ts';
import { knownSizes } from './shapes.ts';
import { type Feed, sizeOf } from './values.ts';

/** Entries of the table. */
const TABLE_SIZE = 2 ** 22;
/** Most entries of a mask that are cut out in one piece; a larger mask is joined from several. */
const LARGEST_PIECE = 2 ** 20;
/** Input: the table. */
const NOISE = 'dropout:noise';

/** Each entry of x is 0 with probability `rate`, from 0 to below 1, and divided by 1 - rate otherwise. */
export type Drop = (x: Expression, rate: number) => Expression;

/** The dropout of samples in groups; only one of the two is used, and once for each place of dropout. */
export interface GroupDropout {
  /** For all samples. */
  readonly whole: Drop;
  /** For those of the group that `index`, an int64 scalar, counts from 0 on. */
  group(index: Expression): Drop;
}

/** The dropout of one network under training. */
export interface Dropout {
  /** Of an array whose shape is known. */
  readonly dropout: Drop;
  /**
   * The same for a layer of samples that falls into `groups` groups of as many, one after the other or all at once: the same
   * entries are dropped either way.
   */
  dropoutOfGroups(groups: number): GroupDropout;
  /** Inputs that stay the same over the training, and grow with the calls above; none where nothing is dropped. */
  readonly data: readonly Expression[];
  /** Inputs that each step has its own value of: int64 scalars, or [pieces]. */
  readonly batch: readonly Expression[];
  /** Values of `data`; the same arrays while the seed is the same. */
  dataFeeds(seed: number): Record<string, Feed>;
  /** Values of `batch` for the steps numbered `step`, `step + 1`, ...: each `[steps, ...shape]`. */
  batchFeeds(seed: number, step: number, steps: number): Record<string, Feed>;
}

/** Starts the dropout of one network. */
export function createDropout(): Dropout {
  const table = input(NOISE, 'float32', [TABLE_SIZE]);
  const data: Expression[] = [];
  const positions: Expression[] = [];
  let drawn: { readonly seed: number; readonly noise: Feed } | undefined;
  const position = (shape: Shape): Expression => {
    const drawn = input(`dropout:position ${positions.length}`, 'int64', shape);
    positions.push(drawn);
    return drawn;
  };
  /** Dropout by the masks that `cut` takes out of a table of factors. */
  const dropBy =
    (cut: (factors: Expression, size: number) => Expression): Drop =>
    (x, rate) => {
      assert(rate >= 0 && rate < 1, `dropout has rate ${rate}`);
      if (rate === 0) return x;
      const shape = knownSizes('dropout', x.shape);
      if (data.length === 0) data.push(table);
      // What becomes of the whole table does not depend on the step: a loop computes it once.
      const factors = mul(cast(greater(table, rate), 'float32'), 1 / (1 - rate));
      return mul(x, reshape(cut(factors, sizeOf(shape)), shape));
    };
  return {
    dropout: dropBy((factors, size) =>
      joined(pieceSizes(size).map((length) => sliceAt(factors, position([]), length))),
    ),
    dropoutOfGroups: (groups) => ({
      whole: dropBy((factors, entries) => {
        const size = entries / groups;
        const pieces = groupPieces(groups, size);
        const starts = position([pieces.length]);
        return joined(
          pieces.map((count, i) => sliceAt(factors, gather(starts, integers(i)), count * size)),
        );
      }),
      group: (index) =>
        dropBy((factors, size) => {
          const pieces = groupPieces(groups, size);
          const starts = position([pieces.length]);
          const all = Array.from({ length: groups }, (_, group) => group);
          const piece = gather(integers(all.map((group) => Math.floor(group / pieces[0]!))), index);
          const offset = gather(integers(all.map((group) => (group % pieces[0]!) * size)), index);
          return sliceAt(factors, add(gather(starts, piece), offset), size);
        }),
    }),
    data,
    batch: positions,
    dataFeeds(seed) {
      if (data.length === 0) return {};
      if (drawn?.seed !== seed) drawn = { seed, noise: drawNoise(seed) };
      return { [NOISE]: drawn.noise };
    },
    batchFeeds(seed, step, steps) {
      const feeds: Record<string, Feed> = {};
      for (const [site, { name, shape }] of positions.entries()) {
        const sizes = knownSizes('dropout', shape);
        const count = sizeOf(sizes);
        const data = new BigInt64Array(steps * count);
        for (let i = 0; i < steps; i++) {
          const random = createRandom(seed, 'dropout', step + i, site);
          for (let k = 0; k < count; k++) {
            data[i * count + k] = BigInt(random.integer(TABLE_SIZE - LARGEST_PIECE + 1));
          }
        }
        feeds[name!] = { data, shape: [steps, ...sizes] };
      }
      return feeds;
    },
  };
}

/** How many of `groups` groups of `size` entries share each piece, as few pieces as there may be. */
function groupPieces(groups: number, size: number): readonly number[] {
  const most = Math.floor(LARGEST_PIECE / size);
  assert(most > 0, `a group of samples drops from ${size} entries, more than ${LARGEST_PIECE}`);
  return Array.from({ length: Math.ceil(groups / most) }, (_, i) =>
    Math.min(most, groups - i * most),
  );
}

const joined = (mask: readonly Expression[]): Expression =>
  mask.length === 1 ? mask[0]! : concat(mask, 0);

const integers = (values: number | readonly number[]): Expression =>
  constant(values, undefined, 'int64');

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
