/** A classification from file to files, by engine and command line, and what the guide to it says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { renderClassification } from '../../app/cli/render/classification.ts';
import { createStyle } from '../../app/cli/render/style.ts';
import { runCli } from '../../app/cli/cli.ts';
import { openEngine, type ClassificationSummary } from '../../app/index.ts';
import type { ClassificationRequestInput } from '../../state/classification-request.ts';
import { recordingHost, sampleEngine } from './cli/sample-run.ts';
import { generate, normals } from '../series/make-panel.ts';
import { readSource } from '../source-tree.ts';

const folder = mkdtempSync(join(tmpdir(), 'classify-'));
afterAll(() => rmSync(folder, { recursive: true }));
const normal = normals(8);
const wave = generate(240, (t) => 10 + Math.sin((2 * Math.PI * t) / 12) + 0.2 * normal());
const data = join(folder, 'wave.csv');
const day = (t: number): string => new Date(Date.UTC(2020, 0, 1 + t)).toISOString().slice(0, 10);
writeFileSync(data, `date,value\n${[...wave].map((y, t) => `${day(t)},${y}`).join('\n')}\n`);

async function classify(
  request: Omit<ClassificationRequestInput, 'data'>,
): Promise<ClassificationSummary> {
  const engine = await openEngine({ dataDir: join(folder, 'data'), threads: 1 });
  try {
    return await engine.classify({ data, ...request });
  } finally {
    await engine.close();
  }
}
const plain = createStyle({}, {});

describe('a classification', () => {
  it('writes the report and the latest class of each series', async () => {
    const out = join(folder, 'out');
    const models = 'logistic-regression';
    const found = await classify({ horizon: 3, models, folds: 3, season: 12, out });
    expect(found.files).toEqual(['report.json', 'predictions.csv']);
    expect(found.models.map(({ model }) => model).sort()).toEqual([
      'logistic-regression',
      'majority',
      'repeat-last',
    ]);
    expect(found.best).toBe('logistic-regression');
    const [head, line, ...rest] = readFileSync(join(out, 'predictions.csv'), 'utf8').split('\n');
    expect(head).toBe('unique_id,time,until,model,predicted,probability of down,probability of up');
    expect(line).toMatch(
      /^[^,]+,2020-08-27,2020-08-30,logistic-regression,(down|up),0\.\d+,0\.\d+$/,
    );
    expect(rest).toEqual(['']);
    const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as unknown;
    expect(report).toEqual(JSON.parse(JSON.stringify(found)));
    const text = renderClassification(found, plain);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('logistic-regression beats it by log loss');
    const none = { ...found, better: { accuracy: [], logLoss: [] }, best: 'majority' };
    expect(renderClassification(none, plain)).toContain('No model beats the majority class');
  });

  it.each([
    [{ models: 'ridge' }, 'no model "ridge"'],
    [{ label: 'regime', threshold: 1 }, 'threshold'],
    [{ unit: 'quantile' }, 'unit'],
    [{ label: 'event', threshold: 1.5, unit: 'quantile' }, 'threshold'],
    [{ label: 'event', threshold: 1e9 }, 'nothing to tell apart'],
    [{ folds: 50 }, 'too few for 50 folds'],
  ] as const)('refuses %o', async (changes, message) => {
    await expect(classify({ horizon: 3, season: 12, ...changes })).rejects.toThrow(message);
  });
});

describe('the commands of the guide to classification', () => {
  const { text } = readSource('docs/classification.md');
  const commands = [...text.matchAll(/^agentic-forecast (.*)$/gm)].map(([, line]) => line!);

  let answer: Promise<ClassificationSummary> | undefined;

  it.each(commands)('are understood by the program: %s', async (line) => {
    let asked: unknown;
    const engine = sampleEngine({
      classify: async (request) => {
        asked = request;
        answer ??= classify({ horizon: 3, models: 'logistic-regression', folds: 2, season: 12 });
        return answer;
      },
    });
    const host = recordingHost({ openEngine: async () => engine });
    expect(await runCli(line.split(' '), host), host.written.stderr).toBe(0);
    expect(asked).toMatchObject({ horizon: expect.any(Number) });
  });
});
