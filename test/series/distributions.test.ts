/** Distribution functions beside SciPy and printed tables. */
import { describe, expect, it } from 'vitest';
import {
  chiSquareTail,
  fTail,
  incompleteBeta,
  logGamma,
  normalProbability,
  normalRangeProbability,
  normalRangeQuantile,
  studentTwoSided,
  upperGamma,
} from '../../series/distributions.ts';

const expectNear = (found: number, expected: number, relative = 1e-12): void =>
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));

describe('distributions, beside SciPy 1.17.1', () => {
  it('have the gamma function of factorials and halves', () => {
    expectNear(logGamma(0.5), Math.log(Math.sqrt(Math.PI)));
    expectNear(logGamma(11), Math.log(3_628_800));
    expect(logGamma(1)).toBeCloseTo(0, 13);
  });

  it('have the incomplete beta and gamma functions', () => {
    expectNear(incompleteBeta(0.3, 2, 5), 0.579825);
    expectNear(incompleteBeta(0.5, 0.5, 0.5), 0.5);
    expectNear(incompleteBeta(0.99, 10, 1.5), 0.9766270861567053);
    expectNear(incompleteBeta(0.01, 100, 2), 1.0000000000000021e-198, 1e-10);
    expectNear(upperGamma(0.5, 0.5), 0.31731050786291115);
    expectNear(upperGamma(2.5, 3), 0.30621891841327875);
    expectNear(upperGamma(10, 20), 0.0049954123083075785);
    expectNear(upperGamma(100, 80), 0.9828916869648668);
  });

  it("have Student's t", () => {
    expectNear(studentTwoSided(0.5, 1), 0.7048327646991335);
    expectNear(studentTwoSided(2, 4), 0.11611652351681556);
    expectNear(studentTwoSided(-3.1, 9), 0.01272245597820195);
    expectNear(studentTwoSided(1.96, 1000), 0.050273184955748736);
    expect(studentTwoSided(0, 5)).toBe(1);
    expect(studentTwoSided(Number.POSITIVE_INFINITY, 5)).toBe(0);
  });

  it('have chi-square and F', () => {
    expectNear(chiSquareTail(9.28, 3), 0.025790724198756772);
    expectNear(chiSquareTail(40, 12), 7.190884052842894e-5);
    expectNear(fTail(1, 3, 10), 0.4323372030216972);
    expectNear(fTail(4.5, 2, 30), 0.01953663287118414);
    expectNear(fTail(9.3, 5, 200), 5.5801318980192846e-8, 1e-10);
  });

  it('have the normal distribution in both tails', () => {
    expectNear(normalProbability(1.959963984540054), 0.975);
    expectNear(normalProbability(-1.959963984540054), 0.025);
    expect(normalProbability(0)).toBe(0.5);
  });

  it('have the range of normal variables', () => {
    expectNear(normalRangeProbability(1, 3), 0.24071264122933875, 1e-9);
    expectNear(normalRangeProbability(3, 5), 0.789123495036462, 1e-9);
    expectNear(normalRangeProbability(5, 20), 0.9486353364208663, 1e-9);
    expectNear(normalRangeProbability(0.2, 2), 0.11246291601828488, 1e-9);
  });

  it.each([
    [2, 2.771807648699355, 2.3261743073533476],
    [3, 3.314493155398122, 2.9023802134282515],
    [10, 4.474124221725907, 4.129346398236873],
    [100, 6.084637537173171, 5.812496242333562],
  ])('have the quantiles of the range of %d normal variables', (count, at05, at10) => {
    expectNear(normalRangeQuantile(0.05, count), at05, 1e-8);
    expectNear(normalRangeQuantile(0.1, count), at10, 1e-8);
  });
});

describe('the critical values of Nemenyi', () => {
  it.each([
    [2, 1.96, 1.645],
    [3, 2.343, 2.052],
    [4, 2.569, 2.291],
    [5, 2.728, 2.459],
    [6, 2.85, 2.589],
    [7, 2.949, 2.693],
    [8, 3.031, 2.78],
    [9, 3.102, 2.855],
    [10, 3.164, 2.92],
  ])('for %d forecasters are those of table 5 in Demsar 2006', (count, at05, at10) => {
    const found = (significance: number): number =>
      normalRangeQuantile(significance, count) / Math.SQRT2;
    expect(Math.abs(found(0.05) - at05)).toBeLessThan(0.0011);
    expect(Math.abs(found(0.1) - at10)).toBeLessThan(0.0011);
  });
});
