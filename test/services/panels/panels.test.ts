/** Tests of panels: what is stored comes back, with the calendar that a plan asks for. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLocalArtifacts } from '../../../services/artifacts/local.ts';
import { createDatasets } from '../../../services/datasets/datasets.ts';
import { createPanels } from '../../../services/panels/panels.ts';
import { runRequestSchema } from '../../../state/request.ts';
import { panelSummarySchema } from '../../../state/run-state.ts';
import { dailyRows } from '../datasets/load-text.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const path = temporaryFolder('panels');

const data = join(path, 'sales.csv');
const rows = dailyRows(Array.from({ length: 33 }, (_, k) => `${k < 30 ? k : ''},${k * 2}`));
writeFileSync(data, `ds,y,price\n${rows}`);
const artifacts = createLocalArtifacts(join(path, 'artifacts'));
const open = () => createPanels({ datasets: createDatasets(), artifacts });
const request = runRequestSchema.parse({ data, horizon: 3, future: 'price' });

describe('a stored panel', () => {
  it('keeps its exogenous columns, and its summary names them', async () => {
    const summary = panelSummarySchema.parse(await open().ingest(request));
    expect(summary.columns).toEqual(['future:price']);
    expect(summary.repairs.map(({ kind }) => kind)).toEqual(['future-rows']);
    const { exogenous } = await open().get(summary.uri);
    expect([...exogenous!.future[0]!.ahead]).toEqual([60, 62, 64]);
  });

  it('is loaded once, whether with a calendar or without', async () => {
    const panels = open();
    const { uri } = await panels.ingest(request);
    const calendar = { positions: ['day_of_week'], stepsAhead: 3 };
    const plain = await panels.get(uri);
    const extended = await panels.get(uri, calendar);
    expect(extended.y).toBe(plain.y);
    expect(extended.exogenous!.future.map(({ name }) => name)).toEqual([
      'price',
      'day_of_week_sin',
      'day_of_week_cos',
    ]);
    expect(await panels.get(uri, { ...calendar })).toBe(extended);
    expect(await panels.get(uri)).toBe(plain);
    expect(await open().get(uri, calendar)).toEqual(extended);
  });
});
