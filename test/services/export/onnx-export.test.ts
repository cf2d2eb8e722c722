/** Tests of network export: only what predicts the same is written. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nlinear } from '../../../models/neural/nlinear.ts';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import {
  exportedFile,
  exportOnnx,
  relativeDifference,
} from '../../../services/export/onnx-export.ts';
import { buildForecastNetwork, createInference } from '../../../services/inference/inference.ts';
import { trainingSettingsSchema } from '../../../services/training/settings.ts';
import { definitionOf, freshWeights } from '../../models/neural/run-network.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder('networks');
const artifacts = createLocalArtifacts(join(folder, 'artifacts'));
const inference = createInference({ artifacts, threads: 1, sessions: 2 });
afterAll(() => inference.close());

const lookBack = 12;
const rows = 5;
const sample = Float32Array.from({ length: rows * lookBack }, (_, k) => 50 + 10 * Math.sin(k));

function networkOf(seed: number): Uint8Array {
  const definition = definitionOf(nlinear, lookBack, 3);
  return buildForecastNetwork({
    model: nlinear.name,
    hyperparameters: definition.hyperparameters,
    settings: trainingSettingsSchema.parse({ lookBack, scaler: 'window' }),
    horizon: 3,
    parameters: freshWeights(definition, seed),
  });
}

const output = 'forecast';
const feeds = { window: { data: sample, shape: [rows, lookBack] } };
const predictionsOf = async (onnx: Uint8Array): Promise<Float32Array> =>
  inference.predict(await artifacts.put(onnx), sample, rows);

describe('an exported network', () => {
  it('is written once a fresh session predicts what the one in use predicts', async () => {
    const onnx = networkOf(1);
    const path = exportedFile(folder, 'nlinear', '.onnx');
    const { difference } = await exportOnnx({
      onnx,
      feeds,
      path,
      output,
      expected: await predictionsOf(onnx),
    });
    expect(difference).toBeLessThanOrEqual(1e-5);
    expect(readFileSync(path).equals(onnx)).toBe(true);
  });

  it('that predicts anything else is refused, and nothing is left of it', async () => {
    const path = exportedFile(join(folder, 'refused'), 'nlinear', '.onnx');
    const expected = await predictionsOf(networkOf(1));
    const another = exportOnnx({ onnx: networkOf(2), feeds, path, output, expected });
    await expect(another).rejects.toMatchObject({ code: 'EXPORT_MISMATCH' });
    const shifted = expected.map((value) => value * 1.0001);
    const nearly = exportOnnx({ onnx: networkOf(1), feeds, path, output, expected: shifted });
    await expect(nearly).rejects.toMatchObject({ code: 'EXPORT_MISMATCH' });
    expect(existsSync(join(folder, 'refused'))).toBe(false);
  });

  it('gets a file name whatever it is called', () => {
    expect(exportedFile('out', 'n-hits/../x y', '.onnx')).toBe(join('out', 'n-hits-..-x-y.onnx'));
    expect(readdirSync(folder)).toContain('nlinear.onnx');
  });
});

describe('the relative difference', () => {
  it('is that of the greatest deviation to the greatest prediction, and never passes what is not finite', () => {
    expect(relativeDifference(Float32Array.of(1, 9), Float32Array.of(2, 10))).toBeCloseTo(0.1, 6);
    expect(relativeDifference(Float32Array.of(0, 0), Float32Array.of(0, 0))).toBe(0);
    expect(relativeDifference(Float32Array.of(1), Float32Array.of(1, 2))).toBeNaN();
    expect(relativeDifference(Float32Array.of(Number.NaN), Float32Array.of(1))).toBeNaN();
    expect(relativeDifference(Float32Array.of(Infinity), Float32Array.of(Infinity))).toBeNaN();
  });
});
