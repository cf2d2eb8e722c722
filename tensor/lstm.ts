/** LSTMs over whole sequences, for graphs that compute a recurrence and do not train it. */
import { constant, type Expression } from './expression.ts';
import { apply } from './operations.ts';
import { concat, squeeze, transpose, unsqueeze } from './functions.ts';

/** Weights with the gates side by side, in the order input i, output o, forget f, candidate g. */
export interface LstmWeights {
  /** [from, 4 H]. */
  readonly input: Expression;
  /** [H, 4 H]. */
  readonly recurrent: Expression;
  /** [4 H]. */
  readonly bias: Expression;
}

/** What an LSTM remembers: output h and cell c, each [batch, H]. */
export interface LstmState {
  readonly h: Expression;
  readonly c: Expression;
}

/**
 * An LSTM (Hochreiter and Schmidhuber 1997; Gers et al. 2000) that reads x [steps, batch, from] from `start` on:
 * i, o, f = sigmoid, g = tanh of x W + h U + b; c' = f c + i g; h' = o tanh(c'). Gives h of all steps [steps, batch, H] and
 * the last c [batch, H]. Its gradient computes the whole recurrence again, as a scan: what trains is better a `scan`.
 */
export function lstm(
  x: Expression,
  { input, recurrent, bias }: LstmWeights,
  { h, c }: LstmState,
): { readonly outputs: Expression; readonly cell: Expression } {
  const none = constant(new Float32Array(bias.shape[0] as number));
  const inputs = [
    x,
    unsqueeze(transpose(input), 0),
    unsqueeze(transpose(recurrent), 0),
    unsqueeze(concat([bias, none], 0), 0),
    unsqueeze(h, 0),
    unsqueeze(c, 0),
  ];
  return {
    outputs: squeeze(apply('LSTM', inputs, { result: 0 }), 1),
    cell: squeeze(apply('LSTM', inputs, { result: 2 }), 0),
  };
}
