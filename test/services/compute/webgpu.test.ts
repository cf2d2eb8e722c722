/** WebGPU against the processor: every operation, whole trainings, and the same bits twice on one device. */
import { afterAll, describe, expect, it } from 'vitest';
import { observePlacement } from '../../../services/compute/placement.ts';
import { input, parameter } from '../../../tensor/expression.ts';
import { matMul, reduceMean, square, sub, tanh } from '../../../tensor/functions.ts';
import { initialState } from '../../../tensor/initialise.ts';
import { createProgram } from '../../../tensor/program.ts';
import {
  createTrainingLoop,
  type OptimiserState,
  type TrainingLoop,
  type TrainingLoopSpec,
} from '../../../tensor/training-loop.ts';
import { sizeOf } from '../../../tensor/values.ts';
import {
  expectClose,
  operationNames,
  runOnProcessor,
  type SampledGraph,
  sampleGraphs,
} from './sampled-operations.ts';
import { smallNLinear, smallPerceptron, trainSmall } from './small-networks.ts';
import { webgpu } from './webgpu-device.ts';

const providers = ['webgpu', 'cpu'] as const;
/** Vulkan grants sine and cosine an absolute error of 2^-11; all else is rounded like float32. */
const toleranceOf = (name: string): number => (name === 'Sin' || name === 'Cos' ? 2 ** -10 : 1e-5);

const loops: TrainingLoop[] = [];
async function open(spec: TrainingLoopSpec): Promise<TrainingLoop> {
  const loop = await createTrainingLoop(spec);
  loops.push(loop);
  return loop;
}
const openOnDevice = (spec: TrainingLoopSpec): Promise<TrainingLoop> =>
  open({ ...spec, providers });
afterAll(async () => {
  for (const loop of loops) await loop.release();
});

const elements = ({ feeds }: SampledGraph): number =>
  Object.values(feeds).reduce((sum, { shape }) => sum + sizeOf(shape), 0);

function expectSameState(found: OptimiserState, expected: OptimiserState, tolerance: number): void {
  expect(found.step).toBe(expected.step);
  for (const key of ['parameters', 'first', 'second'] as const) {
    for (const [name, { data }] of Object.entries(expected[key])) {
      expectClose(found[key][name]!.data, data, tolerance, `${key} ${name}`);
    }
  }
}

const skipped = webgpu.whyNot === undefined ? '' : `, skipped: ${webgpu.whyNot}`;

describe.skipIf(skipped !== '')(`on WebGPU${skipped}`, { timeout: 60_000 }, () => {
  it.each(operationNames)('%s has the value and the gradients of the processor', async (name) => {
    // The largest of a few, as each new shape costs the compilation of its kernels.
    const [graph] = sampleGraphs(name, 6).sort((a, b) => elements(b) - elements(a));
    const expected = await runOnProcessor(graph!);
    const program = await createProgram(graph!.outputs, { providers });
    const found = await program.run(graph!.feeds);
    await program.release();
    for (const [key, values] of Object.entries(expected)) {
      expectClose(found[key]!, values, toleranceOf(name), key);
    }
  });

  it.each([
    ['NLinear', smallNLinear],
    ['a perceptron', smallPerceptron],
  ])('trains %s as the processor does', async (_, network) => {
    const { spec, start } = network();
    const expected = await trainSmall(await open(spec), start, 0, 20);
    const found = await trainSmall(await openOnDevice(spec), start, 0, 20);
    expectClose(found.losses, expected.losses, 1e-4, 'the losses');
    expectSameState(found.state, expected.state, 1e-4);
  });

  it('gives the same bits twice, and in two pieces', async () => {
    const { spec, start } = smallPerceptron();
    const whole = await trainSmall(await openOnDevice(spec), start, 0, 20);
    const loop = await openOnDevice(spec);
    const half = await trainSmall(loop, start, 0, 9);
    const rest = await trainSmall(await openOnDevice(spec), half.state, 9, 20);
    expect(await trainSmall(loop, start, 0, 20)).toEqual(whole);
    expect(rest.state).toEqual(whole.state);
    expect([...half.losses, ...rest.losses]).toEqual([...whole.losses]);
  });

  it('trains a network of many small arrays, more than a kernel may write', async () => {
    const x = input('x', 'float32', [4, 5]);
    const parameters = Array.from({ length: 30 }, (_, i) => parameter(`w${i}`, [5, 5]));
    const y = parameters.reduce((h, w) => tanh(matMul(h, w)), x);
    const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    const spec = { data: [], batch: [x], loss: reduceMean(square(sub(y, x))), parameters, adam };
    const uniform = { kind: 'uniform', bound: 0.6 } as const;
    const initialisers = Object.fromEntries(parameters.map(({ name }) => [name!, uniform]));
    const start = initialState(parameters, initialisers, 1);
    const values = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i));
    const train = async (loop: TrainingLoop) =>
      loop.run(
        start,
        {},
        { x: { data: values, shape: [3, 4, 5] } },
        new Float32Array(3).fill(0.01),
      );
    const expected = await train(await open(spec));
    const found = await train(await openOnDevice(spec));
    expectClose(found.losses, expected.losses, 1e-4, 'the losses');
  });

  it('runs several sessions at once, of which two threads would break the device', async () => {
    const { spec, start } = smallNLinear();
    const several = await Promise.all([1, 2, 3].map(() => openOnDevice(spec)));
    const results = await Promise.all(several.map((loop) => trainSmall(loop, start, 0, 10)));
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('tells which operations the device leaves to the processor', async () => {
    const { spec, start } = smallPerceptron();
    const { device, fallback } = await observePlacement(async (profile) => {
      const loop = await createTrainingLoop({ ...spec, providers, profile });
      await trainSmall(loop, start, 0, 1);
      await loop.release();
    });
    expect(device['MatMul']).toBeGreaterThan(0);
    expect(fallback['MatMul']).toBeUndefined();
    // Positions are whole numbers, for which WebGPU has no kernels.
    expect(fallback['Gather']).toBeGreaterThan(0);
  });
});

describe('on the processor', () => {
  it('no operation falls back', async () => {
    const { spec, start } = smallNLinear();
    const { device, copies } = await observePlacement(async (profile) => {
      const loop = await createTrainingLoop({ ...spec, profile });
      await trainSmall(loop, start, 0, 1);
      await loop.release();
    });
    expect(device).toEqual({});
    expect(copies).toBe(0);
  });
});
