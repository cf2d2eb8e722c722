/** The LSTM of the Temporal Fusion Transformer (section 4.5.1), for graphs that train and for those that do not. */
import type { Expression } from '../../tensor/expression.ts';
import { add, concat, matMul, mul, sigmoid, slice, squeeze, tanh } from '../../tensor/functions.ts';
import { lstm, type LstmState } from '../../tensor/lstm.ts';
import { type LayerContext, matrix, row } from './tft-layers.ts';

/** An LSTM, for one step, or for all steps at once. */
export interface LstmLayer {
  /** What x [rows, H] gives to each of the four gates: [rows, H]. */
  readonly lines: (x: Expression) => readonly Expression[];
  /** One step from the lines of its x [batch, H]. */
  readonly step: (lines: readonly Expression[], state: LstmState) => LstmState;
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
    lines: (x) =>
      [input, forget, output, candidate].map(({ own, bias }) => add(matMul(x, own), bias)),
    step([i, f, o, g], { h, c }) {
      const line = (given: Expression, { past }: typeof input): Expression =>
        add(given, matMul(h, past));
      const kept = mul(sigmoid(line(f!, forget)), c);
      const cell = add(kept, mul(sigmoid(line(i!, input)), tanh(line(g!, candidate))));
      return { h: mul(sigmoid(line(o!, output)), tanh(cell)), c: cell };
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
