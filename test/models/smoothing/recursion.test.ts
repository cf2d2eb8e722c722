/** The recursions of exponential smoothing by their equations, and their derivatives by finite differences. */
import { describe, expect, it } from 'vitest';
import { deviance, placeSlopes } from '../../../models/smoothing/likelihood.ts';
import {
  backward,
  createPass,
  forward,
  type Pass,
  type Weights,
} from '../../../models/smoothing/recursion.ts';

const period = 4;
const y = Float64Array.from(
  { length: 30 },
  (_, t) => 1 + 0.01 * t + 0.2 * Math.cos((Math.PI * t) / 2) + 0.1 * Math.sin(5 * t * t),
);

/** alpha, beta, gamma, phi, level, slope, then the season. */
const starts = {
  N: [0.3, 0.1, 0, 0.9, 0.95, 0.02],
  A: [0.3, 0.1, 0.2, 0.9, 0.95, 0.02, 0.2, 0.01, -0.19, -0.02],
  M: [0.3, 0.1, 0.2, 0.9, 0.95, 0.02, 1.2, 1.01, 0.81, 0.98],
} as const;

const weightsOf = ([alpha, beta, gamma, phi]: readonly number[]): Weights => ({
  alpha: alpha!,
  beta: beta!,
  gamma: gamma!,
  phi: phi!,
});

function run(season: 'N' | 'A' | 'M', x: readonly number[]): Pass {
  const pass = createPass(y, season === 'N' ? 1 : period);
  pass.level[0] = x[4]!;
  pass.slope[0] = x[5]!;
  pass.season.set(x.slice(6));
  expect(forward[season](pass, weightsOf(x))).toBe(true);
  return pass;
}

const kinds = (['N', 'A', 'M'] as const).flatMap((season) =>
  (['A', 'M'] as const).map((error) => [error, season] as const),
);

describe('the recursions', () => {
  it.each(kinds)(
    'of errors %s and season %s have the derivatives that they say',
    (error, season) => {
      const x = starts[season];
      const pass = run(season, x);
      placeSlopes(pass, error);
      const slopes = { alpha: 0, beta: 0, gamma: 0, phi: 0, level: 0, slope: 0 };
      backward[season](pass, weightsOf(x), slopes);
      const { alpha, beta, gamma, phi, level, slope } = slopes;
      const ofSeason = season === 'N' ? [] : [...pass.slopeOfSeason];
      for (const [i, found] of [alpha, beta, gamma, phi, level, slope, ...ofSeason].entries()) {
        const step = 1e-6;
        const near = (sign: number) =>
          deviance(
            run(
              season,
              x.map((v, k) => (k === i ? v + sign * step : v)),
            ),
            error,
          );
        expect(found).toBeCloseTo((near(1) - near(-1)) / (2 * step), 4);
      }
    },
  );

  it('follow the state equations of ETS(M,Ad,M)', () => {
    const { fitted, level, slope, season } = run('M', starts.M);
    const [alpha, beta, gamma, phi] = starts.M;
    for (let t = 0; t < y.length; t++) {
      const trend = level[t]! + phi * slope[t]!;
      const relative = y[t]! / (trend * season[t]!) - 1;
      expect(fitted[t]).toBeCloseTo(trend * season[t]!, 12);
      expect(level[t + 1]).toBeCloseTo(trend * (1 + alpha * relative), 12);
      expect(slope[t + 1]).toBeCloseTo(phi * slope[t]! + beta * trend * relative, 12);
      expect(season[t + period]).toBeCloseTo(season[t]! * (1 + gamma * relative), 12);
    }
  });

  it('say when a state of a multiplicative season leaves the positive numbers', () => {
    const pass = createPass(Float64Array.of(1, 0.001, 1, 1), 1);
    pass.level[0] = 1;
    pass.slope[0] = -0.9;
    pass.season[0] = 1;
    expect(forward.M(pass, { alpha: 0.9, beta: 0.5, gamma: 0, phi: 1 })).toBe(false);
  });
});

describe('the deviance', () => {
  it('is the logarithm of the squared errors, and that of the forecasts where errors are relative', () => {
    const { fitted } = run('A', starts.A);
    const errors = y.map((v, t) => v - fitted[t]!);
    const sum = (values: Float64Array) => values.reduce((total, v) => total + v, 0);
    expect(deviance(run('A', starts.A), 'A')).toBeCloseTo(
      30 * Math.log(sum(errors.map((e) => e * e))),
      9,
    );
    const relative = errors.map((e, t) => (e / fitted[t]!) ** 2);
    expect(deviance(run('A', starts.A), 'M')).toBeCloseTo(
      30 * Math.log(sum(relative)) + 2 * sum(fitted.map((f) => Math.log(f))),
      9,
    );
  });

  it('is infinite where a forecast is not positive and errors are relative', () => {
    const pass = run('N', starts.N);
    pass.fitted[3] = -0.1;
    expect(deviance(pass, 'M')).toBe(Infinity);
  });
});
