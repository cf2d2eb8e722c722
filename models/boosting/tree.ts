/** Trees: splits and leaves of one tree as it was grown, and its numbering. */

/** One inner node; a child is the number of another inner node, or ~leaf. */
export interface TreeNode {
  /** Column of the table. */
  readonly column: number;
  /** Numeric: float32(value) <= threshold goes left; may be infinite, then only missing values go right. */
  readonly threshold: number;
  /** Whether a missing value goes left; an unknown category goes right. */
  readonly missingLeft: boolean;
  /** Categorical: the codes that go left. */
  readonly codes: readonly number[] | undefined;
  readonly gain: number;
  /** Training rows that came here. */
  readonly cover: number;
  left: number;
  right: number;
}

/** A grown tree: node 0 is the root; a tree of one leaf has no nodes. */
export interface Tree {
  readonly nodes: readonly TreeNode[];
  /** [leaves] training rows. */
  readonly covers: Float64Array;
  /** [leaves] */
  readonly values: Float64Array;
}
