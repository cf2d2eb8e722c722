/** The schemas of requests, decisions, log lines and state channels accept what they should, and nothing else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decision, decisionSchema } from '../../state/decision.ts';
import { eventNames, logLineSchema } from '../../state/events.ts';
import { registeredName, runRequestSchema } from '../../state/request.ts';
import { addCounts, channelNames, channels } from '../../state/run-state.ts';

describe('a run request', () => {
  const least = { data: 'a.csv', horizon: 3 };

  it('needs data and horizon only, and fills in the rest', () => {
    expect(runRequestSchema.parse(least)).toEqual({ ...least, preset: 'fast', seed: 1 });
  });

  it('takes lists as text or as lists', () => {
    const asText = { ...least, models: 'naive,drift', id: 'store,item', target: 'sales' };
    const asList = {
      ...least,
      models: ['naive', 'drift'],
      id: ['store', 'item'],
      target: ['sales'],
    };
    expect(runRequestSchema.parse(asText)).toEqual(runRequestSchema.parse(asList));
  });

  it('survives JSON and a second parse unchanged, as a checkpoint needs', () => {
    const requests = fc.record(
      {
        data: fc.string({ minLength: 1 }),
        horizon: fc.integer({ min: 1, max: 10_000 }),
        models: fc.array(fc.stringMatching(/^[a-z]+$/), { minLength: 1, maxLength: 3 }),
        timeLimit: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
        seed: fc.nat(),
        trials: fc.integer({ min: 1, max: 10_000 }),
      },
      { requiredKeys: ['data', 'horizon'] },
    );
    fc.assert(
      fc.property(requests, (request) => {
        const parsed = runRequestSchema.parse(request);
        expect(runRequestSchema.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
      }),
    );
  });

  it.each([
    { horizon: 3 },
    { data: '', horizon: 3 },
    { data: 'a.csv', horizon: 0 },
    { data: 'a.csv', horizon: 1.5 },
    { data: 'a.csv', horizon: 10_001 },
    { ...least, timeLimit: 0 },
    { ...least, seed: -1 },
    { ...least, trials: 0 },
    { ...least, models: [] },
    { ...least, name: '../escape' },
    { ...least, name: '-flag' },
  ])('is refused where it makes no sense: %o', (request) => {
    expect(runRequestSchema.safeParse(request).success).toBe(false);
  });

  it('gives its models a name that is itself valid, whatever the file is called', () => {
    const property = fc.property(fc.string({ minLength: 1 }), (data) => {
      const name = registeredName({ data, horizon: 12 });
      expect(runRequestSchema.safeParse({ ...least, name }).success).toBe(true);
    });
    fc.assert(property);
    expect(registeredName({ data: '/data/us employment.csv.gz', horizon: 12 })).toBe(
      'us-employment-h12',
    );
    expect(registeredName({ data: 'a.csv', horizon: 1, name: 'sales' })).toBe('sales');
  });
});

describe('a decision', () => {
  const decision: Decision = {
    id: '6-training',
    runId: 'r1',
    step: 6,
    agent: 'training',
    action: 'train nlinear',
    reason: 'it is the best',
    evidence: { score: 0.8, found: true, none: null, names: ['a', 1], weights: { a: 0.5 } },
    alternatives: [{ action: 'train dlinear', whyNot: 'it is worse' }],
    policy: 'rules',
    at: '2026-11-20T08:30:00.000Z',
    durationMs: 12,
  };

  it('is read back from JSON as it was', () => {
    expect(decisionSchema.parse(JSON.parse(JSON.stringify(decision)))).toEqual(decision);
  });

  it.each([
    { agent: 'oracle' },
    { action: '' },
    { reason: '' },
    { step: -1 },
    { alternatives: [{ action: 'x', whyNot: '' }] },
    { evidence: { deep: { deeper: { deepest: 1 } } } },
    { policy: 'dice' },
    { at: 'yesterday' },
  ])('says who, what and why, in flat evidence: not %o', (change) => {
    expect(decisionSchema.safeParse({ ...decision, ...change }).success).toBe(false);
  });
});

describe('events', () => {
  it('are named noun first, then what happened to it', () => {
    expect(eventNames.filter((name) => !/^[a-z]+(-[a-z]+)+$/.test(name))).toEqual([]);
    expect(new Set(eventNames).size).toBe(eventNames.length);
  });

  it('keep the further fields of a log line', () => {
    const line = {
      level: 'info',
      time: '2026-11-20T08:30:00.000Z',
      run: 'r1',
      event: 'run-started',
      horizon: 12,
    };
    expect(logLineSchema.parse(line)).toEqual(line);
    expect(logLineSchema.safeParse({ ...line, event: 'run-exploded' }).success).toBe(false);
  });
});

describe('state channels', () => {
  it('all have a default but the request, so that a run can start from its request alone', () => {
    const withoutDefault = channelNames.filter(
      (name) => !channels[name].schema.safeParse(undefined).success,
    );
    expect(withoutDefault).toEqual(['request']);
  });

  it('count visits by adding, in any order', () => {
    const counts = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(100));
    fc.assert(
      fc.property(counts, counts, counts, (x, y, z) => {
        expect(addCounts(addCounts(x, y), z)).toEqual(addCounts(x, addCounts(y, z)));
        expect(addCounts(x, {})).toEqual(x);
      }),
    );
  });
});
