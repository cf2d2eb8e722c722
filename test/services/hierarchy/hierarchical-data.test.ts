/** Hierarchical data: which columns make a hierarchy, and what is refused. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDatasets } from '../../../services/datasets/datasets.ts';
import { decodeHierarchy, encodeHierarchy } from '../../../services/hierarchy/hierarchy-codec.ts';
import { loadHierarchy } from '../../../services/hierarchy/hierarchical-data.ts';
import { runRequestSchema, type RunRequestInput } from '../../../state/request.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const path = temporaryFolder('hierarchy');

function write(name: string, head: string, series: readonly string[], length = 20): string {
  const file = join(path, name);
  const rows = series.flatMap((keys, i) =>
    Array.from({ length }, (_, t) => {
      const date = new Date(Date.UTC(2024, 0, 1 + t)).toISOString().slice(0, 10);
      return `${keys},${date},${10 * i + (t % 7)}`;
    }),
  );
  writeFileSync(file, `${head},date,units\n${rows.join('\n')}\n`);
  return file;
}

const stores = write('stores.csv', 'id,State,size', ['a,CA,1', 'b,CA,2', 'c,TX,2']);
const load = (request: Partial<RunRequestInput>) =>
  loadHierarchy(
    createDatasets(),
    runRequestSchema.parse({ data: stores, horizon: 3, id: 'id', target: 'units', ...request }),
  );

describe('a hierarchy from columns', () => {
  it('is told by labels and numbers, and its columns stay only where they are named as static', async () => {
    const { loaded, hierarchy } = await load({ hierarchy: 'state;size', static: 'size' });
    expect(hierarchy.levels.map(({ name }) => name)).toEqual(['total', 'State', 'size']);
    expect(loaded.panel.ids).toEqual([
      'a',
      'b',
      'c',
      'total',
      'State=CA',
      'State=TX',
      'size=1',
      'size=2',
    ]);
    expect(loaded.panel.exogenous!.static.map(({ name }) => name)).toEqual(['size']);
    expect(loaded.panel.exogenous!.categories).toEqual([]);
    const alone = await load({ hierarchy: 'state' });
    expect(alone.loaded.panel.exogenous).toBeUndefined();
  });

  it('is stored exactly', async () => {
    const { hierarchy } = await load({ hierarchy: 'state' });
    expect(decodeHierarchy(encodeHierarchy(hierarchy))).toEqual(hierarchy);
  });

  it.each<readonly [string, Partial<RunRequestInput>, string, string]>([
    ['columns that are not there', { hierarchy: 'region' }, 'COLUMN_MISSING', 'region'],
    ['empty names', { hierarchy: 'state,;size' }, 'OPTION_INVALID', 'hierarchy'],
    ['columns that change', { hierarchy: 'units' }, 'OPTION_INVALID', 'hierarchy'],
    [
      'series without a label',
      { hierarchy: 'State', data: write('blank.csv', 'id,State', ['a,CA', 'b,', 'c,TX']) },
      'HIERARCHY_LABEL_MISSING',
      '"b"',
    ],
    [
      'a single series',
      { hierarchy: 'State', data: write('one.csv', 'id,State', ['a,CA']) },
      'OPTION_INVALID',
      'hierarchy',
    ],
  ])('refuses %s', async (_, request, code, mention) => {
    const message = expect.stringContaining(mention) as string;
    await expect(load(request)).rejects.toMatchObject({ code, message });
  });
});
