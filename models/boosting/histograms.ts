/**
 * Histograms: for each bin of each feature the sum of gradients, the number of rows and the sum of hessians.
 *
 * A gradient is rounded to an integer multiple of a unit and shares one double with the row's count of 1:
 * packed = gradient / unit * 2^countBits + 1. The unit is the smallest for which no sum can leave the 53 bits of a
 * double, so sums and differences of packed numbers are exact in any order, one addition serves both, and with a
 * million rows the unit is still some thousandths of the mean gradient. Leaf values are not computed from these sums.
 */
import type { BinnedTable, Binning, Feature } from './binned-table.ts';
import {
  BLOCK_ROWS,
  createHistogramKernel,
  GROUP_LANES,
  type HistogramKernel,
  LANE_STRIDE,
} from './histogram-kernel.ts';

/** Gradients of one output, ready to be added up. */
export interface PackedGradients {
  /** [rows] gradient and count. */
  readonly packed: Float64Array;
  /** [rows] hessians in units; not used while `isConstant`. */
  readonly hessians: Float64Array;
  /** 2^countBits. */
  readonly radix: number;
  /** What 1 in a sum of gradients or hessians stands for. */
  gradientUnit: number;
  hessianUnit: number;
  /** Whether every hessian is 1. */
  isConstant: boolean;
  /** What adds them up; has the bins of the table. */
  readonly kernel: HistogramKernel;
}

/** Sums of one node; `hessians` is empty for constant hessians. */
export interface Histogram {
  readonly packed: Float64Array;
  readonly hessians: Float64Array;
}

/** Room for the gradients of the rows of `data`, of which at most as many are in a sum at once. */
export function createPackedGradients({ rows, columns }: BinnedTable): PackedGradients {
  const kernel = createHistogramKernel(rows, columns.length);
  for (const [f, bins] of columns.entries()) {
    const group = Math.floor(f / GROUP_LANES) * rows;
    writeLane(kernel.bins, group * GROUP_LANES + (f % GROUP_LANES), bins);
  }
  const [packed, hessians] = kernel.values;
  return {
    packed,
    hessians,
    radix: 2 ** Math.ceil(Math.log2(rows + 2)),
    gradientUnit: 1,
    hessianUnit: 1,
    isConstant: false,
    kernel,
  };
}

function writeLane(target: Uint8Array, first: number, bins: Uint8Array): void {
  for (let row = 0, at = first; row < bins.length; row++, at += GROUP_LANES)
    target[at] = bins[row]!;
}

/** Room for the sums of a node. */
export function createHistogram(size: number, isConstant: boolean): Histogram {
  return {
    packed: new Float64Array(size),
    hessians: new Float64Array(isConstant ? 0 : size),
  };
}

/** Rounds and packs; `repeats` is the most often that one row is in a sum. */
export function packGradients(
  target: PackedGradients,
  gradients: Float64Array,
  hessians: Float64Array,
  isConstant: boolean,
  repeats = 1,
): void {
  const { packed, radix } = target;
  let total = 0;
  for (let row = 0; row < gradients.length; row++) total += Math.abs(gradients[row]!);
  // Rounding adds up to half a unit per row, which half of the room is kept for.
  const room = 2 ** 51 / radix;
  const unit = unitFor(total * repeats, room);
  const scale = 1 / unit;
  for (let row = 0; row < gradients.length; row++) {
    packed[row] = Math.floor(gradients[row]! * scale + 0.5) * radix + 1;
  }
  target.gradientUnit = unit;
  target.isConstant = isConstant;
  target.hessianUnit = 1;
  if (!isConstant) packHessians(target, hessians, repeats);
}

/** A power of two, so that whole numbers stay whole, of which at most `room` make `total`. */
function unitFor(total: number, room: number): number {
  return total > 0 ? 2 ** Math.max(Math.ceil(Math.log2(total / room)), -1000) : 1;
}

function packHessians(target: PackedGradients, hessians: Float64Array, repeats: number): void {
  let total = 0;
  for (let row = 0; row < hessians.length; row++) total += hessians[row]!;
  const unit = unitFor(total * repeats, 2 ** 51);
  const scale = 1 / unit;
  for (let row = 0; row < hessians.length; row++) {
    target.hessians[row] = Math.floor(hessians[row]! * scale + 0.5);
  }
  target.hessianUnit = unit;
}

/** Adds up rows[begin, end) of the table that `gradients` was made for, for all features. */
export function fillHistogram(
  histogram: Histogram,
  { features }: Binning,
  gradients: PackedGradients,
  rows: Uint32Array,
  begin: number,
  end: number,
): void {
  const { kernel, isConstant } = gradients;
  const targets = isConstant ? [histogram.packed] : [histogram.packed, histogram.hessians];
  for (let first = 0; first < features.length; first += GROUP_LANES) {
    const group = first / GROUP_LANES;
    const own = features.slice(first, first + GROUP_LANES);
    for (const [kind, target] of targets.entries()) {
      kernel.sums.fill(0, 0, own.length * LANE_STRIDE);
      for (let from = begin; from < end; from += BLOCK_ROWS) {
        const count = Math.min(BLOCK_ROWS, end - from);
        kernel.rows.set(rows.subarray(from, from + count));
        kernel.gatherBins(group, count);
        kernel.addValues(kind as 0 | 1, group, count);
      }
      copyOut(target, own, kernel.sums);
    }
  }
}

/** The sums of a group's features to where a histogram has them. */
function copyOut(target: Float64Array, features: readonly Feature[], sums: Float64Array): void {
  for (const [lane, { offset, values }] of features.entries()) {
    const begin = lane * LANE_STRIDE;
    for (let bin = 0; bin <= values; bin++) target[offset + bin] = sums[begin + bin]!;
  }
}

/** Takes the sums of one child from those of its parent, which leaves those of the other; exact. */
export function subtractHistogram(parent: Histogram, child: Histogram): void {
  subtract(parent.packed, child.packed);
  subtract(parent.hessians, child.hessians);
}

function subtract(from: Float64Array, what: Float64Array): void {
  for (let i = 0; i < from.length; i++) from[i]! -= what[i]!;
}
