/** Tests of the export of table models: files that predict the same, and a description that one can build rows by. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findTabularModel } from '../../../models/index.ts';
import { exportTableModel } from '../../../services/export/table-model-export.ts';
import { createTabular } from '../../../services/tabular/tabular.ts';
import type { TableFiles } from '../../../services/tabular/table-files.ts';
import { createLocalWorker } from '../../../services/tabular/work.ts';
import { generate, normals, panelOf } from '../../series/make-panel.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const root = temporaryFolder('table-models');
const normal = normals(2);
const panel = panelOf([generate(70, (t) => 20 + 3 * Math.sin(t) + normal())]);
const candidate = {
  name: 'trees & co',
  version: { model: 'waves-h4', version: 2 },
  recipe: 'log',
  season: 6,
} as const;
let made: TableFiles;

beforeAll(async () => {
  const tabular = createTabular({ worker: createLocalWorker(findTabularModel, () => 0) });
  const model = findTabularModel('gradient-boosting');
  const { bytes } = await tabular.train({
    model,
    hyperparameters: model.hyperparameters.parse({ rounds: 5, minimumRows: 5 }),
    settings: { strategy: 'direct', blockSteps: 2 },
    panel,
    horizon: 4,
    season: 1,
    plan: { horizon: 4, folds: [], trainStepsFromEnd: 0 },
    seed: 1,
    signal: new AbortController().signal,
  });
  made = await tabular.files(bytes, panel);
});

describe('an exported table model', () => {
  it('is a checked file for each block of steps and a description of their columns', async () => {
    const folder = join(root, 'out');
    const { files, difference } = await exportTableModel({
      made,
      candidate,
      frequency: 'D',
      folder,
    });
    const names = ['trees-co-block-1.onnx', 'trees-co-block-2.onnx', 'trees-co.json'];
    expect(files.map(({ name }) => name)).toEqual(names);
    expect(readdirSync(folder).toSorted()).toEqual(names);
    expect(difference).toBeLessThan(1e-5);
    const described = JSON.parse(readFileSync(join(folder, 'trees-co.json'), 'utf8')) as {
      fits: { file: string; first: number; last: number; columns: { name: string }[] }[];
    };
    expect(described).toMatchObject({
      model: 'gradient-boosting',
      version: 'waves-h4@2',
      recipe: 'log',
      horizon: 4,
      settings: { strategy: 'direct', blockSteps: 2 },
    });
    expect(described.fits).toMatchObject([
      { file: names[0], first: 1, last: 2 },
      { file: names[1], first: 3, last: 4 },
    ]);
    const columns = described.fits[0]!.columns.map(({ name }) => name);
    expect(columns.slice(0, 2)).toEqual(['lag_1', 'lag_2']);
  });

  it('is one file where one fit serves all steps, and none where it predicts anything else', async () => {
    const [first, second] = made.files;
    const folder = join(root, 'one');
    const one = { ...made, files: [first!] };
    const { files } = await exportTableModel({ made: one, candidate, frequency: 'D', folder });
    expect(files.map(({ name }) => name)).toEqual(['trees-co.onnx', 'trees-co.json']);
    const wrong = { ...made, files: [{ ...first!, onnx: second!.onnx }] };
    await expect(
      exportTableModel({ made: wrong, candidate, frequency: 'D', folder: join(root, 'none') }),
    ).rejects.toMatchObject({ code: 'EXPORT_MISMATCH' });
    expect(readdirSync(root)).not.toContain('none');
  });
});
