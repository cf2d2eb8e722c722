/** Tests of the LTSF protocol against published numbers: a full run of the benchmark is not needed for that. */
import { describe, expect, it } from 'vitest';
import { readChannels, scoreRepeat, trainNetwork } from '../../bench/ltsf-protocol.ts';
import { nlinear } from '../../models/neural/nlinear.ts';
import { createLocalArtifacts } from '../../services/artifacts/local.ts';
import { createInference } from '../../services/inference/inference.ts';
import { createTraining } from '../../services/training/training.ts';
import { temporaryFolder } from '../services/temporary-folder.ts';
import { sharedData } from '../shared-data.ts';

const folder = temporaryFolder('ltsf');
const path = sharedData('ett/ETTh1.csv.gz');

describe.skipIf(path === undefined)('the LTSF protocol on ETTh1', () => {
  it('gives the published errors of repeating the last value', async () => {
    const { mse, mae } = await scoreRepeat(readChannels(path!), 96, 1);
    // Zeng et al. 2023, table 2: 1.295 and 0.713.
    expect(mse).toBeCloseTo(1.295, 2);
    expect(mae).toBeCloseTo(0.713, 3);
  });

  it('gives about the published errors of NLinear', async () => {
    const artifacts = createLocalArtifacts(folder);
    const inference = createInference({ artifacts });
    const training = createTraining({ progressFolder: `${folder}/progress`, clock: Date.now });
    const engines = { training, inference, artifacts };
    const { mse, mae } = await trainNetwork(nlinear, readChannels(path!), 96, 1, engines);
    await inference.close();
    // Zeng et al. 2023, table 2: 0.374 and 0.394; seeds spread over some 5 %.
    expect(mse).toBeLessThan(1.03 * 0.374);
    expect(mae).toBeLessThan(1.03 * 0.394);
  });
});
