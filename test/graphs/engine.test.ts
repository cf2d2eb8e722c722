/** The engine as a library: runs, champions, forks, limits, and what it refuses. */
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine, type Engine, type RunSummary } from '../../app/index.ts';
import { isForecastError } from '../../state/errors.ts';
import { startCli, temporaryFolder, writeMonthlyPanel } from '../cli-process.ts';

const { path: home, remove } = temporaryFolder();
const data = writeMonthlyPanel(join(home, 'panel.csv'));
const dataDir = join(home, 'data');
const request = { data, horizon: 6, trials: 2, seed: 3 };
let engine: Engine;
let first: RunSummary;

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'no error';
  } catch (error) {
    if (isForecastError(error)) return error.code;
    throw error;
  }
};

beforeAll(async () => {
  engine = await openEngine({ dataDir });
  first = await engine.run(request);
});
afterAll(async () => {
  await engine.close();
  remove();
});

describe('a finished run', () => {
  it('has walked the agents in order and says what it did', () => {
    expect(first.status).toBe('completed');
    expect(first.position.next).toEqual([]);
    const agents = engine.decisions(first.id).map(({ agent }) => agent);
    expect(agents.filter((agent) => agent !== 'orchestrator')).toEqual([
      'feature-engineer',
      'model-selection',
      'hyperparameter-search',
      'training',
      'evaluation',
      'forecast',
      'export',
    ]);
    expect(agents.filter((agent) => agent === 'orchestrator')).toHaveLength(8);
  });
  it('delivers tables, report, decisions and its own record', () => {
    for (const name of [
      'forecasts.csv',
      'forecasts.parquet',
      'report.html',
      'decisions.jsonl',
      'run.json',
    ]) {
      expect(existsSync(join(first.out, name)), name).toBe(true);
    }
    const delivered = readFileSync(join(first.out, 'decisions.jsonl'), 'utf8').trim().split('\n');
    expect(delivered.map((line) => JSON.parse(line))).toEqual(engine.decisions(first.id));
  });
  it('scores every model beside the naive ones on folds that chose nothing', () => {
    const test = first.scores.filter(({ kind }) => kind === 'test').map(({ model }) => model);
    expect(test).toEqual(
      expect.arrayContaining(['served forecast', 'naive', 'seasonal-naive', 'nlinear', 'dlinear']),
    );
  });
  it('is only summarised by a resume', async () => {
    const again = await engine.resume(first.id);
    expect(again.updatedAt).toBe(first.updatedAt);
  });
  it('leaves no training progress behind', () => {
    const log = readFileSync(join(dataDir, 'logs', `${first.id}.jsonl`), 'utf8');
    expect(log).toContain('training-progressed');
    const left = readdirSync(join(dataDir, 'progress'), { recursive: true }).map(String);
    expect(left.filter((name) => name.includes(first.id))).toEqual([]);
  });
});

describe('a second run on the same data', () => {
  it('watches the champion and uses it instead of training anew', async () => {
    const second = await engine.run(request);
    const agents = engine.decisions(second.id).map(({ agent }) => agent);
    expect(agents).toContain('drift-monitor');
    expect(agents).not.toContain('training');
    expect(second.scores.some(({ model }) => model === 'champion')).toBe(true);
  });
});

describe('a fork', () => {
  it('takes the other choice at the training decision and can be compared with its parent', async () => {
    const training = engine.decisions(first.id).find(({ agent }) => agent === 'training')!;
    const other =
      training.alternatives.find(({ action }) => action === 'train nlinear')?.action ??
      'train dlinear';
    const fork = await engine.fork(first.id, { at: training.id, choose: other });
    const shown = await engine.show(fork.id);
    expect(shown.comparedWith?.id).toBe(first.id);
    const decisions = engine.decisions(fork.id);
    expect(decisions.find(({ agent }) => agent === 'training')).toMatchObject({
      action: other,
      policy: 'person',
    });
    expect(decisions.slice(0, 5).map(({ id }) => id)).toEqual(
      engine
        .decisions(first.id)
        .slice(0, 5)
        .map(({ id }) => id),
    );
    expect(fork.modelVersions).toHaveLength(1);
    expect(engine.decisions(first.id).find(({ agent }) => agent === 'training')!.action).toBe(
      training.action,
    );
  });
  it('delivers to the folder that it is given, unless a run that it comes from was written there', async () => {
    const choice = { at: '8-training', choose: 'train dlinear' };
    const out = join(home, 'fork-out');
    const fork = await engine.fork(first.id, { ...choice, out });
    expect(existsSync(join(out, 'forecasts.csv'))).toBe(true);
    const before = engine.runs().length;
    expect(fork.out).toBe(out);
    for (const taken of [out, first.out]) {
      expect(await codeOf(engine.fork(fork.id, { ...choice, out: taken }))).toBe('OPTION_INVALID');
    }
    expect(engine.runs()).toHaveLength(before);
  });
  it('refuses an unknown decision and an impossible choice, and records no run for them', async () => {
    const before = engine.runs().length;
    expect(await codeOf(engine.fork(first.id, { at: '99-training', choose: 'x' }))).toBe(
      'DECISION_UNKNOWN',
    );
    expect(await codeOf(engine.fork(first.id, { at: '8-training', choose: 'train oracle' }))).toBe(
      'CHOICE_UNKNOWN',
    );
    expect(engine.runs()).toHaveLength(before);
  });
});

describe('a stopped run', () => {
  it('is cancelled at the next safe point and resumed to the same forecasts', async () => {
    const stop = new AbortController();
    const fresh = await openEngine({ dataDir: join(home, 'stopped') });
    const code = await codeOf(
      fresh.run(request, {
        signal: stop.signal,
        onEvent: ({ event }) => event === 'trial-finished' && stop.abort(),
      }),
    );
    expect(code).toBe('RUN_CANCELLED');
    const [listed] = fresh.runs();
    expect(listed!.status).toBe('stopped');
    const resumed = await fresh.resume(listed!.id);
    expect(readFileSync(join(resumed.out, 'forecasts.csv'), 'utf8')).toBe(
      readFileSync(join(first.out, 'forecasts.csv'), 'utf8'),
    );
    await fresh.close();
  });
});

describe('a time limit', () => {
  it('ends a search that would take hours, with a forecast all the same', async () => {
    const fresh = await openEngine({ dataDir: join(home, 'limited') });
    const limited = await fresh.run({ ...request, trials: 10_000, timeLimit: 4 });
    expect(limited.status).toBe('completed');
    expect(limited.weights.length).toBeGreaterThan(0);
    const search = fresh
      .decisions(limited.id)
      .find(({ agent }) => agent === 'hyperparameter-search');
    expect(search?.evidence['trials']).toBeLessThan(10_000);
    await fresh.close();
  });
});

describe('ownership', () => {
  it('lets one of two processes work on a run and refuses the other by name', async () => {
    const shared = join(home, 'owned');
    const stop = new AbortController();
    const owner = await openEngine({ dataDir: shared });
    let refused: Promise<{ code: number | null; stdout: string }> | undefined;
    const work = codeOf(
      owner.run(
        { ...request, trials: 200 },
        {
          signal: stop.signal,
          onEvent: ({ event, run }) => {
            if (event !== 'trial-finished' || refused !== undefined) return;
            refused = startCli(['resume', run, '--data-dir', shared, '--json']).ended;
            void refused.finally(() => stop.abort());
          },
        },
      ),
    );
    expect(await work).toBe('RUN_CANCELLED');
    const { code, stdout } = (await refused)!;
    expect(code).toBe(75);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'RUN_OWNED' } });
    expect(stdout).toContain(String(process.pid));
    await owner.close();
  });
});

describe('a run of another workflow version', () => {
  it('fails closed with the way out', async () => {
    const copy = join(home, 'other-version');
    const other = await openEngine({ dataDir: copy });
    const stop = new AbortController();
    await codeOf(
      other.run(request, {
        signal: stop.signal,
        onEvent: ({ event }) => event === 'agent-started' && stop.abort(),
      }),
    );
    const [run] = other.runs();
    await other.close();
    const database = new Database(join(copy, 'agentic-forecast.db'));
    const record = JSON.parse(
      database.prepare('SELECT record FROM runs').pluck().get() as string,
    ) as object;
    database
      .prepare('UPDATE runs SET record = ?')
      .run(JSON.stringify({ ...record, graphVersion: '0' }));
    database.close();
    const again = await openEngine({ dataDir: copy });
    expect(await codeOf(again.resume(run!.id))).toBe('RUN_VERSION_MISMATCH');
    await again.close();
  });
});

describe('requests', () => {
  it('are refused with the key and what is wrong', async () => {
    expect(await codeOf(engine.run({ data, horizon: 0 }))).toBe('OPTION_INVALID');
    expect(await codeOf(engine.run({ data, horizon: 6, models: ['oracle'] }))).toBe(
      'MODEL_UNKNOWN',
    );
    expect(await codeOf(engine.show('nobody'))).toBe('RUN_UNKNOWN');
  });
  it('restrict the forecast to the models that they name', async () => {
    const summary = await engine.run({ ...request, models: ['seasonal-naive'] });
    expect(summary.weights).toEqual([{ model: 'seasonal-naive', weight: 1 }]);
  });
  it('do not need the input file any more once the run is recorded', async () => {
    const gone = join(home, 'gone.csv');
    copyFileSync(data, gone);
    const stop = new AbortController();
    const stopEarly = { signal: stop.signal, onEvent: () => stop.abort() };
    expect(await codeOf(engine.run({ ...request, data: gone }, stopEarly))).toBe('RUN_CANCELLED');
    rmSync(gone);
    const resumed = await engine.resume(engine.runs(1)[0]!.id);
    expect(resumed.status).toBe('completed');
  });
});

describe('the workflow', () => {
  it('is drawn with every agent', async () => {
    const drawn = await engine.graph();
    for (const agent of [
      'orchestrator',
      'feature-engineer',
      'drift-monitor',
      'hyperparameter-search',
      'training',
      'evaluation',
      'forecast',
      'export',
    ]) {
      expect(drawn).toContain(agent);
    }
  });
});
