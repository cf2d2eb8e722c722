/**
 * TFT: the Temporal Fusion Transformer, which says what it looks at.
 *
 * Lim, Arik, Loeff, Pfister: "Temporal Fusion Transformers for interpretable multi-horizon time series forecasting",
 * International Journal of Forecasting 37(4), 2021, section 4. Every step selects among its variables, an LSTM reads
 * them in order, static columns enrich what it says, and each step of the horizon attends to all steps up to itself;
 * gated residual networks (GRN) let every part be passed over.
 *
 * H width; L look-back; xi selected variables; phi LSTM output, theta its enrichment, delta after attention, psi after
 * the feed-forward GRN, each [batch, H] at a step; c_s, c_e, c_h, c_c contexts for selection, enrichment, LSTM state.
 *
 * As in neuralforecast: layer norms with epsilon 1e-3, an unknown category is the mean of the known, without static
 * columns all contexts are zero. Unlike it: without future columns the decoder's input is the position in the horizon
 * (there: the last value). Unlike the paper: dropout drops the same units in all steps (Gal and Ghahramani 2016), and
 * what the forecast does not need is not computed: attention of the past, weights of a single variable.
 */
import { z } from 'zod';
import type { Expression } from '../../tensor/expression.ts';
import { concat, matMul, transpose } from '../../tensor/functions.ts';
import type { LstmState } from '../../tensor/lstm.ts';
import type { NeuralModel } from '../model.ts';
import { interpretableAttention } from '../layers/tft-attention.ts';
import { staticContexts, temporalColumns } from '../layers/tft-inputs.ts';
import { dense, gate, gatedResidual, matrix } from '../layers/tft-layers.ts';
import { lstmLayer } from '../layers/tft-lstm.ts';
import { allAtOnce, stepByStep } from '../layers/tft-phase.ts';
import { scalarVariables, variableSelection } from '../layers/tft-selection.ts';
import { alikeInSteps, onRows, onSteps } from '../layers/tft-steps.ts';

const rate = z.number().min(0).max(0.95);

const hyperparameters = z
  .strictObject({
    hidden: z
      .int()
      .min(1)
      .max(1024)
      .default(64)
      .describe('Width of all layers; `heads` divides it'),
    heads: z.int().min(1).max(32).default(4).describe('Heads of the attention'),
    dropout: rate.default(0.1).describe('Share of the inputs of each gate that training drops'),
    attentionDropout: rate.default(0).describe('Share of the attention that training drops'),
  })
  .refine(({ hidden, heads }) => hidden % heads === 0, '`heads` must divide `hidden`');

type Settings = z.infer<typeof hyperparameters>;

/** Forecasts with variable selection, an LSTM and attention, all of which can be read afterwards. */
export const tft: NeuralModel<Settings> = {
  name: 'tft',
  family: 'neural',
  summary: 'LSTM and attention over selected variables, with weights that explain the forecast',
  source: 'Lim et al. 2021, Temporal Fusion Transformers, International Journal of Forecasting',
  hyperparameters,
  trainingDefaults: { learningRate: 0.001, maxSteps: 1000, batchSize: 128 },
  costly: true,
  searchSpace: {
    hidden: { kind: 'choice', values: [32, 64, 128] },
    heads: { kind: 'choice', values: [1, 4] },
    dropout: { kind: 'choice', values: [0.1, 0.2, 0.3] },
  },
  exogenous: ['future', 'historical', 'static', 'categories'],
  forward(inputs, context) {
    const { shape, declare, dropout, expose, training } = context;
    const { hidden: H, heads, dropout: share, attentionDropout } = context.hyperparameters;
    const drop = (x: Expression): Expression =>
      alikeInSteps(x, inputs.window.shape[0]!, (units) => dropout(units, share));
    const layers = { declare, width: H, drop: training && share > 0 ? drop : (x: Expression) => x };
    const statics = staticContexts(layers, inputs, context);
    const { past, ahead } = temporalColumns(inputs, shape);
    const gateLstm = gate(layers, 'temporal');
    const enrich = gatedResidual(layers, 'enrichment', statics.enrichment);
    const query = matrix(layers, 'attention.query', [H, H]);
    const key = matrix(layers, 'attention.key', [H, H]);
    const value = matrix(layers, 'attention.value', [H, H / heads]);

    const read = (name: 'historical' | 'future', columns: Expression, start: LstmState) => {
      const count = columns.shape[2] as number;
      const embed = scalarVariables(layers, name, count);
      const selection = variableSelection(layers, name, count, statics.selection);
      const lstm = lstmLayer(layers, `${name}.lstm`);
      const follow = ([h, xi]: readonly Expression[]): readonly Expression[] => {
        const phi = gateLstm(h!, xi!);
        const theta = enrich(phi);
        const attention = [matMul(theta, key), matMul(theta, value), matMul(theta, query)];
        return [...attention, theta, phi];
      };
      const phase = { select: (x: Expression) => selection(embed(x)), lstm, follow };
      const compute = training ? stepByStep : allAtOnce;
      const { results, weights, final } = compute(phase, columns, start);
      if (weights !== undefined) expose(`selection:${name}`, transpose(weights, [1, 0, 2]));
      const [keys, values, queries, theta, phi] = results;
      return { final, keys: keys!, values: values!, queries: queries!, theta: theta!, phi: phi! };
    };
    const encoder = read('historical', past, { h: statics.output, c: statics.cell });
    const decoder = read('future', ahead, encoder.final);

    const { mixed, weights } = interpretableAttention(
      {
        queries: decoder.queries,
        keys: concat([encoder.keys, decoder.keys], 0),
        values: concat([encoder.values, decoder.values], 0),
      },
      heads,
      (x) => dropout(x, attentionDropout),
    );
    expose('attention', weights);
    const join = dense(layers, 'attention.output', [H / heads, H]);
    const gateAttention = gate(layers, 'attended');
    const feedForward = gatedResidual(layers, 'forward');
    const gateForward = gate(layers, 'forward.output');
    const output = dense(layers, 'output', [H, shape.outputs]);
    const finish = ([b, theta, phi]: readonly Expression[]): readonly Expression[] => [
      output(gateForward(feedForward(gateAttention(join(b!), theta!)), phi!)),
    ];
    const attended = [mixed, decoder.theta, decoder.phi];
    const [forecast] = training ? onSteps(finish, attended) : onRows(finish, attended);
    return transpose(forecast!, [1, 0, 2]); // [batch, horizon, outputs]
  },
};
