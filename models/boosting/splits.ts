/**
 * Splits: the cut of one node that lowers the loss most, found in its histogram.
 *
 * With G and H the sums of gradients and hessians and T(G) = sign(G) max(|G| - l1, 0), a node is worth T(G)^2 / (H + l2)
 * (Chen and Guestrin 2016, XGBoost, equation 6, without the factor 1/2, as LightGBM has it); the gain of a split is what
 * the children are worth together beyond their parent.
 */
import type { Binning, Feature } from './binned-table.ts';
import type { Histogram, PackedGradients } from './histograms.ts';

/** What a split must respect. */
export interface SplitRules {
  /** Fewest rows of a leaf. */
  readonly minimumRows: number;
  /** Smallest sum of hessians of a leaf. */
  readonly minimumHessian: number;
  readonly minimumGain: number;
  readonly l1: number;
  readonly l2: number;
  /** Added to the hessian of each category where categories are sorted, and to l2 in their splits. */
  readonly categorySmoothing: number;
}

/** Sums of a node, in units of the loss. */
export interface NodeSums {
  readonly rows: number;
  readonly gradient: number;
  readonly hessian: number;
}

/** A split of a node. */
export interface Split {
  readonly feature: number;
  readonly gain: number;
  /** Numeric feature: the last bin that goes left. */
  readonly lastLeft: number;
  /** Where rows without a value go; right if the feature is categorical. */
  readonly missingLeft: boolean;
  /** Categorical feature: the bins that go left. */
  readonly leftBins: readonly number[] | undefined;
  readonly left: NodeSums;
  readonly right: NodeSums;
}

/** Categories are tried one against all others up to this many. */
const ONE_HOT_CATEGORIES = 4;
/** Below 1 by more than products and quotients are rounded. */
const NEARLY = 1 - 2 ** -40;
/** Most categories on the left of a split. */
const MAXIMUM_LEFT_CATEGORIES = 32;

/** What a node is worth. */
export function worth(gradient: number, hessian: number, l1: number, l2: number): number {
  const t = Math.max(Math.abs(gradient) - l1, 0);
  return (t * t) / (hessian + l2);
}

/** The best found so far in a feature, and the numbers that the scans of one node share. */
interface Scan {
  readonly histogram: Histogram;
  readonly node: NodeSums;
  readonly gradients: PackedGradients;
  readonly rules: SplitRules;
  /** Worth of both children together, -1 while there is no valid split. */
  best: number;
  lastLeft: number;
  missingLeft: boolean;
  leftBins: number[] | undefined;
  leftRows: number;
  leftGradient: number;
  leftHessian: number;
}

/** The best split of a node by the features that are marked in `allowed`; undefined if none gains more than the least gain. */
export function findSplit(
  histogram: Histogram,
  node: NodeSums,
  binning: Binning,
  gradients: PackedGradients,
  rules: SplitRules,
  allowed: Uint8Array,
): Split | undefined {
  if (node.rows < 2 * rules.minimumRows || node.hessian < 2 * rules.minimumHessian) {
    return undefined;
  }
  const parent = worth(node.gradient, node.hessian, rules.l1, rules.l2);
  const scan = createScan(histogram, node, gradients, rules);
  let winner: Split | undefined;
  let least = Math.max(rules.minimumGain, parent * 1e-10);
  for (const [f, feature] of binning.features.entries()) {
    if (allowed[f] === 0) continue;
    scan.best = -1;
    scan.leftBins = undefined;
    if (feature.codes === undefined) scanNumeric(scan, feature);
    else scanCategories(scan, feature);
    if (scan.best - parent <= least) continue;
    least = scan.best - parent;
    winner = takeSplit(scan, f, least);
  }
  return winner;
}

function createScan(
  histogram: Histogram,
  node: NodeSums,
  gradients: PackedGradients,
  rules: SplitRules,
): Scan {
  return {
    histogram,
    node,
    gradients,
    rules,
    best: -1,
    lastLeft: 0,
    missingLeft: false,
    leftBins: undefined,
    leftRows: 0,
    leftGradient: 0.5,
    leftHessian: 0.5,
  };
}

function takeSplit(scan: Scan, feature: number, gain: number): Split {
  const { node, lastLeft, missingLeft, leftBins } = scan;
  const left = { rows: scan.leftRows, gradient: scan.leftGradient, hessian: scan.leftHessian };
  const right = {
    rows: node.rows - left.rows,
    gradient: node.gradient - left.gradient,
    hessian: node.hessian - left.hessian,
  };
  return { feature, gain, lastLeft, missingLeft, leftBins, left, right };
}

/** Cuts between bins, with missing values on the right and, if the node has any, on the left. */
function scanNumeric(scan: Scan, { offset, values }: Feature): void {
  const missing = scan.histogram.packed[offset + values]!;
  // The cut after the last value parts it from missing.
  scanThresholds(scan, offset, missing === 0 ? values - 1 : values, 0, 0);
  const before = scan.best;
  if (missing === 0) {
    // Nothing to learn from: such a value goes with the majority.
    scan.missingLeft = 2 * scan.leftRows > scan.node.rows;
    return;
  }
  const { isConstant } = scan.gradients;
  const hessian = isConstant ? 0 : scan.histogram.hessians[offset + values]!;
  scan.missingLeft = false;
  scanThresholds(scan, offset, values - 1, missing, hessian);
  scan.missingLeft = scan.best > before;
}

/** Tries the cuts after bins 0 to `cuts` - 1, the left side starting with what is given. */
function scanThresholds(
  scan: Scan,
  offset: number,
  cuts: number,
  packedStart: number,
  hessianStart: number,
): void {
  const { packed, hessians } = scan.histogram;
  const { radix, gradientUnit, hessianUnit, isConstant } = scan.gradients;
  const { minimumRows, minimumHessian, l1, l2 } = scan.rules;
  const { rows, gradient, hessian } = scan.node;
  const perRadix = 1 / radix;
  let sum = packedStart;
  let hessianSum = hessianStart;
  let best = scan.best;
  for (let bin = 0; bin < cuts; bin++) {
    const added = packed[offset + bin]!;
    if (added === 0) continue;
    sum += added;
    if (!isConstant) hessianSum += hessians[offset + bin]!;
    const whole = Math.floor(sum * perRadix);
    const leftRows = sum - whole * radix;
    if (leftRows < minimumRows) continue;
    if (rows - leftRows < minimumRows) break;
    const leftHessian = isConstant ? leftRows : hessianSum * hessianUnit;
    const rightHessian = hessian - leftHessian;
    if (leftHessian < minimumHessian) continue;
    if (rightHessian < minimumHessian) break;
    const leftGradient = whole * gradientUnit;
    const t = Math.max(Math.abs(leftGradient) - l1, 0);
    const u = Math.max(Math.abs(gradient - leftGradient) - l1, 0);
    const left = leftHessian + l2;
    const right = rightHessian + l2;
    const above = t * t * right + u * u * left;
    const below = left * right;
    // Most cuts are far from the best, which takes no division to see.
    if (above < best * below * NEARLY) continue;
    const total = above / below;
    if (total > best) {
      best = total;
      scan.lastLeft = bin;
      scan.leftRows = leftRows;
      scan.leftGradient = leftGradient;
      scan.leftHessian = leftHessian;
    }
  }
  scan.best = best;
}

/** One category against all others, or the best division of the categories in the order of their mean gradients. */
function scanCategories(scan: Scan, { offset, values }: Feature): void {
  const { histogram, gradients, rules } = scan;
  const present: { bin: number; rows: number; gradient: number; hessian: number }[] = [];
  for (let bin = 0; bin < values; bin++) {
    const sum = histogram.packed[offset + bin]!;
    if (sum === 0) continue;
    const whole = Math.floor(sum / gradients.radix);
    const rows = sum - whole * gradients.radix;
    const hessian = gradients.isConstant
      ? rows
      : histogram.hessians[offset + bin]! * gradients.hessianUnit;
    present.push({ bin, rows, gradient: whole * gradients.gradientUnit, hessian });
  }
  scan.missingLeft = false;
  if (values <= ONE_HOT_CATEGORIES) {
    for (const one of present) scanPrefixes(scan, [one], rules.l2);
    return;
  }
  // Fisher (1958): among all divisions the best is one of this order.
  const order = (one: { gradient: number; hessian: number }): number =>
    one.gradient / (one.hessian + rules.categorySmoothing + Number.MIN_VALUE);
  present.sort((a, b) => order(a) - order(b) || a.bin - b.bin);
  const l2 = rules.l2 + rules.categorySmoothing;
  scanPrefixes(scan, present.slice(0, MAXIMUM_LEFT_CATEGORIES), l2);
  scanPrefixes(scan, present.toReversed().slice(0, MAXIMUM_LEFT_CATEGORIES), l2);
}

function scanPrefixes(
  scan: Scan,
  order: readonly { bin: number; rows: number; gradient: number; hessian: number }[],
  l2: number,
): void {
  const { node, rules } = scan;
  let rows = 0;
  let gradient = 0;
  let hessian = 0;
  for (const [i, one] of order.entries()) {
    rows += one.rows;
    gradient += one.gradient;
    hessian += one.hessian;
    const least = Math.min(rows, node.rows - rows);
    if (least < rules.minimumRows || least === 0) continue;
    if (Math.min(hessian, node.hessian - hessian) < rules.minimumHessian) continue;
    const total =
      worth(gradient, hessian, rules.l1, l2) +
      worth(node.gradient - gradient, node.hessian - hessian, rules.l1, l2);
    if (total <= scan.best) continue;
    scan.best = total;
    scan.leftBins = order.slice(0, i + 1).map(({ bin }) => bin);
    scan.leftRows = rows;
    scan.leftGradient = gradient;
    scan.leftHessian = hessian;
  }
}
