/** Groups of samples: a layer on some samples after the other, so that its arrays stay in the processor's cache. */
import { constant, type Dimension, type Expression } from '../../tensor/expression.ts';
import { reshape, scan, unsqueeze } from '../../tensor/functions.ts';
import type { NetworkContext } from '../model.ts';

/** What a layer gives for a group of samples. */
export interface GroupResult {
  /** [samples, ...] each. */
  readonly samples: readonly Expression[];
  /** Of any shape, one of each for the whole group. */
  readonly summaries: readonly Expression[];
}

/** Numbers of an array that stays in the cache with a few others. */
const LARGEST_GROUP = 2 ** 18;
/** Numbers of an array that outweigh what it takes to begin an operation on it. */
const SMALLEST_GROUP = 2 ** 15;

/** Numbers of one sample that are too many even for a group of its own. */
const LARGEST_SAMPLE = 2 ** 20;

/** In how many groups of the same size `batch` samples of `numbers` each fall; one where no size fits. */
function groupsOf(batch: Dimension, numbers: number): number {
  if (typeof batch === 'string' || numbers > LARGEST_SAMPLE) return 1;
  const most = Math.max(1, Math.floor(LARGEST_GROUP / numbers));
  for (let size = Math.min(most, batch); size * numbers >= SMALLEST_GROUP; size--) {
    if (batch % size === 0) return batch / size;
  }
  return 1;
}

/**
 * `layer` on all samples of `inputs` [samples, ...], whose largest array has `numbers` numbers for each sample. Where that
 * is more than the context's `largestArray`, groups of samples are computed one after the other, and the gradient computes
 * again what it needs instead of keeping it; their summaries are [groups, ...], otherwise [1, ...]. A layer on a group
 * exposes nothing.
 */
export function onGroups<
  Context extends Pick<
    NetworkContext,
    'dropout' | 'dropoutOfGroups' | 'expose' | 'largestArray' | 'training'
  >,
>(
  context: Context,
  numbers: number,
  inputs: readonly Expression[],
  layer: (inputs: readonly Expression[], context: Context) => GroupResult,
): GroupResult {
  const batch = inputs[0]!.shape[0]!;
  const groups = context.training ? groupsOf(batch, numbers) : 1;
  const dropout = groups > 1 ? context.dropoutOfGroups(groups) : undefined;
  if (dropout === undefined || Number(batch) * numbers <= context.largestArray) {
    const whole = { ...context, dropout: dropout?.whole ?? context.dropout };
    const { samples, summaries } = layer(inputs, whole);
    return { samples, summaries: summaries.map((x) => unsqueeze(x, 0)) };
  }
  const size = Number(batch) / groups;
  const order = constant([...Array(groups).keys()], [groups], 'int64');
  const grouped = inputs.map((x) => reshape(x, [groups, size, ...x.shape.slice(1)]));
  let count = 0;
  const { outputs } = scan(
    [],
    [order, ...grouped],
    (_, [index, ...group]) => {
      const inside = { ...context, dropout: dropout.group(index!), expose: () => undefined };
      const { samples, summaries } = layer(group, inside);
      count = samples.length;
      return { next: [], outputs: [...samples, ...summaries] };
    },
    { memory: 'carries' },
  );
  return {
    samples: outputs.slice(0, count).map((x) => reshape(x, [batch, ...x.shape.slice(2)])),
    summaries: outputs.slice(count),
  };
}
