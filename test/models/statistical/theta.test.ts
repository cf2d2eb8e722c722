/** The Theta family against its definition, statsforecast's recursions and estimates, and the organisers' scores of M4. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSet, scoreForecasts } from '../../../bench/m4-data.ts';
import { dynamicTheta } from '../../../models/statistical/dynamic-theta.ts';
import { optimisedTheta } from '../../../models/statistical/optimised-theta.ts';
import { theta } from '../../../models/statistical/theta.ts';
import {
  dynamicLines,
  forecastTheta,
  runTheta,
  staticLines,
  type ThetaLines,
  type ThetaParameters,
  thetaVariances,
} from '../../../models/theta/theta-process.ts';
import { seriesValues } from '../../../series/panel.ts';
import { sharedData } from '../../shared-data.ts';
import { airPassengers, nile } from './classic-series.ts';

const trended = { horizon: 6, season: 12 };
const flat = { horizon: 4, season: 1 };

function forecastAfter(
  values: Float64Array,
  lines: ThetaLines,
  parameters: ThetaParameters,
  horizon: number,
): Float64Array {
  const t = values.length;
  const state = {
    t,
    level: runTheta(values, lines, parameters).lastLevel,
    intercept: lines.intercepts[t]!,
    slope: lines.slopes[t]!,
    mean: lines.mean,
  };
  return forecastTheta(state, parameters, lines.dynamic, horizon);
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], digits: number): void {
  for (const [k, value] of expected.entries()) expect(actual[k]! / value).toBeCloseTo(1, digits);
}

/** Sum of squared errors of simple exponential smoothing, least over the first level, and that level. */
function smoothing(values: readonly number[], alpha: number) {
  const errors = (first: number): number[] => {
    let level = first;
    return values.map((value) => {
      const error = value - level;
      level += alpha * error;
      return error;
    });
  };
  const at0 = errors(0);
  const response = errors(1).map((error, t) => error - at0[t]!);
  const product = (a: number[], b: number[]) => a.reduce((sum, x, t) => sum + x * b[t]!, 0);
  const first = -product(at0, response) / product(response, response);
  const best = errors(first);
  return { squares: product(best, best), last: values.at(-1)! - (1 - alpha) * best.at(-1)! };
}

describe('the process', () => {
  // One-step errors (times 1, 2, 3, 4, 5, n) and forecasts of statsforecast 2.1.1 with the first level 100, alpha 0.3 and theta given.
  const cases = [
    {
      name: 'static with theta 2',
      lines: staticLines,
      theta: 2,
      errors: [
        493.1459405940594, 386.5593111311132, 74.94867050705068, 300.821222070207,
        161.9320081644164, -64.67633702373018,
      ],
      forecasts: [783.9162832013395, 782.559130486068, 781.2019777707965, 779.844825055525],
    },
    {
      name: 'static with theta 3.5',
      lines: staticLines,
      theta: 3.5,
      errors: [
        267.3513437057992, 229.08473018730444, -34.701899275641836, 224.6474601002958,
        109.19201166345215, -62.73754743048528,
      ],
      forecasts: [781.9774936080946, 780.0387040148495, 778.0999144216044, 776.1611248283593],
    },
    {
      name: 'dynamic with theta 2',
      lines: dynamicLines,
      theta: 2,
      errors: [0, 362.0, 22.399999999999977, 365.66324999999995, 143.415435, -64.72271084478575],
      forecasts: [783.9162832013395, 782.5607211553009, 781.2068369519773, 779.8548982112702],
    },
    {
      name: 'dynamic with theta 1.7',
      lines: dynamicLines,
      theta: 1.7,
      errors: [
        0, 431.17647058823536, 76.82352941176464, 385.58620588235294, 168.3995347058824,
        -65.5128523555959,
      ],
      forecasts: [784.7146083279698, 783.5989012850295, 782.4849182854451, 781.3729126914134],
    },
  ] as const;

  it.each(cases)('$name has the errors and forecasts of statsforecast', (reference) => {
    const lines = reference.lines(nile);
    const parameters = { alpha: 0.3, weight: 1 - 1 / reference.theta, level: 100 };
    const { fitted } = runTheta(nile, lines, parameters);
    for (const [k, t] of [0, 1, 2, 3, 4, 99].entries()) {
      expect(nile[t]! - fitted[t]!).toBeCloseTo(reference.errors[k]!, 8);
    }
    expectClose(forecastAfter(nile, lines, parameters, 4), reference.forecasts, 11);
  });

  it.each([staticLines, dynamicLines])(
    'adds up its variances from what an error changes: %o',
    (linesOf) => {
      const parameters = { alpha: 0.4, weight: 0.8, level: 900 };
      const horizon = 6;
      const known = linesOf(nile);
      const forecast = forecastAfter(nile, known, parameters, horizon);
      const expected = new Float64Array(horizon).fill(1);
      for (let j = 0; j < horizon - 1; j++) {
        // The value j + 1 steps on is 1 greater than expected; all before are as expected.
        const longer = Float64Array.of(...nile, ...forecast.subarray(0, j), forecast[j]! + 1);
        const always = (value: number) => new Float64Array(longer.length + 1).fill(value);
        const { intercepts, slopes } = known;
        // The static line is that of the values that it was estimated from.
        const lines = known.dynamic
          ? linesOf(longer)
          : { ...known, intercepts: always(intercepts[0]!), slopes: always(slopes[0]!) };
        const after = forecastAfter(longer, lines, parameters, horizon - j - 1);
        for (const [k, value] of after.entries())
          expected[j + 1 + k]! += (value - forecast[j + 1 + k]!) ** 2;
      }
      const variances = thetaVariances(nile.length, parameters, known.dynamic, horizon);
      for (let h = 0; h < horizon; h++) expect(variances[h]).toBeCloseTo(expected[h]!, 8);
    },
  );
});

describe('theta', () => {
  it('is the mean of the straight line and of exponential smoothing of the doubled curvature', () => {
    const { mean, parameters } = theta.fit(nile, flat, {});
    const n = nile.length;
    const { intercepts, slopes } = staticLines(nile);
    const line = (t: number): number => intercepts[0]! + slopes[0]! * t;
    const doubled = Array.from(nile, (value, t) => 2 * value - line(t + 1));
    const alpha = Number(parameters['alpha']);
    const { last, squares } = smoothing(doubled, alpha);
    for (let h = 1; h <= 4; h++) expect(mean[h - 1]).toBeCloseTo((last + line(n + h)) / 2, 4);
    for (let other = 0.01; other < 1; other += 0.01) {
      expect(smoothing(doubled, other).squares).toBeGreaterThanOrEqual(squares * (1 - 1e-9));
    }
  });

  const file = sharedData('m4/Hourly-train.csv.gz');
  it.skipIf(file === undefined).each([
    { name: 'Hourly', smape: 18.138, mase: 2.455 },
    { name: 'Weekly', smape: 9.093, mase: 2.637 },
  ] as const)(
    'has the scores of the organisers on M4 $name (needs the shared M4 files)',
    (known) => {
      const set = readSet(join(file!, '..'), known.name);
      const { panel, horizon, season } = set;
      const forecasts = new Float64Array(panel.ids.length * horizon);
      for (const i of panel.ids.keys()) {
        forecasts.set(theta.fit(seriesValues(panel, i), { horizon, season }, {}).mean, i * horizon);
      }
      const { smape, mase } = scoreForecasts(set, forecasts, 0);
      expect(Math.abs(smape - known.smape)).toBeLessThan(0.001);
      expect(Math.abs(mase - known.mase)).toBeLessThan(0.001);
    },
  );
});

describe('estimates', () => {
  // Forecasts of statsforecast 2.1.1, whose simplex search ends a little off the minimum.
  it.each([
    [
      'optimised-theta',
      optimisedTheta.fit(airPassengers, trended, {}),
      [442.9425, 432.231, 495.3079, 482.308, 487.4948, 555.5809],
    ],
    [
      'dynamic-theta',
      dynamicTheta.fit(airPassengers, trended, { optimised: true }),
      [442.9272, 432.2984, 495.4825, 482.5753, 487.866, 556.1216],
    ],
    [
      'dynamic-theta with theta 2',
      dynamicTheta.fit(airPassengers, trended, { optimised: false }),
      [440.7741, 429.0619, 490.4833, 476.4613, 480.437, 546.2428],
    ],
    [
      'dynamic-theta of a falling series',
      dynamicTheta.fit(nile, flat, { optimised: true }),
      [798.2302, 798.2302, 798.2302, 798.2302],
    ],
  ] as const)('of %s are those of statsforecast', (_, { mean }, reference) => {
    for (const [h, value] of reference.entries()) {
      expect(Math.abs(mean[h]! / value - 1)).toBeLessThan(0.001);
    }
  });

  it('fit no worse than those of statsforecast', () => {
    const values = nile;
    const lines = dynamicLines(values);
    const squares = (parameters: ThetaParameters): number => {
      const { fitted } = runTheta(values, lines, parameters);
      let sum = 0;
      for (let t = 3; t < values.length; t++) sum += (values[t]! - fitted[t]!) ** 2;
      return sum;
    };
    const fit = dynamicTheta.fit(nile, flat, { optimised: true });
    const { alpha, theta: curvature } = fit.parameters;
    const level = fit.components()['level']![0]!;
    const ours = squares({ alpha: Number(alpha), weight: 1 - 1 / Number(curvature), level });
    const theirs = squares({ alpha: 0.26749083643654775, weight: 0, level: 1248.597638834178 });
    expect(ours).toBeLessThanOrEqual(theirs);
  });
});

describe.each([
  ['theta', theta.fit(airPassengers, trended, {})],
  ['optimised-theta', optimisedTheta.fit(airPassengers, trended, {})],
  ['dynamic-theta', dynamicTheta.fit(airPassengers, trended, { optimised: true })],
] as const)('%s', (_, fit) => {
  it('has parts that make up its forecasts one step ahead', () => {
    const { fitted, level, trend, season } = fit.components();
    for (let t = 0; t < airPassengers.length; t++) {
      expect((level![t]! + trend![t]!) * season![t]!).toBeCloseTo(fitted![t]!, 8);
    }
  });

  it('is as sure of the next step as its errors were small, and less so of later ones', () => {
    const deviation = fit.deviation();
    const { fitted, season } = fit.components();
    let squares = 0;
    for (let t = 3; t < 144; t++) squares += ((airPassengers[t]! - fitted![t]!) / season![t]!) ** 2;
    expect(deviation[0]! / season![0]!).toBeCloseTo(Math.sqrt(squares / 141), 0);
    for (let h = 1; h < 6; h++) {
      expect(deviation[h]! / season![h]!).toBeGreaterThan(deviation[h - 1]! / season![h - 1]!);
    }
  });
});

describe('a series', () => {
  it('that is short goes on as a random walk and says why', () => {
    const { mean, parameters } = dynamicTheta.fit(Float64Array.of(1, 2, 4), flat, {
      optimised: true,
    });
    expect([...mean]).toEqual([4, 4, 4, 4]);
    expect(parameters).toEqual({ kind: 'random walk', reason: 'fewer than 4 values' });
  });

  it('with values below zero has its season taken out by differences', () => {
    const shifted = airPassengers.map((value) => value - 300);
    const { mean, parameters } = theta.fit(shifted, trended, {});
    expect(parameters['season']).toBe('additive');
    const { mean: higher } = theta.fit(
      shifted.map((value) => value - 1000),
      trended,
      {},
    );
    for (let h = 0; h < 6; h++) expect(higher[h]).toBeCloseTo(mean[h]! - 1000, 4);
  });

  it('that is a straight line is gone on with', () => {
    const line = Float64Array.from({ length: 20 }, (_, t) => 3 + 2 * t);
    const { mean } = optimisedTheta.fit(line, flat, {});
    for (let h = 0; h < 4; h++) expect(mean[h]).toBeCloseTo(3 + 2 * (20 + h), 6);
  });
});
