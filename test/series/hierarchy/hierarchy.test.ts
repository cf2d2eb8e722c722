/** Hierarchies: which levels there are, what adds up to what. */
import { describe, expect, it } from 'vitest';
import {
  createHierarchy,
  incoherence,
  memberCounts,
  parentOf,
  sumUp,
} from '../../../series/hierarchy/hierarchy.ts';
import { withAggregates } from '../../../series/hierarchy/aggregate-panel.ts';
import { createPanel, seriesTimes, seriesValues } from '../../../series/panel.ts';
import { panelOf } from '../make-panel.ts';
import { base, small } from './small-hierarchy.ts';

const columns = [
  { name: 'state', labels: ['CA', 'CA', 'CA', 'TX'] },
  { name: 'store', labels: ['1', '1', '2', '1'] },
  { name: 'item', labels: ['x', 'y', 'x', 'x'] },
];

describe('a hierarchy', () => {
  it('has a total, and names every sum by the labels that lead to it', () => {
    const { levels, ids } = createHierarchy(columns, [['state'], ['state', 'store'], ['item']]);
    expect(levels.map(({ name }) => name)).toEqual(['total', 'state', 'state/store', 'item']);
    expect(ids).toEqual([
      'total',
      'state=CA',
      'state=TX',
      'state=CA/store=1',
      'state=CA/store=2',
      'state=TX/store=1',
      'item=x',
      'item=y',
    ]);
  });

  it('leaves out levels that group nothing, or as an earlier one does', () => {
    const { levels } = createHierarchy(
      [...columns, { name: 'region', labels: ['W', 'W', 'W', 'S'] }],
      [['state'], ['region'], ['state', 'store', 'item']],
    );
    expect(levels.map(({ name }) => name)).toEqual(['total', 'state']);
  });

  it('adds up by the summing matrix of its definition', () => {
    const matrix = [
      [1, 1, 1, 1, 1],
      [1, 1, 0, 0, 0],
      [0, 0, 1, 1, 1],
    ];
    const values = base.slice();
    sumUp(small, values);
    const expected = matrix.map((row) => row.reduce((sum, s, b) => sum + s * base[b]!, 0));
    expect([...values.subarray(5)]).toEqual(expected);
    expect([...incoherence(small, base)]).toEqual([100 - 104, 42 - 37, 70 - 67]);
    expect([...memberCounts(small)]).toEqual([1, 1, 1, 1, 1, 5, 2, 3]);
    expect(parentOf(small, 1, 4)).toBe(2);
  });
});

describe('a panel with aggregates', () => {
  const early = panelOf([
    [1, 2, 3, 4],
    [10, 20, 30, 40],
    [5, 6, 7, 8],
  ]);
  // The third series begins two steps later.
  const panel = createPanel({
    ...early,
    offsets: Uint32Array.of(0, 4, 8, 10),
    y: early.y.filter((_, k) => k < 8 || k >= 10),
    time: early.time.filter((_, k) => k < 8 || k >= 10),
    exogenous: {
      stepsAhead: 2,
      future: [
        {
          name: 'price',
          values: Float64Array.of(1, 1, 1, 1, 3, 3, 3, 3, 8, 8),
          ahead: Float64Array.of(1, 2, 3, 4, 8, 9),
        },
      ],
      historical: [],
      static: [{ name: 'size', values: Float64Array.of(1, 2, 6) }],
      categories: [{ name: 'kind', labels: ['p', 'q'], codes: Uint32Array.of(1, 1, 2) }],
    },
  });
  const hierarchy = createHierarchy([{ name: 'g', labels: ['a', 'a', 'b'] }], [['g']]);

  it('sums over all times; a series that begins later counts as 0 before', () => {
    const whole = withAggregates(
      panel,
      createHierarchy([{ name: 'g', labels: ['a', 'a', 'b'] }], []),
    );
    expect(whole.ids).toEqual(['s0', 's1', 's2', 'total']);
    expect([...seriesValues(whole, 3)]).toEqual([11, 22, 33 + 7, 44 + 8]);
    expect([...seriesTimes(whole, 3)]).toEqual([...seriesTimes(panel, 0)]);
    const groups = withAggregates(panel, hierarchy);
    expect([...seriesValues(groups, groups.ids.indexOf('g=a'))]).toEqual([11, 22, 33, 44]);
  });

  it('gives sums the means of their columns, and a category that all of their series share', () => {
    const { ids, exogenous, offsets } = withAggregates(panel, hierarchy);
    const [total, a, b] = ['total', 'g=a', 'g=b'].map((id) => ids.indexOf(id));
    const { values, ahead } = exogenous!.future[0]!;
    expect([...values.subarray(offsets[total!], offsets[total! + 1])]).toEqual([2, 2, 4, 4]);
    expect([...values.subarray(offsets[a!], offsets[a! + 1])]).toEqual([2, 2, 2, 2]);
    expect([...ahead.subarray(2 * a!, 2 * a! + 2)]).toEqual([2, 3]);
    expect(exogenous!.static[0]!.values[total!]).toBeCloseTo(3, 12);
    const { codes } = exogenous!.categories[0]!;
    expect([codes[total!], codes[a!], codes[b!]]).toEqual([0, 1, 2]);
  });

  it('refuses series that end at different times, and names that are taken', () => {
    const short = createPanel({
      ...early,
      offsets: Uint32Array.of(0, 4, 8, 11),
      y: early.y.subarray(0, 11),
      time: early.time.subarray(0, 11),
    });
    expect(() => withAggregates(short, hierarchy)).toThrowError(
      expect.objectContaining({ code: 'HIERARCHY_UNALIGNED' }),
    );
    const taken = { ...early, ids: ['s0', 'total', 's2'] };
    expect(() => withAggregates(taken, hierarchy)).toThrowError(
      expect.objectContaining({ code: 'HIERARCHY_NAME_TAKEN' }),
    );
  });
});
