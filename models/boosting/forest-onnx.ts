/** Forests as ONNX: one TreeEnsembleRegressor for the raw scores, and the link in ordinary operators. */
import type { Initialised } from '../../tensor/graph.ts';
import { type DomainNode, encodeModel } from '../../tensor/onnx.ts';
import { type Forest, leftCodes } from './forest.ts';
import type { ForestModel } from './forest-model.ts';
import { SMALLEST_SHARE } from './losses.ts';

/** Attributes of TreeEnsembleRegressor, ai.onnx.ml version 3; one entry per node of the file. */
interface Ensemble {
  readonly trees: number[];
  readonly ids: number[];
  readonly columns: number[];
  readonly modes: string[];
  readonly values: number[];
  readonly whenTrue: number[];
  readonly whenFalse: number[];
  readonly missingTrue: number[];
  readonly targetTrees: number[];
  readonly targetIds: number[];
  readonly targets: number[];
  readonly weights: number[];
}

const constants: readonly Initialised[] = [
  { name: 'one', type: 'float32', shape: [], data: Float32Array.of(1) },
  { name: 'last', type: 'int64', shape: [1], data: BigInt64Array.of(1n) },
  { name: 'smallest', type: 'float32', shape: [], data: Float32Array.of(SMALLEST_SHARE) },
];

/**
 * An ONNX model with input `features` [rows, columns] float32, NaN where missing. A forest of values has the output
 * `prediction` [rows, 1]; one of classes has `label` [rows] int64 and `probabilities` [rows, classes].
 */
export function forestOnnx(model: ForestModel): Uint8Array {
  const { columns, start, link } = model;
  const outputs = start.length;
  const hasClasses = link !== 'identity' && link !== 'exponential';
  const classes = hasClasses ? Math.max(2, outputs) : 1;
  const result = hasClasses ? 'probabilities' : 'prediction';
  const nodes: DomainNode[] = [ensembleNode(model), ...linkNodes(model, result)];
  if (hasClasses) {
    const attributes = { axis: 1, keepdims: 0 };
    nodes.push({ op: 'ArgMax', inputs: [result], outputs: ['label'], attributes });
  }
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  return encodeModel({
    name: 'forest',
    nodes,
    initialisers: constants.filter(({ name }) => used.has(name)),
    inputs: [{ name: 'features', type: 'float32', shape: ['rows', columns.length] }],
    outputs: [
      ...(hasClasses ? [{ name: 'label', type: 'int64' as const, shape: ['rows'] }] : []),
      { name: result, type: 'float32' as const, shape: ['rows', classes] },
    ],
  });
}

/** From `raw` [rows, outputs] to the result. */
function linkNodes({ link, start }: ForestModel, result: string): DomainNode[] {
  const node = (op: string, inputs: string[], output: string, attributes = {}): DomainNode => ({
    op,
    inputs,
    outputs: [output],
    attributes,
  });
  if (link === 'identity') return [node('Identity', ['raw'], result)];
  if (link === 'exponential') return [node('Exp', ['raw'], result)];
  if (link === 'softmax') return [node('Softmax', ['raw'], result, { axis: 1 })];
  if (link === 'logistic') {
    return [
      node('Neg', ['raw'], 'negative'),
      node('Concat', ['negative', 'raw'], 'both', { axis: 1 }),
      node('Sigmoid', ['both'], result),
    ];
  }
  const shares = start.length === 1 ? 'both' : 'raw';
  return [
    ...(start.length === 1
      ? [
          node('Sub', ['one', 'raw'], 'other'),
          node('Concat', ['other', 'raw'], 'both', { axis: 1 }),
        ]
      : []),
    node('Max', [shares, 'smallest'], 'positive'),
    node('ReduceSum', ['positive', 'last'], 'total', { keepdims: 1 }),
    node('Div', ['positive', 'total'], result),
  ];
}

function ensembleNode({ forest, start }: ForestModel): DomainNode {
  const file: Ensemble = {
    trees: [],
    ids: [],
    columns: [],
    modes: [],
    values: [],
    whenTrue: [],
    whenFalse: [],
    missingTrue: [],
    targetTrees: [],
    targetIds: [],
    targets: [],
    weights: [],
  };
  for (let tree = 0; tree < forest.roots.length; tree++) addTree(file, forest, tree);
  // The operator needs a tree.
  if (forest.roots.length === 0) addLeaf(file, 0, 0, 0, 0);
  return {
    op: 'TreeEnsembleRegressor',
    domain: 'ai.onnx.ml',
    inputs: ['features'],
    outputs: ['raw'],
    attributes: {
      n_targets: start.length,
      base_values: { floats: Array.from(start) },
      nodes_treeids: file.trees,
      nodes_nodeids: file.ids,
      nodes_featureids: file.columns,
      nodes_modes: { strings: file.modes },
      nodes_values: { floats: file.values },
      nodes_truenodeids: file.whenTrue,
      nodes_falsenodeids: file.whenFalse,
      nodes_missing_value_tracks_true: file.missingTrue,
      target_treeids: file.targetTrees,
      target_nodeids: file.targetIds,
      target_ids: file.targets,
      target_weights: { floats: file.weights },
    },
  };
}

/** Appends a node of the file; returns its position, to set its children at. */
function addNode(
  file: Ensemble,
  tree: number,
  id: number,
  mode: string,
  column: number,
  value: number,
  missingTrue: number,
): number {
  file.trees.push(tree);
  file.ids.push(id);
  file.modes.push(mode);
  file.columns.push(column);
  file.values.push(value);
  file.whenFalse.push(0);
  file.missingTrue.push(missingTrue);
  return file.whenTrue.push(0) - 1;
}

function addLeaf(file: Ensemble, tree: number, id: number, output: number, value: number): void {
  addNode(file, tree, id, 'LEAF', 0, 0, 0);
  file.targetTrees.push(tree);
  file.targetIds.push(id);
  file.targets.push(output);
  file.weights.push(value);
}

/** Nodes in the order true child first, which the operator expects of a branch's neighbours. */
function addTree(file: Ensemble, forest: Forest, tree: number): void {
  const { columns, thresholds, children, missingRight, values } = forest;
  let next = 0;
  const add = (node: number): number => {
    const id = next++;
    if (node < 0) {
      addLeaf(file, tree, id, forest.outputs[tree]!, values[~node]!);
      return id;
    }
    const column = columns[node]!;
    const codes = leftCodes(forest, node);
    if (codes.length > 0) return addCodes(id, node, column, codes);
    const missingTrue = 1 - missingRight[node]!;
    const at = addNode(file, tree, id, 'BRANCH_LEQ', column, thresholds[node]!, missingTrue);
    file.whenTrue[at] = add(children[2 * node]!);
    file.whenFalse[at] = add(children[2 * node + 1]!);
    return id;
  };
  /** A chain of comparisons, one per code that goes left, all with the same child. */
  const addCodes = (first: number, node: number, column: number, codes: number[]): number => {
    const chain = codes.map((code, i) =>
      addNode(file, tree, i === 0 ? first : next++, 'BRANCH_EQ', column, code, 0),
    );
    const left = add(children[2 * node]!);
    const right = add(children[2 * node + 1]!);
    for (const [i, at] of chain.entries()) {
      file.whenTrue[at] = left;
      file.whenFalse[at] = i + 1 < chain.length ? file.ids[chain[i + 1]!]! : right;
    }
    return first;
  };
  add(forest.roots[tree]!);
}
