/** Walks over expression graphs, without recursion: unrolled networks are deeper than the call stack. */
import type { Expression } from './expression.ts';

/**
 * Every expression that `outputs` depend on, once, inputs before what uses them, in an order that depends on the graph
 * alone; those in `known`, and what only they need, are left out.
 */
export function inOrder(
  outputs: readonly Expression[],
  known: { has(expression: Expression): boolean } = new Set(),
): readonly Expression[] {
  const order: Expression[] = [];
  const entered = new Set<Expression>();
  const left = new Set<Expression>();
  const isNew = (node: Expression): boolean => !entered.has(node) && !known.has(node);
  const stack = outputs.filter(isNew).toReversed();
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    if (!entered.has(node)) {
      entered.add(node);
      stack.push(...node.inputs.filter(isNew).toReversed());
      continue;
    }
    stack.pop();
    if (left.has(node)) continue;
    left.add(node);
    order.push(node);
  }
  return order;
}

/** Those of `order` (inputs first) that are in `roots` or depend on one. */
export function dependents(
  order: readonly Expression[],
  roots: ReadonlySet<Expression>,
): ReadonlySet<Expression> {
  const found = new Set<Expression>();
  for (const node of order) {
    if (roots.has(node) || node.inputs.some((input) => found.has(input))) found.add(node);
  }
  return found;
}
