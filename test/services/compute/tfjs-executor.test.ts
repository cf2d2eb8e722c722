/** TensorFlow.js as the second executor: an independent implementation of every operation that must agree with the first. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createTfjsExecutor, type TfjsExecutor } from '../../../services/compute/tfjs-executor.ts';
import { constant, input, parameter } from '../../../tensor/expression.ts';
import * as f from '../../../tensor/functions.ts';
import { initialState } from '../../../tensor/initialise.ts';
import {
  createTrainingLoop,
  type TrainingLoop,
  type TrainingLoopSpec,
} from '../../../tensor/training-loop.ts';
import { expectClose, operationNames, runOnProcessor, sampleGraphs } from './sampled-operations.ts';
import { smallNLinear, smallPerceptron, trainSmall } from './small-networks.ts';

/** float32 rounding; its error function is a polynomial that is good to 1.5e-7. */
const tolerance = 1e-5;

let tfjs: TfjsExecutor;
beforeAll(async () => {
  tfjs = await createTfjsExecutor();
});

describe.each(operationNames)('%s', (name) => {
  it('has the value and the gradients that ONNX Runtime gives it', async () => {
    for (const graph of sampleGraphs(name, 8)) {
      const expected = await runOnProcessor(graph);
      const found = await tfjs.run(graph.outputs, graph.feeds);
      for (const [key, values] of Object.entries(expected)) {
        expect(found[key]!.shape).toEqual(graph.outputs[key]!.shape);
        expectClose(found[key]!.data, values, tolerance, key);
      }
    }
  });
});

describe('a training with it', () => {
  const onRuntime = async <T>(
    spec: TrainingLoopSpec,
    work: (loop: TrainingLoop) => Promise<T>,
  ): Promise<T> => {
    const loop = await createTrainingLoop(spec);
    const result = await work(loop);
    await loop.release();
    return result;
  };

  it.each([
    ['NLinear', smallNLinear],
    ['a perceptron', smallPerceptron],
  ])('takes the same ten steps of %s', async (_, network) => {
    const { spec, start } = network();
    const expected = await onRuntime(spec, (loop) => trainSmall(loop, start, 0, 10));
    const found = await trainSmall(tfjs.createTrainingLoop(spec), start, 0, 10);
    expectClose(found.losses, expected.losses, 1e-4, 'the losses');
    expect(found.state.step).toBe(10);
    for (const key of ['parameters', 'first', 'second'] as const) {
      for (const [name, { data, shape }] of Object.entries(expected.state[key])) {
        expect(found.state[key][name]!.shape).toEqual(shape);
        expectClose(found.state[key][name]!.data, data, 1e-4, `${key} ${name}`);
      }
    }
  });

  it('goes on from where the first executor stopped', async () => {
    const { spec, start } = smallNLinear();
    const whole = await onRuntime(spec, (loop) => trainSmall(loop, start, 0, 10));
    const half = await onRuntime(spec, (loop) => trainSmall(loop, start, 0, 5));
    const rest = await trainSmall(tfjs.createTrainingLoop(spec), half.state, 5, 10);
    expectClose(rest.losses, whole.losses.slice(5), 1e-4, 'the losses');
  });

  it('follows running statistics', async () => {
    const x = input('x', 'float32', [2]);
    const [w, mean] = [parameter('w', [1]), parameter('mean', [1])];
    const next = f.add(f.mul(mean, 0.5), f.mul(f.reduceMean(x, 0, true), 0.5));
    const spec: TrainingLoopSpec = {
      data: [],
      batch: [x],
      loss: f.reduceMean(f.square(f.sub(f.mul(x, w), mean))),
      parameters: [w],
      statistics: [{ value: mean, next }],
      adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 },
    };
    const initial = initialState([w], { w: { kind: 'uniform', bound: 1 } }, 1);
    const start = {
      ...initial,
      parameters: { ...initial.parameters, mean: { data: Float32Array.of(1), shape: [1] } },
    };
    const batches = { x: { data: Float32Array.of(2, 4, 6, 8), shape: [2, 2] } };
    const rates = Float32Array.of(0.1, 0.1);
    const expected = await onRuntime(spec, (loop) => loop.run(start, {}, batches, rates));
    const found = await tfjs.createTrainingLoop(spec).run(start, {}, batches, rates);
    expect([...found.state.parameters['mean']!.data]).toEqual([4.5]);
    expectClose(found.losses, expected.losses, 1e-5, 'the losses');
    expectClose(
      found.state.parameters['w']!.data,
      expected.state.parameters['w']!.data,
      1e-5,
      'the weight',
    );
  });
});

describe('an executor of TensorFlow.js', () => {
  it('names its package and backend', () => {
    expect(tfjs.name).toMatch(/^@tensorflow\/tfjs.* \(\w+\)$/);
  });

  it('says which input is missing', async () => {
    const outputs = { y: f.mul(input('x', 'float32', [1]), constant([2])) };
    await expect(tfjs.run(outputs, {})).rejects.toThrow('Input "x" is given');
  });
});
