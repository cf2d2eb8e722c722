/**
 * Histograms: for each bin of each feature the sum of gradients, the number of rows and the sum of hessians.
 *
 * A gradient is rounded to an integer multiple of a unit and shares one double with the row's count of 1:
 * packed = gradient / unit * 2^countBits + 1. The unit is the smallest for which no sum can leave the 53 bits of a
 * double, so sums and differences of packed numbers are exact in any order, one addition serves both, and with a
 * million rows the unit is still some thousandths of the mean gradient. Leaf values are not computed from these sums.
 */
import type { BinnedTable, Binning } from './binned-table.ts';

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
}

/** Rows that are gathered before they are added up: few enough for their words to stay in the first-level cache. */
const BLOCK_ROWS = 256;
/** Words that are worked on together, of four features each. */
const CHUNK_WORDS = 2;
/** From the sums of one feature to those of the next; no power of two, whose multiples share few places in the cache. */
const STRIDE = 264;

// Arrays that are constants of the module are constants of the compiled loops, which then have registers enough: half of
// the time. No call leaves anything here for the next one.
const blockWords = new Int32Array(BLOCK_ROWS * CHUNK_WORDS);
const blockPacked = new Float64Array(BLOCK_ROWS);
const blockHessians = new Float64Array(BLOCK_ROWS);
const sums = new Float64Array(CHUNK_WORDS * 4 * STRIDE);
const hessianSums = new Float64Array(CHUNK_WORDS * 4 * STRIDE);

/** Sums of one node; `hessians` is empty for constant hessians. */
export interface Histogram {
  readonly packed: Float64Array;
  readonly hessians: Float64Array;
}

/** Room for the gradients of the rows of `data`, of which at most as many are in a sum at once. */
export function createPackedGradients({ rows }: BinnedTable): PackedGradients {
  return {
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
  histogram: Histogram,
  data: BinnedTable,
  gradients: PackedGradients,
  rows: Uint32Array,
  begin: number,
  end: number,
): void {
  const { isConstant } = gradients;
  for (let word = 0; word < data.width; word += CHUNK_WORDS) {
    const chunk = Math.min(CHUNK_WORDS, data.width - word);
    sums.fill(0, 0, chunk * 4 * STRIDE);
    if (!isConstant) hessianSums.fill(0, 0, chunk * 4 * STRIDE);
    for (let first = begin; first < end; first += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, end - first);
      // Rows of a leaf lie apart. Loops that only copy have many of them on their way from memory at once.
      gatherWords(data.words, data.width, word, chunk, rows, first, count);
      gather(blockPacked, gradients.packed, rows, first, count);
      if (chunk === 2) addEight(count);
      else addFour(count);
      if (isConstant) continue;
      gather(blockHessians, gradients.hessians, rows, first, count);
      if (chunk === 2) addEightHessians(count);
      else addFourHessians(count);
    }
    copyOut(histogram, data.binning, word, chunk, isConstant);
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

/** Words `word` to `word` + `chunk` - 1 of the rows, side by side. */
function gatherWords(
  from: Int32Array,
  width: number,
  word: number,
  chunk: number,
  rows: Uint32Array,
  first: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const at = rows[first + i]! * width + word;
    if (chunk === 2) {
      blockWords[2 * i] = from[at]!;
      blockWords[2 * i + 1] = from[at + 1]!;
    } else {
      blockWords[i] = from[at]!;
    }
  }
}

/** Eight features a pass: enough to hide the latency of the additions. */
function addEight(count: number): void {
  for (let i = 0, at = 0; i < count; i++, at += 2) {
    const x = blockPacked[i]!;
    const u = blockWords[at]!;
    const v = blockWords[at + 1]!;
    sums[u & 255]! += x;
    sums[STRIDE + ((u >>> 8) & 255)]! += x;
    sums[2 * STRIDE + ((u >>> 16) & 255)]! += x;
    sums[3 * STRIDE + (u >>> 24)]! += x;
    sums[4 * STRIDE + (v & 255)]! += x;
    sums[5 * STRIDE + ((v >>> 8) & 255)]! += x;
    sums[6 * STRIDE + ((v >>> 16) & 255)]! += x;
    sums[7 * STRIDE + (v >>> 24)]! += x;
  }
}

function addFour(count: number): void {
  for (let i = 0, at = 0; i < count; i++, at++) {
    const x = blockPacked[i]!;
    const u = blockWords[at]!;
    sums[u & 255]! += x;
    sums[STRIDE + ((u >>> 8) & 255)]! += x;
    sums[2 * STRIDE + ((u >>> 16) & 255)]! += x;
    sums[3 * STRIDE + (u >>> 24)]! += x;
  }
}

function addEightHessians(count: number): void {
  for (let i = 0, at = 0; i < count; i++, at += 2) {
    const x = blockHessians[i]!;
    const u = blockWords[at]!;
    const v = blockWords[at + 1]!;
    hessianSums[u & 255]! += x;
    hessianSums[STRIDE + ((u >>> 8) & 255)]! += x;
    hessianSums[2 * STRIDE + ((u >>> 16) & 255)]! += x;
    hessianSums[3 * STRIDE + (u >>> 24)]! += x;
    hessianSums[4 * STRIDE + (v & 255)]! += x;
    hessianSums[5 * STRIDE + ((v >>> 8) & 255)]! += x;
    hessianSums[6 * STRIDE + ((v >>> 16) & 255)]! += x;
    hessianSums[7 * STRIDE + (v >>> 24)]! += x;
  }
}

function addFourHessians(count: number): void {
  for (let i = 0, at = 0; i < count; i++, at++) {
    const x = blockHessians[i]!;
    const u = blockWords[at]!;
    hessianSums[u & 255]! += x;
    hessianSums[STRIDE + ((u >>> 8) & 255)]! += x;
    hessianSums[2 * STRIDE + ((u >>> 16) & 255)]! += x;
    hessianSums[3 * STRIDE + (u >>> 24)]! += x;
  }
}

/** The sums of a chunk's features to where a histogram has them. */
function copyOut(
  { packed, hessians }: Histogram,
  { features }: Binning,
  word: number,
  chunk: number,
  isConstant: boolean,
): void {
  const last = Math.min(4 * (word + chunk), features.length);
  for (let f = 4 * word; f < last; f++) {
    const { offset, values } = features[f]!;
    const begin = (f - 4 * word) * STRIDE;
    for (let bin = 0; bin <= values; bin++) packed[offset + bin] = sums[begin + bin]!;
    if (isConstant) continue;
    for (let bin = 0; bin <= values; bin++) hessians[offset + bin] = hessianSums[begin + bin]!;
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
