/** Sums of gradients that reach one value over several paths; pieces of it are joined rather than padded and added. */
import type { Expression } from './expression.ts';
import { add, concat, pad, sub } from './functions.ts';

/** An array that is zero outside the range [start, end) of one axis, which holds `inner`. */
interface Piece {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly inner: Expression;
}

/** The sum of `shares`, all of one shape. */
export function accumulate(shares: readonly Expression[]): Expression {
  const whole = shares.filter((share) => pieceOf(share) === undefined);
  const pieces = shares.flatMap((share) => pieceOf(share) ?? []);
  const axes = new Set(pieces.map(({ axis }) => axis));
  const { shape } = shares[0]!;
  const joined = [...axes].flatMap((axis) =>
    runs(pieces.filter((piece) => piece.axis === axis)).map((run) => {
      const none = shape.map(() => 0);
      const rest = Number(shape[axis]) - run.at(-1)!.end;
      const inner =
        run.length === 1
          ? run[0]!.inner
          : concat(
              run.map((x) => x.inner),
              axis,
            );
      return pad(inner, none.with(axis, run[0]!.start), none.with(axis, rest));
    }),
  );
  const all = [...whole, ...joined];
  const [positive, negative] = [
    all.filter((x) => x.op !== 'Neg'),
    all.filter((x) => x.op === 'Neg'),
  ];
  return [...positive, ...negative].reduce((sum, x) =>
    x.op === 'Neg' ? sub(sum, x.inputs[0]!) : add(sum, x),
  );
}

/** What padding along a single axis has made, else `undefined`. */
function pieceOf({ op, inputs, attributes, shape }: Expression): Piece | undefined {
  if (op !== 'Pad') return undefined;
  const inner = inputs[0]!;
  const grown = shape.flatMap((size, axis) => (size === inner.shape[axis] ? [] : [axis]));
  if (grown.length !== 1) return undefined;
  const axis = grown[0]!;
  const start = attributes.before![axis]!;
  return { axis, start, end: start + Number(inner.shape[axis]), inner };
}

/** Pieces of one axis in rows in which each begins where the one before it ends. */
function runs(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const found: Piece[][] = [];
  for (const piece of pieces.toSorted((a, b) => a.start - b.start)) {
    const before = found.find((run) => run.at(-1)!.end === piece.start);
    if (before === undefined) found.push([piece]);
    else before.push(piece);
  }
  return found;
}
