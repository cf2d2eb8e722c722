/** The LSTM of the Temporal Fusion Transformer (section 4.5.1), for graphs that train and for those that do not. */
import type { Expression } from '../../tensor/expression.ts';
import { add, concat, matMul, mul, sigmoid, slice, squeeze, tanh } from '../../tensor/functions.ts';
import { lstm, type LstmState } from '../../tensor/lstm.ts';
import { type LayerContext, matrix, row } from './tft-layers.ts';

/** An LSTM, for one step, or for all steps at once. */
export interface LstmLayer {
  /** x [batch, H]. */
  readonly step: (x: Expression, state: LstmState) => LstmState;
  /** x [steps, batch, H] -> the outputs [steps, batch, H], and the state after the last step. */
  readonly all: (
    x: Expression,
    start: LstmState,
  ) => { readonly outputs: Expression; readonly final: LstmState };
}

/**
 * An LSTM (Hochreiter and Schmidhuber 1997; Gers et al. 2000): i, f, o = sigmoid, g = tanh of x W + h U + b;
 * c' = f c + i g; h' = o tanh(c'). The bias of the forget gate f starts at 1, others at 0.
 */
export function lstmLayer(context: LayerContext, name: string): LstmLayer {
  const sizes = [context.width, context.width] as const;
  const declareGate = (part: string, value = 0) => ({
    own: matrix(context, `${name}.${part}.input`, sizes),
    past: matrix(context, `${name}.${part}.recurrent`, sizes),
    bias: row(context, `${name}.${part}.bias`, context.width, { value }),
  });
  const [input, forget, output] = [
    declareGate('input'),
    declareGate('forget', 1),
    declareGate('output'),
  ];
  const candidate = declareGate('candidate');
  return {
    step(x, { h, c }) {
      const line = ({ own, past, bias }: typeof input): Expression =>
        add(add(matMul(x, own), bias), matMul(h, past));
      const kept = mul(sigmoid(line(forget)), c);
      const cell = add(kept, mul(sigmoid(line(input)), tanh(line(candidate))));
      return { h: mul(sigmoid(line(output)), tanh(cell)), c: cell };
    },
    all(x, start) {
      const gates = [input, output, forget, candidate];
      const weights = {
        input: concat(
          gates.map(({ own }) => own),
          1,
        ),
        recurrent: concat(
          gates.map(({ past }) => past),
          1,
        ),
        bias: concat(
          gates.map(({ bias }) => bias),
          0,
        ),
      };
      const { outputs, cell } = lstm(x, weights, start);
      const last = squeeze(slice(outputs, 0, -1), 0);
      return { outputs, final: { h: last, c: cell } };
    },
  };
}
