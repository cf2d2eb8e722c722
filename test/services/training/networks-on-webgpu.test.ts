/** Every network on WebGPU: the first steps of its training, gradients and all, are those of the processor. */
import { describe, expect, it } from 'vitest';
import { neuralModels } from '../../../models/neural/index.ts';
import { planFolds } from '../../../series/folds.ts';
import { createCompute } from '../../../services/compute/compute.ts';
import { createTraining } from '../../../services/training/training.ts';
import { smallNetwork } from '../../models/neural/small-networks.ts';
import { expectClose } from '../compute/sampled-operations.ts';
import { webgpu } from '../compute/webgpu-device.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { panelOf, sine } from './series.ts';
import { smallTask } from './training-tasks.ts';

const clock = (): number => performance.now();
const compute = createCompute({ threads: 1, environment: process.env, now: clock });
const progressFolder = temporaryFolder('webgpu');

const lengths = [90, 90, 90];
const series = lengths.map((length, i) => sine(length, { level: i, noise: 0.2, seed: i }));
const settings = { maxSteps: 2, validateEvery: 2, batchSize: 6, loss: 'mse' } as const;
const data = { panel: panelOf(series), plan: planFolds(lengths, 6, 30) };

/** A tenth of a step: where a gradient is next to nothing, Adam makes whole steps of its rounding. */
const tolerance = 1e-3;

const skipped = webgpu.whyNot === undefined ? '' : `, skipped: ${webgpu.whyNot}`;

describe.skipIf(skipped !== '')(`on WebGPU${skipped}`, { timeout: 180_000 }, () => {
  it.each(neuralModels.map((model) => [model.name, model] as const))(
    '%s is trained as on the processor',
    async (_, model) => {
      const trainOn = (wanted: 'cpu' | 'webgpu') => {
        const { hyperparameters } = smallNetwork(model);
        const changes = { ...data, model, hyperparameters, progressKey: `${wanted}/${model.name}` };
        const training = createTraining({
          progressFolder,
          clock,
          threads: 1,
          chooseDevice: (workload) => compute.choose(wanted, workload),
        });
        return training.train(smallTask(settings, changes));
      };
      const expected = await trainOn('cpu');
      const found = await trainOn('webgpu');
      expect(found.device).toMatch(/^on webgpu/);
      for (const [name, { data: values }] of Object.entries(expected.parameters)) {
        expectClose(found.parameters[name]!.data, values, tolerance, name);
      }
    },
  );
});
