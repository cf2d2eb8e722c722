/**
 * Histograms: for each bin of each feature the sum of gradients, the number of rows and the sum of hessians.
 *
 * A gradient is rounded to an integer multiple of a unit and shares one double with the row's count of 1:
 * packed = gradient / unit * 2^countBits + 1. The unit is the smallest for which no sum can leave the 53 bits of a
 * double, so sums and differences of packed numbers are exact in any order, one addition serves both, and with a
 * million rows the unit is still some thousandths of the mean gradient. Leaf values are not computed from these sums.
 */
import type { BinnedTable } from './binned-table.ts';

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
  readonly block: Block;
}

/** Rows that are gathered before they are added up. */
interface Block {
  /** [BLOCK_ROWS * width] */
  readonly words: Int32Array;
  readonly packed: Float64Array;
  readonly hessians: Float64Array;
}

/** Small enough for a block's words to stay in the first-level cache. */
const BLOCK_ROWS = 256;

/** Sums of one node; `hessians` is empty for constant hessians. */
export interface Histogram {
  readonly packed: Float64Array;
  readonly hessians: Float64Array;
}

/** Room for the gradients of the rows of `data`, of which at most as many are in a sum at once. */
export function createPackedGradients({ rows, width }: BinnedTable): PackedGradients {
  const block = {
    words: new Int32Array(BLOCK_ROWS * width),
    packed: new Float64Array(BLOCK_ROWS),
    hessians: new Float64Array(BLOCK_ROWS),
  };
  return {
    block,
    packed: new Float64Array(rows),
    hessians: new Float64Array(rows),
    radix: 2 ** Math.ceil(Math.log2(rows + 2)),
    gradientUnit: 1,
    hessianUnit: 1,
    isConstant: false,
  };
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

/** Adds up rows[begin, end) of `data` for all features. */
export function fillHistogram(
  { packed, hessians }: Histogram,
  data: BinnedTable,
  gradients: PackedGradients,
  rows: Uint32Array,
  begin: number,
  end: number,
): void {
  const { width } = data;
  const at = data.binning.offsets;
  const { block, isConstant } = gradients;
  packed.fill(0);
  hessians.fill(0);
  for (let first = begin; first < end; first += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, end - first);
    // Rows of a leaf lie apart. Loops that only copy have many of them on their way from memory at once.
    gatherWords(block.words, data.words, width, rows, first, count);
    gather(block.packed, gradients.packed, rows, first, count);
    if (!isConstant) gather(block.hessians, gradients.hessians, rows, first, count);
    let w = 0;
    for (; isConstant && w + 1 < width; w += 2) {
      addEight(packed, block.words, width, w, block.packed, count, at);
    }
    for (; w < width; w++) {
      addFour(packed, block.words, width, w, block.packed, count, at);
      if (!isConstant) addFour(hessians, block.words, width, w, block.hessians, count, at);
    }
  }
}

function gather(
  target: Float64Array,
  from: Float64Array,
  rows: Uint32Array,
  first: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) target[i] = from[rows[first + i]!]!;
}

function gatherWords(
  target: Int32Array,
  from: Int32Array,
  width: number,
  rows: Uint32Array,
  first: number,
  count: number,
): void {
  let to = 0;
  for (let i = 0; i < count; i++) {
    const at = rows[first + i]! * width;
    for (let w = 0; w < width; w++) target[to++] = from[at + w]!;
  }
}

/** Eight features a pass: few enough for their places to stay in registers, enough to hide the latency of the additions. */
function addEight(
  sums: Float64Array,
  words: Int32Array,
  width: number,
  word: number,
  added: Float64Array,
  count: number,
  offsets: Int32Array,
): void {
  const a = offsets[4 * word]!;
  const b = offsets[4 * word + 1]!;
  const c = offsets[4 * word + 2]!;
  const d = offsets[4 * word + 3]!;
  const e = offsets[4 * word + 4]!;
  const f = offsets[4 * word + 5]!;
  const g = offsets[4 * word + 6]!;
  const h = offsets[4 * word + 7]!;
  for (let i = 0, at = word; i < count; i++, at += width) {
    const x = added[i]!;
    const u = words[at]!;
    const v = words[at + 1]!;
    sums[a + (u & 255)]! += x;
    sums[b + ((u >>> 8) & 255)]! += x;
    sums[c + ((u >>> 16) & 255)]! += x;
    sums[d + (u >>> 24)]! += x;
    sums[e + (v & 255)]! += x;
    sums[f + ((v >>> 8) & 255)]! += x;
    sums[g + ((v >>> 16) & 255)]! += x;
    sums[h + (v >>> 24)]! += x;
  }
}

function addFour(
  sums: Float64Array,
  words: Int32Array,
  width: number,
  word: number,
  added: Float64Array,
  count: number,
  offsets: Int32Array,
): void {
  const a = offsets[4 * word]!;
  const b = offsets[4 * word + 1]!;
  const c = offsets[4 * word + 2]!;
  const d = offsets[4 * word + 3]!;
  for (let i = 0, at = word; i < count; i++, at += width) {
    const x = added[i]!;
    const u = words[at]!;
    sums[a + (u & 255)]! += x;
    sums[b + ((u >>> 8) & 255)]! += x;
    sums[c + ((u >>> 16) & 255)]! += x;
    sums[d + (u >>> 24)]! += x;
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
