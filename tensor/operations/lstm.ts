/** LSTM: a whole recurrence as one node, which the runtime computes far faster than a Scan over small steps. */
import { assert } from '../../state/errors.ts';
import type { Expression } from '../expression.ts';
import type { Functions, Operation, OperationName } from '../operation.ts';
import { formatShape, sameShape } from '../shapes.ts';

/** How many results the ONNX operator has: the outputs of all steps, the last of them, the last cell. */
const RESULTS = 3;
/** Which input of the ONNX operator, lengths of sequences, is left out. */
const LENGTHS = 4;

/**
 * An LSTM written as a Scan, of the same value: `inputs` as the operation has them, x [steps, batch, from],
 * weights [1, 4 H, from], recurrent weights [1, 4 H, H], bias [1, 8 H], first output and cell [1, batch, H], with the gates
 * in ONNX's order input, output, forget, candidate. `result` 0 is [steps, 1, batch, H], 2 the last cell [1, batch, H].
 */
export function lstmAsScan(
  f: Functions,
  inputs: readonly Expression[],
  result: number,
): Expression {
  const [x, weights, recurrent, bias, ...start] = inputs;
  const [h0, c0] = start.map((state) => f.squeeze(state, 0));
  const size = Number(h0!.shape.at(-1));
  const biases = f.reduceSum(f.reshape(bias!, [2, 4 * size]), 0);
  const own = f.add(f.matMul(x!, f.transpose(f.squeeze(weights!, 0))), biases);
  const past = f.transpose(f.squeeze(recurrent!, 0));
  const { outputs, finals } = f.scan([h0!, c0!], [own], ([h, c], [image]) => {
    const parts = f.split(f.add(image!, f.matMul(h!, past)), [size, size, size, size], 1);
    const [enter, leave, keep] = parts.map((part) => f.sigmoid(part));
    const cell = f.add(f.mul(keep!, c!), f.mul(enter!, f.tanh(parts[3]!)));
    const next = f.mul(leave!, f.tanh(cell));
    return { next: [next, cell], outputs: [next] };
  });
  return result === 0 ? f.unsqueeze(outputs[0]!, 1) : f.unsqueeze(finals[1]!, 0);
}

/** The operation, of which each result is an expression of its own. */
export const lstm = {
  LSTM: {
    shape: ([x, weights, recurrent, bias, h, c], { result }) => {
      const [steps, batch, from] = x!.shape;
      const size = Number(h!.shape.at(-1));
      const fits =
        sameShape(weights!.shape, [1, 4 * size, from!]) &&
        sameShape(recurrent!.shape, [1, 4 * size, size]) &&
        sameShape(bias!.shape, [1, 8 * size]) &&
        [h!, c!].every((state) => sameShape(state.shape, [1, batch!, size]));
      assert(fits, `LSTM of ${formatShape(x!.shape)} has weights and a state of other sizes`);
      return result === 0 ? [steps!, 1, batch!, size] : [1, batch!, size];
    },
    // The gradient needs what happened inside of every step, which the runtime does not tell.
    vjp: (f, { gradient, inputs, output, pullback }) =>
      pullback([lstmAsScan(f, inputs, output.attributes.result!)], [gradient], inputs),
    onnx: ({ result }, { shape }) => ({
      attributes: { hidden_size: Number(shape.at(-1)) },
      absent: LENGTHS,
      results: { count: RESULTS, index: result! },
    }),
  },
} satisfies Partial<Record<OperationName, Operation>>;
