/** The device of a training: chosen by the size of the step, announced, and the same result to rounding wherever it is. */
import { describe, expect, it } from 'vitest';
import { createCompute, type Workload } from '../../../services/compute/compute.ts';
import type { DeviceWish } from '../../../services/compute/device-wish.ts';
import { createTraining } from '../../../services/training/training.ts';
import { expectClose } from '../compute/sampled-operations.ts';
import { webgpu } from '../compute/webgpu-device.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { smallTask } from './training-tasks.ts';

const now = (): number => performance.now();
const compute = createCompute({ threads: 1, environment: process.env, now });

/** Trains the small task on a device. */
async function trainOn(wanted: DeviceWish) {
  const workloads: Workload[] = [];
  const events: Record<string, unknown>[] = [];
  const training = createTraining({
    progressFolder: temporaryFolder('device'),
    clock: now,
    threads: 1,
    chooseDevice: (workload) => {
      workloads.push(workload);
      return compute.choose(wanted, workload);
    },
  });
  const task = smallTask(
    { maxSteps: 20, validateEvery: 20, batchSize: 16, loss: 'mse' },
    { emit: (event, fields) => void (event === 'device-chosen' && events.push({ ...fields })) },
  );
  return { trained: await training.train(task), workloads, events };
}

describe('the device of a training', () => {
  it('is chosen by the size of its step, and told with the reason', async () => {
    const { trained, workloads, events } = await trainOn('cpu');
    // NLinear from 24 to 6 steps.
    expect(workloads).toEqual([{ parameters: 24 * 6 + 6, batch: 16 }]);
    expect(trained.device).toMatch(/^on the processor \(.+\), as configured$/);
    expect(events).toEqual([{ model: 'nlinear', device: 'cpu', reason: trained.device }]);
  });

  it('may be TensorFlow.js', async () => {
    const here = await trainOn('cpu');
    const there = await trainOn('tfjs');
    expect(there.trained.device).toMatch(/^on tfjs \(@tensorflow\/tfjs.*\), as configured$/);
    expect(there.trained.steps).toBe(20);
    for (const [name, { data }] of Object.entries(here.trained.parameters)) {
      expectClose(there.trained.parameters[name]!.data, data, 1e-4, name);
    }
  });

  const skipped = webgpu.whyNot === undefined ? '' : `, skipped: ${webgpu.whyNot}`;
  it.skipIf(skipped !== '')(
    `may be on WebGPU, and then what falls back is told${skipped}`,
    { timeout: 60_000 },
    async () => {
      const here = await trainOn('cpu');
      const there = await trainOn('webgpu');
      expect(there.events).toHaveLength(1);
      expect(there.events[0]).toMatchObject({ device: 'webgpu', fallback: expect.any(Object) });
      expect(there.events[0]!['placement']).toMatch(/^\d+ of \d+ node runs on the processor/);
      for (const [name, { data }] of Object.entries(here.trained.parameters)) {
        expectClose(there.trained.parameters[name]!.data, data, 1e-4, name);
      }
    },
  );
});
