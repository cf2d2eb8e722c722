/** Sized sessions: calls of all sizes, one after the other and at once, give what each gives alone. */
import { expect, it } from 'vitest';
import { dlinear } from '../../../models/neural/dlinear.ts';
import { buildForecastNetwork } from '../../../services/inference/inference.ts';
import { createSizedSession } from '../../../services/inference/sized-session.ts';
import { trainingSettingsSchema } from '../../../services/training/settings.ts';
import { createRandom } from '../../../tensor/random.ts';
import { definitionOf, freshWeights } from '../../models/neural/run-network.ts';

const [lookBack, horizon] = [12, 3];

it('gives a window the same forecast whether it is one of few or one of many', async () => {
  const definition = definitionOf(dlinear, lookBack, horizon);
  const file = buildForecastNetwork({
    model: dlinear.name,
    hyperparameters: definition.hyperparameters,
    settings: trainingSettingsSchema.parse({ lookBack }),
    horizon,
    parameters: freshWeights(definition),
  });
  const random = createRandom(1, 'windows');
  const windows = Float32Array.from({ length: 40 * lookBack }, random.normal);
  const session = createSizedSession(file, { threads: 2 });
  const forecast = async (rows: number): Promise<Float32Array> => {
    const data = windows.slice(0, rows * lookBack);
    const outputs = await session.run({ window: { data, shape: [rows, lookBack] } });
    return outputs['forecast']!.data as Float32Array;
  };
  const sizes = [1, 40, 8, 9, 2];
  const found = await Promise.all(sizes.map(forecast));
  await session.release();
  for (const [i, rows] of sizes.entries()) {
    expect(found[i]!.length).toBe(rows * horizon);
    for (const [k, value] of found[i]!.entries()) expect(value).toBeCloseTo(found[1]![k]!, 5);
  }
});
