/** Sample layout: what one sample of a network consists of, and how the training graph gathers it from flat columns. */
import type { NetworkInputs, NetworkShape } from '../../models/model.ts';
import { constant, type Dimension, type Expression, input } from '../../tensor/expression.ts';
import { add, cast, gather, less, mul, reshape, slice, where } from '../../tensor/functions.ts';
import { missingFrom } from './masked.ts';

/** A numeric exogenous column, and what its values are shifted and divided by. */
export interface ScaledColumn {
  readonly name: string;
  readonly level: number;
  readonly spread: number;
}

/** A categorical column; code 0 is an unknown label, code k the label k - 1. */
export interface LabelledColumn {
  readonly name: string;
  readonly labels: readonly string[];
}

/** What a sample consists of; plain data, which a network's file keeps. */
export interface SampleLayout {
  /** Number of series in a sample of a multivariate model; null where a sample is a window of one series. */
  readonly channels: number | null;
  /** Whether values may be missing: the network is then told which were observed. */
  readonly masked: boolean;
  readonly future: readonly ScaledColumn[];
  readonly historical: readonly ScaledColumn[];
  readonly static: readonly ScaledColumn[];
  readonly categories: readonly LabelledColumn[];
}

/** Windows of single series without a gap, and nothing beside them. */
export const plainLayout: SampleLayout = {
  channels: null,
  masked: false,
  future: [],
  historical: [],
  static: [],
  categories: [],
};

/** The sizes that a model is told of `layout`. */
export function shapeOf(layout: SampleLayout) {
  return {
    channels: layout.channels ?? 1,
    future: layout.future.length,
    historical: layout.historical.length,
    static: layout.static.length,
    categories: layout.categories.map(({ labels }) => labels.length + 1),
  };
}

/** What of the columns the gathering graph depends on beside the layout. */
export interface ColumnPlan {
  /** Distance from one series to the next, where a sample holds all of them. */
  readonly seriesLength: number;
  readonly weighted: boolean;
}

/** Inputs of a graph that gathers, by what they hold. */
export interface GatheredSample {
  /** Flat columns, the same in every step. */
  readonly data: readonly Expression[];
  /** What each step has its own values of. */
  readonly batch: readonly Expression[];
  /** What the network sees: values in units of the column, 0 where missing. */
  readonly inputs: NetworkInputs;
  /** [..., horizon] what came true; 0 where missing. */
  readonly target: Expression;
  /** In the shape of `target`: how much each step counts, 0 where missing; left out where all count 1. */
  readonly weights?: Expression;
}

type Sizes = Pick<NetworkShape, 'lookBack' | 'horizon'>;

/**
 * Gathers `batch` samples by their int64 start positions, input `starts`: places in the column, or in the first series
 * of it where a sample holds all series. Data inputs: `series`, and where they are needed `weights`, `future`,
 * `historical`, `static`, `categories`, row by row in one flat array each; static ones are found by input `owners`, the
 * number of the series of each sample.
 */
export function gatherSample(
  layout: SampleLayout,
  { lookBack, horizon }: Sizes,
  plan: ColumnPlan,
  batch: Dimension,
): GatheredSample {
  const data: Expression[] = [];
  const column = (name: string, type: 'float32' | 'int64' = 'float32'): Expression => {
    const leaf = input(name, type, [`${name} values`]);
    data.push(leaf);
    return leaf;
  };
  const starts = input('starts', 'int64', [batch]);
  const steps = lookBack + horizon;
  const range = (from: Expression, count: number, width: number): Expression =>
    gather(from, places(layout, starts, plan.seriesLength, count, width));
  const values = range(column('series'), steps, 1); // [..., lookBack + horizon]
  const { past, ahead, present } = splitSample(values, layout.masked, lookBack);
  const weights = plan.weighted
    ? slice(range(column('weights'), steps, 1), -1, lookBack)
    : undefined;
  const table = (name: 'future' | 'historical', count: number): Expression | undefined => {
    const width = layout[name].length;
    if (width === 0) return undefined;
    const flat = range(column(name), count, width);
    return reshape(flat, [...flat.shape.slice(0, -1), count, width]);
  };
  const future = table('future', steps);
  const historical = table('historical', lookBack);
  const fixed = gatherFixed(layout, batch, column);
  return {
    data,
    batch: [starts, ...fixed.batch],
    inputs: {
      window: past,
      ...(present && { observed: present.past }),
      ...(future && { future }),
      ...(historical && { historical }),
      ...fixed.inputs,
    },
    target: ahead,
    ...weightsOf(present?.ahead, weights),
  };
}

function weightsOf(present: Expression | undefined, weights: Expression | undefined) {
  if (present !== undefined && weights !== undefined) return { weights: mul(present, weights) };
  const either = present ?? weights;
  return either === undefined ? {} : { weights: either };
}

/** Look-back and horizon of gathered values, and where `masked` which of them are there. */
function splitSample(values: Expression, masked: boolean, lookBack: number) {
  const halves = (x: Expression) => ({
    past: slice(x, -1, 0, lookBack),
    ahead: slice(x, -1, lookBack),
  });
  if (!masked) return { ...halves(values), present: undefined };
  const there = less(values, missingFrom);
  return { ...halves(where(there, values, 0)), present: halves(cast(there, 'float32')) };
}

/** Flat positions [batch, count * width], or [batch, channels, count * width], of rows that begin at `starts`. */
function places(
  { channels }: SampleLayout,
  starts: Expression,
  seriesLength: number,
  count: number,
  width: number,
): Expression {
  const size = count * width;
  const first = width === 1 ? starts : mul(starts, width);
  const across = channels ?? 1;
  const offsets = Array.from(
    { length: across * size },
    (_, k) => Math.floor(k / size) * seriesLength * width + (k % size),
  );
  if (channels === null) {
    return add(reshape(first, [...starts.shape, 1]), constant(offsets, [1, size], 'int64'));
  }
  const table = constant(offsets, [1, channels, size], 'int64');
  return add(reshape(first, [...starts.shape, 1, 1]), table);
}

/** Static columns and codes: of the series of each sample, or of all series. */
function gatherFixed(
  layout: SampleLayout,
  batch: Dimension,
  column: (name: string, type?: 'float32' | 'int64') => Expression,
): { readonly batch: readonly Expression[]; readonly inputs: Partial<NetworkInputs> } {
  const widths = { static: layout.static.length, categories: layout.categories.length };
  if (widths.static + widths.categories === 0) return { batch: [], inputs: {} };
  const owners = input('owners', 'int64', [batch]);
  const rows = (name: 'static' | 'categories', type: 'float32' | 'int64') => {
    const width = widths[name];
    if (width === 0) return {};
    const flat = gather(column(name, type), places(layout, owners, 1, 1, width));
    return { [name]: flat }; // [batch, width] or [batch, channels, width]
  };
  return {
    batch: [owners],
    inputs: { ...rows('static', 'float32'), ...rows('categories', 'int64') },
  };
}
