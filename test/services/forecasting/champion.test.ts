/** Tests of the champion: a version in production is used only where everything that it takes is there. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import { openDatabase } from '../../../services/database/database.ts';
import { findChampion } from '../../../services/forecasting/champion.ts';
import { createRegistry } from '../../../services/registry/registry.ts';
import { runRequestSchema } from '../../../state/request.ts';
import type { PanelSummary } from '../../../state/run-state.ts';
import { versionDraft } from '../registry/model-version-draft.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder('champion');
const artifacts = createLocalArtifacts(join(folder, 'artifacts'));
const request = runRequestSchema.parse({ data: 'sales.csv', horizon: 12 });
const uri = `sha256:${'0'.repeat(64)}`;

/** A daily panel with these exogenous columns. */
const panel = (...columns: string[]): PanelSummary => ({
  uri,
  series: 2,
  observations: 200,
  frequency: 'D',
  shortest: 100,
  longest: 100,
  layout: 'long',
  repairs: [],
  ...(columns.length > 0 && { columns }),
});

let places = 0;
/** The champion that a registry finds whose only version takes `columns`. */
async function championTaking(columns: readonly string[] | undefined, given: PanelSummary) {
  const place = join(folder, `models-${places++}`);
  const registry = createRegistry(openDatabase(':memory:'), artifacts, place, () => 0);
  const network = await artifacts.put(new Uint8Array(8));
  const { signature, ...rest } = versionDraft('a');
  await registry.publish({
    ...rest,
    hyperparameters: { recipe: 'plain' },
    files: [{ name: 'network.onnx', uri: network, bytes: 8 }],
    signature: { ...signature, frequency: 'D', ...(columns && { columns: [...columns] }) },
  });
  registry.setAlias('sales-h12', 'champion', 1, 'it is the best');
  return findChampion(registry, request, given);
}

describe('a champion', () => {
  it('without exogenous columns fits whatever columns there are', async () => {
    expect(await championTaking(undefined, panel())).toMatchObject({ name: 'champion' });
    expect(await championTaking(undefined, panel('future:price'))).not.toHaveProperty('columns');
  });

  it('fits where all columns that it takes are there in the same role', async () => {
    const columns = ['future:price', 'static:size'];
    expect(
      await championTaking(columns, panel('future:price', 'static:size', 'historical:rain')),
    ).toMatchObject({ columns });
    expect(await championTaking(columns, panel('future:price'))).toBeNull();
    expect(await championTaking(columns, panel('historical:price', 'static:size'))).toBeNull();
    expect(await championTaking(columns, panel())).toBeNull();
  });

  it('fits where the calendar of the frequency gives what is not in the data', async () => {
    expect(await championTaking(['future:day_of_week_sin'], panel())).toMatchObject({
      lookBack: 36,
    });
    expect(await championTaking(['future:hour_of_day_sin'], panel())).toBeNull();
  });
});
