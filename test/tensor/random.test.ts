/** Random streams: reproducible, independent, of the right distribution; and what parameters start from. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parameter } from '../../tensor/expression.ts';
import { initialState } from '../../tensor/initialise.ts';
import { createRandom } from '../../tensor/random.ts';

const draws = (count: number, next: () => number): number[] => Array.from({ length: count }, next);
const moment = (values: readonly number[], power: number): number =>
  values.reduce((sum, value) => sum + value ** power, 0) / values.length;

describe('a random stream', () => {
  it('gives the same numbers on every machine', () => {
    const random = createRandom(42, 'batches', 7);
    expect([random.integer(1000), random.integer(1000), random.integer(1000)]).toEqual([
      217, 256, 855,
    ]);
    expect(random.uniform()).toBe(0.03243307768778625);
    expect(random.normal()).toBe(0.8508021147621554);
    expect([...random.permutation(6)]).toEqual([1, 2, 3, 5, 0, 4]);
  });

  it('differs from streams of another seed or name', () => {
    const first = (...key: [number, ...(number | string)[]]): number =>
      createRandom(...key).uniform();
    const numbers = [
      first(1),
      first(2),
      first(1, 'a'),
      first(1, 'b'),
      first(1, 'a', 1),
      first(1, 1),
      first(1, '1'),
    ];
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('is uncorrelated with its neighbours', () => {
    const [a, b] = [createRandom(1, 0), createRandom(1, 1)];
    const products = draws(20_000, () => (a.uniform() - 0.5) * (b.uniform() - 0.5));
    // Four standard deviations of a mean of products of two uniforms of variance 1/12.
    expect(Math.abs(moment(products, 1))).toBeLessThan(4 / 12 / Math.sqrt(20_000));
  });

  it('draws uniforms with mean 1/2 and variance 1/12, and normals with moments 0, 1, 0, 3', () => {
    const random = createRandom(5);
    const uniforms = draws(50_000, random.uniform);
    expect(uniforms.every((u) => u >= 0 && u < 1)).toBe(true);
    expect(moment(uniforms, 1)).toBeCloseTo(0.5, 2);
    expect(moment(uniforms, 2)).toBeCloseTo(1 / 3, 2);
    const normals = draws(50_000, random.normal);
    for (const [power, expected] of [0, 1, 0, 3].entries()) {
      expect(Math.abs(moment(normals, power + 1) - expected)).toBeLessThan(
        [0.02, 0.03, 0.08, 0.2][power]!,
      );
    }
  });

  it('draws each integer equally often', () => {
    const random = createRandom(9);
    const counts = Array.from({ length: 7 }, () => 0);
    for (const value of draws(70_000, () => random.integer(7))) counts[value]!++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    // 99.9 % point of chi-squared with 6 degrees of freedom.
    expect(chiSquare).toBeLessThan(22.5);
  });

  it('permutes', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(), (n, seed) => {
        const order = createRandom(seed).permutation(n);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
  });

  it('draws no integer below nothing', () => {
    expect(() => createRandom(1).integer(0)).toThrow('no integer below 0');
  });
});

describe('the initial state', () => {
  const parameters = [parameter('w', [40, 50]), parameter('b', [3]), parameter('n', [30, 40])];
  const initialisers = {
    w: { kind: 'uniform', bound: 0.1 },
    b: { kind: 'constant', value: 2 },
    n: { kind: 'normal', deviation: 0.5 },
  } as const;

  it('draws each parameter as its initialiser says and starts with zero moments', () => {
    const state = initialState(parameters, initialisers, 3);
    const w = [...state.parameters['w']!.data];
    expect(state.step).toBe(0);
    expect(state.parameters['w']!.shape).toEqual([40, 50]);
    expect(Math.max(...w.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.1));
    expect(moment(w, 2)).toBeCloseTo(0.01 / 3, 3);
    expect([...state.parameters['b']!.data]).toEqual([2, 2, 2]);
    expect(moment([...state.parameters['n']!.data], 2)).toBeCloseTo(0.25, 1);
    expect([...state.first['b']!.data, ...state.second['b']!.data]).toEqual(Array(6).fill(0));
  });

  it('gives a parameter the same values whatever else is trained', () => {
    const alone = initialState([parameters[2]!], initialisers, 3);
    expect(alone.parameters['n']).toEqual(
      initialState(parameters, initialisers, 3).parameters['n'],
    );
    expect(initialState(parameters, initialisers, 4).parameters['n']).not.toEqual(
      alone.parameters['n'],
    );
  });

  it('wants an initialiser for every parameter', () => {
    expect(() => initialState([parameter('v', [1])], initialisers, 3)).toThrow(
      'parameter "v" has an initialiser',
    );
  });
});
