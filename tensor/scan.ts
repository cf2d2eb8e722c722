/** Scans: loops inside a graph over the first axis of sequences, differentiable like any other expression. */
import { assert } from '../state/errors.ts';
import { type Expression, input } from './expression.ts';
import type { ScanMemory } from './operation.ts';
import { apply } from './operations.ts';
import { dependents, inOrder } from './traversal.ts';

/** What one step gives. */
export interface ScanStep {
  /** The carries of the next step, in the shapes of this one's. */
  readonly next: readonly Expression[];
  /** Values to stack over all steps. */
  readonly outputs: readonly Expression[];
}

/** How a scan runs. */
export interface ScanOptions {
  /** From the last entry to the first; a result stands where the entries lie that it was computed from. */
  readonly reverse?: boolean;
  /** What the gradient keeps of each step, `all` unless given; the less, the more is computed twice. */
  readonly memory?: ScanMemory;
}

/** What a scan gives. */
export interface Scanned {
  /** The carries after the last step. */
  readonly finals: readonly Expression[];
  /** [steps, ...shape] of each output. */
  readonly outputs: readonly Expression[];
}

/**
 * Computes `body` for each entry of `sequences` [steps, ...] in turn, handing what it gives as `next` to the step after;
 * the first step gets `starts`. The body may use any other expression, such as parameters, but what is computed inside
 * it is seen outside only as a result.
 */
export function scan(
  starts: readonly Expression[],
  sequences: readonly Expression[],
  body: (carries: readonly Expression[], elements: readonly Expression[]) => ScanStep,
  { reverse = false, memory = 'all' }: ScanOptions = {},
): Scanned {
  assert(sequences.length > 0, 'a scan has a sequence');
  const carries = starts.map(({ type, shape }, i) => input(`scan:carry_${i}`, type, shape));
  const elements = sequences.map(({ type, shape }, i) =>
    input(`scan:element_${i}`, type, shape.slice(1)),
  );
  const { next, outputs } = body(carries, elements);
  assert(next.length === starts.length, `a scan has ${next.length} of ${starts.length} carries`);
  const captures = capturedBy([...next, ...outputs], new Set([...carries, ...elements]));
  const looped = apply('Scan', [...starts, ...sequences, ...captures], {
    scan: { carries, elements, next, reverse, memory },
  });
  return {
    finals: carries.map((_, index) => apply('ScanFinal', [looped], { index })),
    outputs: outputs.map((inner) => scanStack(looped, inner)),
  };
}

/** [steps, ...shape]: what `inner` of the body of `looped` was in each step; it may use only what the body used. */
export const scanStack = (looped: Expression, inner: Expression): Expression =>
  apply('ScanStack', [looped], { inner });

/** Expressions from outside a body, of which `leaves` are the inputs, that its results use. */
function capturedBy(
  results: readonly Expression[],
  leaves: ReadonlySet<Expression>,
): readonly Expression[] {
  const order = inOrder([...results, ...leaves]);
  const inside = dependents(order, leaves);
  const used = [
    ...results,
    ...order.filter((node) => inside.has(node)).flatMap(({ inputs }) => inputs),
  ];
  return [...new Set(used)].filter((x) => !inside.has(x) && x.op !== 'Constant');
}
