/**
 * The second executor: the same expression graphs, computed by TensorFlow.js where one of its packages is installed. It
 * exists to check the first one, and for machines whose TensorFlow is set up already; it calls JavaScript for every
 * node of every step, so that small steps are far slower than those of ONNX Runtime.
 */
import { assert } from '../../state/errors.ts';
import { adamRates, type AdamSlots, adamStep, clipGradients } from '../../tensor/adam.ts';
import { type Expression, input } from '../../tensor/expression.ts';
import { gradients } from '../../tensor/gradient.ts';
import type { OptimiserState, TrainingLoop, TrainingLoopSpec } from '../../tensor/training-loop.ts';
import { inOrder } from '../../tensor/traversal.ts';
import { type ArrayValue, type Feed, type ParameterValues, sizeOf } from '../../tensor/values.ts';
import { createScope, evaluate, toTensor } from './tfjs-evaluation.ts';
import { loadTensorFlow, type Tensor, type TensorFlow } from './tfjs-package.ts';

/** Computes expression graphs. */
export interface TfjsExecutor {
  /** Package and backend. */
  readonly name: string;
  /** The values of float32 `outputs`; `feeds` by name of input and parameter. */
  run(
    outputs: Readonly<Record<string, Expression>>,
    feeds: Readonly<Record<string, Feed>>,
  ): Promise<Record<string, ArrayValue>>;
  /** The training step of `spec` with the interface of the ONNX training loop; threads, providers and profile are ignored. */
  createTrainingLoop(spec: TrainingLoopSpec): TrainingLoop;
}

/** Loads TensorFlow.js. Errors: DEVICE_UNAVAILABLE. */
export async function createTfjsExecutor(): Promise<TfjsExecutor> {
  const { tf, name } = await loadTensorFlow();
  return {
    name,
    async run(outputs, feeds) {
      const results = tf.tidy(() => {
        const scope = createScope(tf);
        for (const leaf of inOrder(Object.values(outputs))) {
          if (leaf.op !== 'Input' && leaf.op !== 'Parameter') continue;
          const feed = feeds[leaf.name!];
          if (feed) scope.values.set(leaf, toTensor(tf, feed.data, feed.shape));
        }
        return Object.values(outputs).map((output) => tf.clone(evaluate(scope, output)));
      });
      const values = await read(results);
      return Object.fromEntries(Object.keys(outputs).map((key, i) => [key, values[i]!]));
    },
    createTrainingLoop: (spec) => createLoop(tf, spec),
  };
}

const slotKinds = ['parameter', 'first', 'second'] as const;

function createLoop(tf: TensorFlow, spec: TrainingLoopSpec): TrainingLoop {
  const step = trainingStep(spec);
  return {
    async run(state, data, batches, learningRates) {
      const rates = adamRates(spec.adam, state.step, learningRates);
      const fixed = spec.data.map((leaf) => tensorOf(tf, data, leaf.name!));
      let carried = step.carried.map(({ from }) => tensorOfValue(tf, from(state)));
      const losses: Tensor[] = [];
      for (const i of learningRates.keys()) {
        const [loss, ...next] = tf.tidy(() => {
          const scope = createScope(tf);
          for (const [at, leaf] of spec.data.entries()) scope.values.set(leaf, fixed[at]!);
          for (const leaf of spec.batch) {
            const feed = batches[leaf.name!];
            assert(feed, `input "${leaf.name}" is given`);
            scope.values.set(leaf, entryOf(tf, feed, i));
          }
          for (const [at, { leaf }] of step.carried.entries()) {
            scope.values.set(leaf, carried[at]!);
          }
          for (const kind of ['stepSize', 'epsilon', 'retained'] as const) {
            scope.values.set(step.rates[kind], tf.scalar(rates[kind][i]!));
          }
          const results = [spec.loss, ...step.carried.map(({ next }) => next)];
          return results.map((result) => tf.clone(evaluate(scope, result)));
        });
        tf.dispose(carried);
        losses.push(loss!);
        carried = next;
      }
      tf.dispose(fixed);
      const values = await read(carried);
      return {
        state: stateOf(step, values, state.step + learningRates.length),
        losses: Float32Array.from(await read(losses), ({ data: [loss] }) => loss!),
      };
    },
    release: async () => {},
  };
}

/** An array that goes from step to step. */
interface Carried {
  readonly key: 'parameters' | 'first' | 'second';
  readonly name: string;
  /** Stands for the value in this step. */
  readonly leaf: Expression;
  readonly next: Expression;
  from(state: OptimiserState): ArrayValue;
}

/** The step as expressions. */
function trainingStep({ loss, parameters, statistics = [], adam, decays }: TrainingLoopSpec) {
  const rate = (name: string): Expression => input(name, 'float32', []);
  const rates = {
    stepSize: rate('stepSize'),
    epsilon: rate('epsilon'),
    retained: rate('retained'),
  };
  const carried: Carried[] = [];
  const carry = (key: Carried['key'], leaf: Expression, name: string, next: Expression): void => {
    carried.push({ key, name, leaf, next, from: (state) => state[key][name]! });
  };
  const clipped = clipGradients(gradients(loss, parameters), adam);
  for (const [i, parameter] of parameters.entries()) {
    const name = parameter.name!;
    const slots: AdamSlots<Expression> = {
      parameter,
      first: input(`first:${name}`, 'float32', parameter.shape),
      second: input(`second:${name}`, 'float32', parameter.shape),
    };
    const next = adamStep(slots, clipped[i]!, rates, adam, decays?.(name) ?? true);
    for (const kind of slotKinds) {
      carry(kind === 'parameter' ? 'parameters' : kind, slots[kind], name, next[kind]);
    }
  }
  for (const { value, next } of statistics) carry('parameters', value, value.name!, next);
  return { rates, carried };
}

function stateOf(
  { carried }: ReturnType<typeof trainingStep>,
  values: readonly ArrayValue[],
  step: number,
): OptimiserState {
  const state: Record<Carried['key'], ParameterValues> = { parameters: {}, first: {}, second: {} };
  for (const [i, { key, name }] of carried.entries()) state[key][name] = values[i]!;
  return { step, ...state };
}

function tensorOf(tf: TensorFlow, feeds: Readonly<Record<string, Feed>>, name: string): Tensor {
  const feed = feeds[name];
  assert(feed, `input "${name}" is given`);
  return toTensor(tf, feed.data, feed.shape);
}

function tensorOfValue(tf: TensorFlow, { data, shape }: ArrayValue): Tensor {
  return toTensor(tf, data, shape);
}

/** Entry `i` of the first axis. */
function entryOf(tf: TensorFlow, { data, shape }: Feed, i: number): Tensor {
  const [, ...rest] = shape;
  const size = sizeOf(rest);
  return toTensor(tf, data.slice(i * size, (i + 1) * size), rest);
}

/** Reads and frees tensors. */
async function read(tensors: readonly Tensor[]): Promise<ArrayValue[]> {
  const values = tensors.map(async (tensor) => {
    const data = Float32Array.from(await tensor.data());
    const shape = tensor.shape;
    tensor.dispose();
    return { data, shape };
  });
  return Promise.all(values);
}
