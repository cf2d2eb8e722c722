/** Recurrence: Scan computes its body once for each entry of its sequences, ScanStack and ScanFinal are its results. */
import { assert } from '../../state/errors.ts';
import { type Expression, input } from '../expression.ts';
import type {
  Functions,
  GradientContext,
  Operation,
  OperationName,
  ScanMemory,
} from '../operation.ts';
import { formatShape, sameShape } from '../shapes.ts';
import { dependents, inOrder } from '../traversal.ts';

/** Operations that cost next to nothing to compute again. */
const views: ReadonlySet<string> = new Set(['Reshape', 'Slice', 'Transpose', 'Expand', 'Cast']);

/** Whether the gradient keeps the values of a node rather than what it follows from. */
const keeps: Readonly<Record<ScanMemory, (node: Expression) => boolean>> = {
  all: ({ op }) => !views.has(op),
  products: ({ op }) => op === 'MatMul',
  carries: () => false,
};

/**
 * Those nodes of the body, `inside`, that expressions of `results` need from outside of themselves: the forward values
 * on which a gradient depends, each traced back to what `keep` allows to keep or to the body's own inputs.
 */
function residuals(
  results: readonly Expression[],
  inside: ReadonlySet<Expression>,
  keep: (node: Expression) => boolean,
): readonly Expression[] {
  const used = inOrder(results, inside).flatMap((node) => node.inputs.filter((x) => inside.has(x)));
  const open = [...results.filter((x) => inside.has(x)), ...used];
  const found = new Set<Expression>();
  const seen = new Set<Expression>();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.inputs.length === 0 || keep(node)) found.add(node);
    else open.push(...node.inputs.filter((x) => inside.has(x)));
  }
  return [...found];
}

/** `results` with every expression that `by` names replaced by its entry there. */
function substitute(
  results: readonly Expression[],
  by: ReadonlyMap<Expression, Expression>,
): Expression[] {
  const rebuilt = new Map(by);
  const of = (x: Expression): Expression => rebuilt.get(x) ?? x;
  for (const node of inOrder(results, by)) {
    if (!node.inputs.some((x) => rebuilt.has(x))) continue;
    assert(node.op !== 'Scan', 'a scan inside a scan has no gradient');
    rebuilt.set(node, { ...node, inputs: node.inputs.map(of) });
  }
  return results.map(of);
}

const leafLike = (x: Expression, name: string): Expression => input(name, x.type, x.shape);

/** A second scan, against the first one's direction, carries the gradients of the carries and sums those of captures. */
function scanGradient(
  f: Functions,
  { inputs, output, parts, needs, pullback }: GradientContext,
): readonly (Expression | undefined)[] {
  const { carries, elements, next, reverse, memory } = output.attributes.scan!;
  const sequences = inputs.slice(carries.length, carries.length + elements.length);
  const captures = inputs.slice(carries.length + elements.length).filter(needs);
  const wantedElements = elements.filter((_, i) => needs(sequences[i]!));
  const stacks = parts.filter(({ part }) => part.op === 'ScanStack');
  const inners = stacks.map(({ part }) => part.attributes.inner!);
  const given = [...next, ...inners].map((x, i) => leafLike(x, `scan:given_${i}`));
  const wanted = [...carries, ...wantedElements, ...captures];
  const found = pullback([...next, ...inners], given, wanted);
  const leaves = new Set([...carries, ...elements]);
  const inside = dependents(inOrder([...next, ...inners, ...leaves]), leaves);
  const kept = residuals(found, inside, keeps[memory]);
  const past = kept.map((node) => {
    const element = elements.indexOf(node);
    return element < 0 ? f.scanStack(output, node) : sequences[element]!;
  });
  const last = carries.map((carry, i) => {
    const final = parts.find(({ part }) => part.op === 'ScanFinal' && part.attributes.index === i);
    return final?.gradient ?? f.zeros(carry.shape);
  });
  const back = f.scan(
    [...last, ...captures.map(({ shape }) => f.zeros(shape))],
    [...stacks.map(({ gradient }) => gradient), ...past],
    (state, entries) => {
      const now = [...state.slice(0, next.length), ...entries];
      const names = new Map([...given, ...kept].map((leaf, i) => [leaf, now[i]!]));
      const results = substitute(found, names);
      const sums = results.slice(carries.length + wantedElements.length);
      return {
        next: [
          ...results.slice(0, carries.length),
          ...sums.map((sum, i) => f.add(state[carries.length + i]!, sum)),
        ],
        outputs: results.slice(carries.length, carries.length + wantedElements.length),
      };
    },
    { reverse: !reverse },
  );
  const byInput = new Map<Expression, Expression>();
  for (const [i, capture] of captures.entries())
    byInput.set(capture, back.finals[carries.length + i]!);
  return inputs.map((x, i) => {
    if (i < carries.length) return back.finals[i];
    const element = wantedElements.indexOf(elements[i - carries.length]!);
    return i < carries.length + elements.length ? back.outputs[element] : byInput.get(x);
  });
}

export const recurrent = {
  Scan: {
    shape: (inputs, { scan }) => {
      const { carries, elements, next } = scan!;
      const sequences = inputs.slice(carries.length, carries.length + elements.length);
      const steps = sequences[0]?.shape[0];
      for (const { shape } of sequences) {
        assert(shape[0] === steps, `Scan over ${formatShape(shape)} takes ${steps} steps`);
      }
      for (const [i, { shape }] of carries.entries()) {
        const both = `${formatShape(shape)} and is ${formatShape(next[i]!.shape)}`;
        assert(sameShape(shape, next[i]!.shape), `a carry of Scan was ${both}`);
      }
      return [];
    },
    vjp: scanGradient,
  },
  ScanStack: {
    shape: ([scan], { inner }) => {
      const steps = scan!.inputs[scan!.attributes.scan!.carries.length]!.shape[0]!;
      return [steps, ...inner!.shape];
    },
    type: (_, { inner }) => inner!.type,
    vjp: () => [undefined],
  },
  ScanFinal: {
    shape: ([scan], { index }) => scan!.attributes.scan!.carries[index!]!.shape,
    type: ([scan], { index }) => scan!.attributes.scan!.carries[index!]!.type,
    vjp: () => [undefined],
  },
} satisfies Partial<Record<OperationName, Operation>>;
