/** Recurrence: Scan computes its body once for each entry of its sequences, ScanStack and ScanFinal are its results. */
import { assert } from '../../state/errors.ts';
import { type Expression, input } from '../expression.ts';
import type {
  Functions,
  GradientContext,
  Operation,
  OperationName,
  ScanBody,
  ScanMemory,
} from '../operation.ts';
import { formatShape, sameShape } from '../shapes.ts';
import { dependents, inOrder } from '../traversal.ts';

/** Operations that cost next to nothing to compute again. */
const views: ReadonlySet<string> = new Set(['Reshape', 'Slice', 'Transpose', 'Expand', 'Cast']);

/** Whether the gradient keeps the values of a node rather than what it follows from; what is stacked anyway, it always does. */
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

/** The gradient of one step, as expressions of the forward body and of what is `given`. */
interface StepGradient {
  /** Stand for the gradients of the next carries and of the stacked values. */
  readonly given: readonly Expression[];
  /** Gradients of what is wanted. */
  readonly found: readonly Expression[];
  /** Values of the forward body that `found` takes from the forward pass. */
  readonly kept: readonly Expression[];
}

function stepGradient(
  { carries, elements, next, memory }: ScanBody,
  stacked: readonly Expression[],
  wanted: readonly Expression[],
  pullback: GradientContext['pullback'],
): StepGradient {
  const results = [...next, ...stacked];
  const given = results.map(({ type, shape }, i) => input(`scan:given_${i}`, type, shape));
  const found = pullback(results, given, wanted);
  const leaves = new Set([...carries, ...elements]);
  const inside = dependents(inOrder([...results, ...leaves]), leaves);
  const kept = new Set(stacked);
  const keep = (node: Expression): boolean => kept.has(node) || keeps[memory](node);
  return { given, found, kept: residuals(found, inside, keep) };
}

/** A second scan, against the direction of the first, carries the gradients of the carries and sums those of captures. */
function scanGradient(
  f: Functions,
  { inputs, output, parts, needs, pullback }: GradientContext,
): readonly (Expression | undefined)[] {
  const body = output.attributes.scan!;
  const { carries, elements, reverse } = body;
  const sequences = inputs.slice(carries.length, carries.length + elements.length);
  const captures = inputs.slice(carries.length + elements.length);
  const wantedElements = elements.filter((_, i) => needs(sequences[i]!));
  const wantedCaptures = captures.filter(needs);
  const stacks = parts.filter(({ part }) => part.op === 'ScanStack');
  const stacked = stacks.map(({ part }) => part.attributes.inner!);
  const wanted = [...carries, ...wantedElements, ...wantedCaptures];
  const { given, found, kept } = stepGradient(body, stacked, wanted, pullback);
  const past = kept.map((node) => {
    const element = elements.indexOf(node);
    return element < 0 ? f.scanStack(output, node) : sequences[element]!;
  });
  const last = carries.map(({ shape }, i) => {
    const final = parts.find(({ part }) => part.op === 'ScanFinal' && part.attributes.index === i);
    return final?.gradient ?? f.zeros(shape);
  });
  const read = [...stacks.map(({ gradient }) => gradient), ...past];
  const { finals, outputs } = f.scan(
    [...last, ...wantedCaptures.map(({ shape }) => f.zeros(shape))],
    read.length > 0 ? read : [sequences[0]!],
    (state, entries) => {
      const values = [...state.slice(0, carries.length), ...entries];
      const byLeaf = [...given, ...kept].map((leaf, i) => [leaf, values[i]!] as const);
      const [toCarries, toElements, toCaptures] = divide(substitute(found, new Map(byLeaf)), [
        carries.length,
        wantedElements.length,
      ]);
      const sums = toCaptures.map((share, i) => f.add(state[carries.length + i]!, share));
      return { next: [...toCarries, ...sums], outputs: toElements };
    },
    { reverse: !reverse },
  );
  const [starts, sums] = divide(finals, [carries.length]);
  return [
    ...starts,
    ...elements.map((element) => outputs[wantedElements.indexOf(element)]),
    ...captures.map((capture) => sums[wantedCaptures.indexOf(capture)]),
  ];
}

/** `all` in parts of the given sizes, and what is left. */
function divide(
  all: readonly Expression[],
  [first, second]: readonly [number] | readonly [number, number],
): [Expression[], Expression[], Expression[]] {
  const end = first + (second ?? all.length - first);
  return [all.slice(0, first), all.slice(first, end), all.slice(end)];
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
