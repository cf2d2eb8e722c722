/**
 * Histograms: for each bin of each feature the sum of gradients, the number of rows and the sum of hessians.
 *
 * A gradient is rounded to an integer multiple of a unit and shares one double with the row's count of 1:
 * packed = gradient / unit * 2^countBits + 1. The unit is the smallest for which no sum can leave the 53 bits of a
 * double, so sums and differences of packed numbers are exact in any order, one addition serves both, and with a
 * million rows the unit is still some thousandths of the mean gradient. Leaf values are not computed from these sums.
 */
import type { BinnedTable, Feature } from './binned-table.ts';
import { createHistogramKernel, type HistogramKernel } from './histogram-kernel.ts';
import { createPackingKernel, type PackingKernel } from './packing-kernel.ts';
import type { RowPartition } from './row-partition.ts';
import { GROUP_LANES, LANE_STRIDE } from './table-memory.ts';

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
  /** What rounds them. */
  readonly packing: PackingKernel;
  /** What adds them up. */
  readonly kernel: HistogramKernel;
}

/** Sums of one node; `hessians` is empty for constant hessians. */
export interface Histogram {
  readonly packed: Float64Array;
  readonly hessians: Float64Array;
}

/** Room for the gradients of the rows of `data`, of which at most as many are in a sum at once. */
export function createPackedGradients({ rows, columns, memory }: BinnedTable): PackedGradients {
  for (const [f, bins] of columns.entries()) {
    const group = Math.floor(f / GROUP_LANES) * rows;
    writeLane(memory.lanes, group * GROUP_LANES + (f % GROUP_LANES), bins);
  }
  const [packed, hessians] = memory.values;
  return {
    packed,
    hessians,
    radix: 2 ** Math.ceil(Math.log2(rows + 2)),
    gradientUnit: 1,
    hessianUnit: 1,
    isConstant: false,
    packing: createPackingKernel(memory),
    kernel: createHistogramKernel(memory, rows, columns.length),
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

/** Rounds and packs derivatives that are in the memory of the table; `repeats` is the most often that one row is in a sum. */
export function packGradients(
  target: PackedGradients,
  gradients: Float64Array,
  hessians: Float64Array,
  isConstant: boolean,
  repeats = 1,
): void {
  const { packed, radix, packing } = target;
  // Rounding adds up to half a unit per row, which half of the room is kept for.
  const room = 2 ** 51 / radix;
  const unit = unitFor(packing.total(gradients) * repeats, room);
  packing.pack(gradients, packed, 1 / unit, radix, 1);
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
  const { packing } = target;
  const unit = unitFor(packing.total(hessians) * repeats, 2 ** 51);
  packing.pack(hessians, target.hessians, 1 / unit, 1, 0);
  target.hessianUnit = unit;
}

/** Adds up the rows of a leaf of the table that `gradients` was made for, for all features. */
export function fillHistogram(
  histogram: Histogram,
  gradients: PackedGradients,
  { data, begin, end, isWhole }: RowPartition,
  leaf: number,
): void {
  const { kernel, isConstant } = gradients;
  const { features } = data.binning;
  const { sums } = data.memory;
  const add = isWhole ? kernel.addRange : kernel.addRows;
  const targets = isConstant ? [histogram.packed] : [histogram.packed, histogram.hessians];
  for (let first = 0; first < features.length; first += GROUP_LANES) {
    const own = features.slice(first, first + GROUP_LANES);
    for (const [kind, target] of targets.entries()) {
      add(kind as 0 | 1, first / GROUP_LANES, begin[leaf]!, end[leaf]!);
      moveOut(target, own, sums);
    }
  }
}

/** The sums of a group's features to where a histogram has them, leaving 0 for the next. */
function moveOut(target: Float64Array, features: readonly Feature[], sums: Float64Array): void {
  for (const [lane, { offset, values }] of features.entries()) {
    const begin = lane * LANE_STRIDE;
    for (let bin = 0; bin <= values; bin++) {
      target[offset + bin] = sums[begin + bin]!;
      sums[begin + bin] = 0;
    }
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
