/** What an operation is: one entry of the table from which shapes, gradients and ONNX nodes follow. */
import type { ElementType, Expression, Shape } from './expression.ts';
import type * as functions from './functions.ts';

/** The operations; each name is that of the ONNX operator it is emitted as. */
export type OperationName =
  | 'Abs'
  | 'Add'
  | 'Cast'
  | 'Concat'
  | 'Cos'
  | 'Div'
  | 'Elu'
  | 'Equal'
  | 'Erf'
  | 'Exp'
  | 'Expand'
  | 'Gather'
  | 'GatherElements'
  | 'Greater'
  | 'LSTM'
  | 'Less'
  | 'Log'
  | 'MatMul'
  | 'Mul'
  | 'Neg'
  | 'Pad'
  | 'ReduceMax'
  | 'ReduceMean'
  | 'ReduceMin'
  | 'ReduceSum'
  | 'Relu'
  | 'Reshape'
  | 'Scan'
  | 'ScanFinal'
  | 'ScanStack'
  | 'ScatterElements'
  | 'Sigmoid'
  | 'Sign'
  | 'Sin'
  | 'Slice'
  | 'Softmax'
  | 'Softplus'
  | 'Sqrt'
  | 'Sub'
  | 'Tanh'
  | 'Transpose'
  | 'Where';

/** Settings of a node that are known when it is made; each operation uses its own few. Axes are never negative. */
export interface Attributes {
  /** Concat, Gather, GatherElements, ScatterElements, Softmax. */
  readonly axis?: number;
  /** Reductions, Slice. */
  readonly axes?: readonly number[];
  /** Reductions: whether a reduced axis stays, with size 1. */
  readonly keepDims?: boolean;
  /** Transpose: output axis i is input axis `permutation[i]`. */
  readonly permutation?: readonly number[];
  /** Expand, Reshape: the result's shape. */
  readonly shape?: Shape;
  /** Cast. */
  readonly to?: ElementType;
  /** Slice: per entry of `axes`, the half-open range kept; -1 ends a range that runs backwards through entry 0. */
  readonly starts?: readonly number[];
  readonly ends?: readonly number[];
  /** Slice: per entry of `axes`, -1 or the distance from one entry kept to the next; all 1 if left out. */
  readonly steps?: readonly number[];
  /** Elu. */
  readonly alpha?: number;
  /** Pad: zeros put before and after each axis. */
  readonly before?: readonly number[];
  readonly after?: readonly number[];
  /** Scan. */
  readonly scan?: ScanBody;
  /** ScanStack: the value of the body that is stacked. */
  readonly inner?: Expression;
  /** ScanFinal: which carry. */
  readonly index?: number;
  /** LSTM: which of the operator's results. */
  readonly result?: number;
}

/** What a Scan computes in each step; `carries` and `elements` are inputs that only expressions of the body use. */
export interface ScanBody {
  /** What comes from the step before; in the first step, the first inputs of the Scan. */
  readonly carries: readonly Expression[];
  /** This step's entries of the sequences, the inputs that follow. */
  readonly elements: readonly Expression[];
  /** What the carries are in the next step. */
  readonly next: readonly Expression[];
  /** Whether steps run from the last entry of the sequences to the first. */
  readonly reverse: boolean;
  /** What the gradient keeps of each step. */
  readonly memory: ScanMemory;
}

/**
 * What the gradient of a Scan keeps of each step: `all` it will need; only matrix `products` and carries, from which it
 * computes the rest again; or only the `carries`.
 */
export type ScanMemory = 'all' | 'products' | 'carries';

/** What a gradient rule may look at: `gradient` is d loss / d output, in the output's shape. */
export interface GradientContext {
  readonly gradient: Expression;
  readonly inputs: readonly Expression[];
  readonly output: Expression;
  /** Of a Scan: the gradients of what was taken from it. */
  readonly parts: readonly { readonly part: Expression; readonly gradient: Expression }[];
  /** Whether anyone asks for d loss / d x. */
  readonly needs: (x: Expression) => boolean;
  /** Gradients with respect to `wrt` of a loss of which the gradients with respect to `outputs` are known. */
  readonly pullback: (
    outputs: readonly Expression[],
    gradients: readonly Expression[],
    wrt: readonly Expression[],
  ) => Expression[];
}

/** A number that ONNX keeps as a float; a plain one is kept as an integer. */
export interface FloatValue {
  readonly float: number;
}

/** How an operation's attributes are written in ONNX. */
export interface OnnxForm {
  /** int64 vectors that follow the expression's own inputs as further inputs. */
  readonly inputs?: readonly (readonly number[])[];
  readonly attributes?: Readonly<Record<string, number | string | readonly number[] | FloatValue>>;
  /** Position of an optional input that is left out, before those that follow it. */
  readonly absent?: number;
  /** How many results the operator has where it has several, and which of them is meant; they are computed once. */
  readonly results?: { readonly count: number; readonly index: number };
}

/** The functions that build expressions; gradient rules are handed them, so that the table imports none of them. */
export type Functions = typeof functions;

/** One entry of the table. */
export interface Operation {
  /** Shape of the result; asserts that the inputs fit together. */
  readonly shape: (inputs: readonly Expression[], attributes: Attributes) => Shape;
  /** Element type of the result; that of the first input unless said otherwise. */
  readonly type?: (inputs: readonly Expression[], attributes: Attributes) => ElementType;
  /**
   * d loss / d input for each input, `undefined` for one without a gradient (indices, conditions). A gradient may
   * have the broadcast shape: `gradients` sums it to the input's own.
   */
  readonly vjp: (f: Functions, context: GradientContext) => readonly (Expression | undefined)[];
  /** Attributes in ONNX; none unless said otherwise. */
  readonly onnx?: (attributes: Attributes, output: Expression) => OnnxForm;
}
