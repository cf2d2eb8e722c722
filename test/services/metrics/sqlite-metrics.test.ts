/** Metrics in the embedded database: points come back as they were, in order, by run and name. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../services/database/database.ts';
import type { Metrics } from '../../../services/metrics/metrics.ts';
import { createSqliteMetrics } from '../../../services/metrics/sqlite-metrics.ts';

const nowMs = Date.parse('2026-11-21T00:00:00.250Z');
const newMetrics = (): Metrics => createSqliteMetrics(openDatabase(':memory:'), () => nowMs);

describe('createSqliteMetrics', () => {
  it('stamps a point with the clock and leaves out what it was not given', () => {
    const metrics = newMetrics();
    metrics.record([{ run: 'r', name: 'loss', value: 0.5 }]);
    expect(metrics.query({ run: 'r' })).toStrictEqual([
      { run: 'r', name: 'loss', value: 0.5, at: '2026-11-21T00:00:00.250Z' },
    ]);
    expect(metrics.query({ run: 'other' })).toEqual([]);
  });

  it('keeps the points of one key once, however often they are recorded', () => {
    const metrics = newMetrics();
    const point = { run: 'r', name: 'loss', value: 1 };
    for (const key of ['first', 'first', 'second']) metrics.record([point], key);
    metrics.record([point]);
    expect(metrics.query({ run: 'r' })).toHaveLength(3);
  });

  it('gives back any points, NaN and negative zero among them, in order and only those asked for', () => {
    const point = fc.record(
      {
        run: fc.constantFrom('a', 'b'),
        name: fc.constantFrom('loss', "x' OR 1=1"),
        value: fc.oneof(fc.double(), fc.constantFrom(NaN, -0, Infinity, -Infinity, 2 ** 53)),
        step: fc.nat(),
        tags: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
      },
      { requiredKeys: ['run', 'name', 'value'] },
    );
    const property = fc.property(fc.array(fc.array(point)), (batches) => {
      const metrics = newMetrics();
      for (const batch of batches) metrics.record(batch);
      const at = '2026-11-21T00:00:00.250Z';
      const points = batches.flat().map((recorded) => ({ ...recorded, at }));
      for (const run of ['a', 'b']) {
        const ofRun = points.filter((recorded) => recorded.run === run);
        expect(metrics.query({ run })).toStrictEqual(ofRun);
        const ofName = ofRun.filter(({ name }) => name === 'loss');
        expect(metrics.query({ run, name: 'loss' })).toStrictEqual(ofName);
      }
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('keeps none of the points of one call when one of them cannot be kept', () => {
    const metrics = newMetrics();
    const broken = { run: 'r', name: null as unknown as string, value: 1 };
    expect(() => metrics.record([{ run: 'r', name: 'loss', value: 1 }, broken])).toThrow(
      'NOT NULL',
    );
    expect(metrics.query({ run: 'r' })).toEqual([]);
  });
});
