/** Tests of the search: its draws, its study, and what one process leaves to the next. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hyperparameters, SearchSpace } from '../../../models/model.ts';
import { openDatabase } from '../../../services/database/database.ts';
import { canonicalText, drawConfigurations } from '../../../services/search/configurations.ts';
import { createSearch, type SearchTask } from '../../../services/search/search.ts';
import { fail } from '../../../state/errors.ts';

const space: SearchSpace = {
  rate: { kind: 'log-uniform', low: 1e-4, high: 1e-1 },
  share: { kind: 'uniform', low: -1, high: 1 },
  size: { kind: 'choice', values: [16, 32, 64] },
};
const defaults = { rate: 0.01, share: 0, size: 32 };

const score = (configuration: Hyperparameters): number =>
  Math.abs(Math.log10(Number(configuration['rate'])) + 3) +
  Math.abs(Number(configuration['share']));

const taskOf = (changes: Partial<SearchTask> = {}): SearchTask => ({
  study: 'study',
  space,
  defaults,
  trials: 12,
  seed: 5,
  evaluate: (configuration) => Promise.resolve({ score: score(configuration) }),
  emit: () => undefined,
  ...changes,
});

const newPath = async (): Promise<string> =>
  join(await mkdtemp(join(tmpdir(), 'search-')), 'studies.db');

function searchAt(path: string, clock: () => number = () => 0) {
  return createSearch({ database: openDatabase(path), clock });
}

describe('the configurations of a random search', () => {
  it('lie in their space, all different, and do not depend on how many are asked for', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 40 }), (seed, count) => {
        const drawn = drawConfigurations(space, defaults, count, seed);
        expect(drawn).toEqual(drawConfigurations(space, defaults, 40, seed).slice(0, count));
        expect(new Set(drawn.map(canonicalText)).size).toBe(count);
        for (const { rate, share, size } of drawn) {
          expect(Number(rate)).toBeGreaterThanOrEqual(1e-4);
          expect(Number(rate)).toBeLessThanOrEqual(1e-1);
          expect(Math.abs(Number(share))).toBeLessThanOrEqual(1);
          expect([16, 32, 64]).toContain(size);
        }
      }),
    );
  });

  it('spread evenly over the decades of a logarithmic dimension', () => {
    const drawn = drawConfigurations(space, undefined, 900, 1);
    const decades = [0, 0, 0];
    for (const { rate } of drawn)
      decades[Math.min(2, Math.floor(Math.log10(Number(rate)) + 4))]! += 1;
    for (const count of decades) expect(count).toBeGreaterThan(250);
  });

  it('end where the space is exhausted', () => {
    const small: SearchSpace = { size: { kind: 'choice', values: [1, 2, 3] } };
    expect(drawConfigurations(small, undefined, 10, 1).length).toBe(3);
    expect(drawConfigurations({}, { fixed: true }, 10, 1)).toEqual([{ fixed: true }]);
  });

  it('keep the draws of other dimensions when one is added', () => {
    const wider: SearchSpace = { ...space, extra: { kind: 'uniform', low: 0, high: 1 } };
    const before = drawConfigurations(space, undefined, 5, 3);
    const after = drawConfigurations(wider, undefined, 5, 3);
    expect(after.map(({ rate }) => rate)).toEqual(before.map(({ rate }) => rate));
  });
});

describe('a study', () => {
  it('tries the defaults first and finds the lowest score', async () => {
    const { best, trials, resumed } = await searchAt(await newPath()).search(taskOf());
    expect(trials[0]!.configuration).toEqual(defaults);
    expect(trials.length).toBe(12);
    expect(resumed).toBe(0);
    expect(best!.score).toBe(Math.min(...trials.map((trial) => trial.score!)));
    expect(score(best!.configuration)).toBe(best!.score);
  });

  it('tries each variant of the defaults next, then draws as it would without', async () => {
    const variants = [{ rate: 0.05 }, { share: 0.5, size: 64 }, { rate: 0.01 }];
    const { trials } = await searchAt(await newPath()).search(taskOf({ variants }));
    expect(trials.map(({ configuration }) => configuration).slice(0, 3)).toEqual([
      defaults,
      { ...defaults, rate: 0.05 },
      { ...defaults, share: 0.5, size: 64 },
    ]);
    const plain = await searchAt(await newPath()).search(taskOf());
    expect(trials.slice(3)).toMatchObject(
      plain.trials.slice(3).map(({ configuration }) => ({ configuration })),
    );
  });

  it('continues after its process was lost with the trials that it would have made', async () => {
    const whole = await searchAt(await newPath()).search(taskOf());
    const path = await newPath();
    const lost = taskOf({
      evaluate: (configuration, trial) =>
        trial === 5
          ? Promise.reject(new Error('the process is gone'))
          : Promise.resolve({ score: score(configuration) }),
    });
    await expect(searchAt(path).search(lost)).rejects.toThrow('the process is gone');
    const evaluated: number[] = [];
    const outcome = await searchAt(path).search(
      taskOf({
        evaluate: (configuration, trial) => {
          evaluated.push(trial);
          return Promise.resolve({ score: score(configuration) });
        },
      }),
    );
    expect(evaluated).toEqual([5, 6, 7, 8, 9, 10, 11]);
    expect(outcome.resumed).toBe(5);
    expect(outcome.trials).toEqual(whole.trials);
    expect(outcome.best).toEqual(whole.best);
  });

  it('is given more trials without repeating one', async () => {
    const path = await newPath();
    await searchAt(path).search(taskOf({ trials: 4 }));
    const outcome = await searchAt(path).search(taskOf({ trials: 6 }));
    expect(outcome.resumed).toBe(4);
    expect(outcome.trials.length).toBe(6);
  });

  it('does not take trials of another seed or space for its own', async () => {
    const path = await newPath();
    await searchAt(path).search(taskOf());
    const outcome = await searchAt(path).search(taskOf({ seed: 6 }));
    // The defaults are the same in both.
    expect(outcome.resumed).toBe(1);
    expect(outcome.trials).toEqual(
      (await searchAt(await newPath()).search(taskOf({ seed: 6 }))).trials,
    );
  });

  it('records an operating error of a trial and goes on', async () => {
    const path = await newPath();
    const failing = taskOf({
      trials: 3,
      evaluate: (configuration, trial) =>
        trial === 1
          ? fail('TRAINING_DIVERGED', { model: 'nlinear', step: 7 })
          : Promise.resolve({ score: score(configuration), details: { trial } }),
    });
    const { trials, best } = await searchAt(path).search(failing);
    expect(trials.map(({ error }) => error)).toEqual([null, 'TRAINING_DIVERGED', null]);
    expect(trials[2]!.details).toEqual({ trial: 2 });
    expect(best).not.toBeNull();
    expect((await searchAt(path).search(failing)).resumed).toBe(3);
  });

  it('has no best where no trial gives a finite score', async () => {
    const task = taskOf({ trials: 3, evaluate: () => Promise.resolve({ score: Number.NaN }) });
    const { best, trials } = await searchAt(await newPath()).search(task);
    expect(best).toBeNull();
    expect(trials.map((trial) => trial.score)).toEqual([null, null, null]);
  });

  it('does not begin a trial after its time, and shares out what is left', async () => {
    let now = 0;
    const shares: number[] = [];
    const task = taskOf({
      trials: 5,
      deadlineMs: 100,
      evaluate: (configuration, _, trialMs) => {
        shares.push(trialMs);
        now += 40;
        return Promise.resolve({ score: score(configuration) });
      },
    });
    const { trials } = await searchAt(await newPath(), () => now).search(task);
    expect(trials.length).toBe(3);
    expect(shares).toEqual([20, 15, 20 / 3]);
    const late = await searchAt(await newPath(), () => now).search({ ...task, deadlineMs: 0 });
    expect(late.trials.length).toBe(1);
  });

  it('stops with the reason of its signal and keeps what is finished', async () => {
    const path = await newPath();
    const controller = new AbortController();
    const task = taskOf({
      signal: controller.signal,
      evaluate: (configuration, trial) => {
        if (trial === 2) controller.abort(new Error('enough'));
        return Promise.resolve({ score: score(configuration) });
      },
    });
    await expect(searchAt(path).search(task)).rejects.toThrow('enough');
    expect((await searchAt(path).search(taskOf())).resumed).toBe(3);
  });

  it('tells every trial as it ends, and none that was stored before', async () => {
    const path = await newPath();
    const told: unknown[] = [];
    const emit: SearchTask['emit'] = (event, fields) => told.push([event, fields?.['trial']]);
    await searchAt(path).search(taskOf({ trials: 2, emit }));
    await searchAt(path).search(taskOf({ trials: 3, emit }));
    expect(told).toEqual([0, 1, 2].map((trial) => ['trial-finished', trial]));
  });

  it('has as many trials under way as it is told, and finds the same', async () => {
    let underWay = 0;
    let most = 0;
    const told: unknown[] = [];
    const evaluate: SearchTask['evaluate'] = async (configuration, trial) => {
      most = Math.max(most, ++underWay);
      // Later trials end first.
      await new Promise((resolve) => setTimeout(resolve, 5 * (4 - (trial % 4))));
      underWay -= 1;
      return { score: score(configuration) };
    };
    const emit: SearchTask['emit'] = (_, fields) => told.push(fields?.['trial']);
    const beside = await searchAt(await newPath()).search(taskOf({ evaluate, parallel: 4, emit }));
    const alone = await searchAt(await newPath()).search(taskOf());
    expect(most).toBe(4);
    expect(beside).toEqual(alone);
    expect(told).not.toEqual(beside.trials.map(({ trial }) => trial));
  });

  it('shares its time among as many trials as there are rounds', async () => {
    const shares: number[] = [];
    const evaluate: SearchTask['evaluate'] = (configuration, _, trialMs) => {
      shares.push(trialMs);
      return Promise.resolve({ score: score(configuration) });
    };
    const task = taskOf({ evaluate, trials: 4, parallel: 2, deadlineMs: 60 });
    await searchAt(await newPath()).search(task);
    expect(shares).toEqual([30, 30, 60, 60]);
  });
});
