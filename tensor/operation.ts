/** What an operation is: one entry of the table from which shapes, gradients and ONNX nodes follow. */
import type { ElementType, Expression, Shape } from './expression.ts';
import type * as functions from './functions.ts';

/** The operations; each name is that of the ONNX operator it is emitted as. */
export type OperationName =
  | 'Abs'
  | 'Add'
  | 'Cast'
  | 'Concat'
  | 'Div'
  | 'Equal'
  | 'Erf'
  | 'Exp'
  | 'Expand'
  | 'Gather'
  | 'GatherElements'
  | 'Greater'
  | 'Less'
  | 'Log'
  | 'MatMul'
  | 'Mul'
  | 'Neg'
  | 'Pad'
  | 'ReduceMax'
  | 'ReduceMean'
  | 'ReduceSum'
  | 'Relu'
  | 'Reshape'
  | 'ScatterElements'
  | 'Sigmoid'
  | 'Sign'
  | 'Slice'
  | 'Softmax'
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
  /** Slice: per entry of `axes`, the half-open range kept. */
  readonly starts?: readonly number[];
  readonly ends?: readonly number[];
  /** Pad: zeros put before and after each axis. */
  readonly before?: readonly number[];
  readonly after?: readonly number[];
}

/** What a gradient rule may look at: `gradient` is d loss / d output, in the output's shape. */
export interface GradientContext {
  readonly gradient: Expression;
  readonly inputs: readonly Expression[];
  readonly output: Expression;
}

/** How an operation's attributes are written in ONNX. */
export interface OnnxForm {
  /** int64 vectors that follow the expression's own inputs as further inputs. */
  readonly inputs?: readonly (readonly number[])[];
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>;
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
