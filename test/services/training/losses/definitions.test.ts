/** Oracle tests: each loss against its definition, computed independently in double precision. */
import { describe, expect, it } from 'vitest';
import { findLoss } from '../../../../services/training/losses/index.ts';
import { runLoss } from './run-loss.ts';

const softplus = (x: number): number => Math.log1p(Math.exp(x));

/** log Gamma by Euler's limit formula, which shares nothing with the one under test: n! n^x / (x (x + 1) ... (x + n)). */
function logGamma(x: number): number {
  const n = 400_000;
  let value = x * Math.log(n) - Math.log(x);
  for (let k = 1; k <= n; k++) value -= Math.log1p(x / k);
  return value;
}

const outputs = [[0.4], [-1.2], [2.5]];
const target = [1, 3, 2];
const window = [2, 5, 1, 4, 2, 6];
const level = 2;
const spread = 1.5;
const scaled = target.map((value) => (value - level) / spread);

async function lossesOf(name: string, given: object = {}): Promise<number[]> {
  const loss = findLoss(name);
  const { losses } = await runLoss(loss, { outputs, target, window, level, spread, ...given });
  return [...losses!];
}

const expectClose = (values: readonly number[], expected: readonly number[], digits = 5) => {
  expect(values.length).toBe(expected.length);
  for (const [k, value] of values.entries()) expect(value).toBeCloseTo(expected[k]!, digits);
};

describe('losses of a point forecast', () => {
  const errors = outputs.map(([output], k) => output! - scaled[k]!);

  it('are absolute, squared and Huber errors in scaled units', async () => {
    expectClose(await lossesOf('mae'), errors.map(Math.abs));
    expectClose(
      await lossesOf('mse'),
      errors.map((e) => e * e),
    );
    const huber = errors.map((e) => (Math.abs(e) < 1 ? (e * e) / 2 : Math.abs(e) - 0.5));
    expectClose(await lossesOf('huber'), huber);
  });

  it('are relative to the seasonal naive error of the look-back with mase', async () => {
    for (const season of [1, 2]) {
      const changes = window.slice(season).map((value, t) => Math.abs(value - window[t]!) / spread);
      const naive = changes.reduce((sum, change) => sum + change, 0) / changes.length;
      const expected = errors.map((e) => Math.abs(e) / naive);
      expectClose(await lossesOf('mase', { settings: { season } }), expected);
    }
  });

  it('fall back to scaled units with mase where the look-back is constant', async () => {
    expectClose(await lossesOf('mase', { window: [2, 2, 2] }), errors.map(Math.abs));
  });

  it('are percentages of both sizes in units with smape', async () => {
    const forecasts = outputs.map(([output]) => output! * spread + level);
    const expected = forecasts.map(
      (f, k) => (2 * Math.abs(f - target[k]!)) / (Math.abs(f) + Math.abs(target[k]!)),
    );
    expectClose(await lossesOf('smape'), expected);
  });
});

describe('pinball losses', () => {
  const pinball = (error: number, q: number): number => (error >= 0 ? q * error : (q - 1) * error);

  it('weigh errors by their side', async () => {
    const expected = outputs.map(([output], k) => pinball(scaled[k]! - output!, 0.2));
    expectClose(await lossesOf('quantile', { settings: { level: 0.2 } }), expected);
  });

  it('are averaged over levels', async () => {
    const levels = [0.1, 0.4, 0.8];
    const rows = [
      [-1, 0, 1],
      [0.5, 0.2, 0.9],
      [1, 2, 3],
    ];
    const expected = rows.map(
      (row, k) =>
        row.reduce((sum, output, q) => sum + pinball(scaled[k]! - output, levels[q]!), 0) / 3,
    );
    expectClose(
      await lossesOf('multi-quantile', { outputs: rows, settings: { levels } }),
      expected,
    );
  });

  it('of several levels do not cross in the forecast, whose median stays and may lie between two', async () => {
    const loss = findLoss('multi-quantile');
    const rows = [[0.5, 0.2, 0.1]];
    const crossing = { outputs: rows, target: [0] };
    const { quantiles, point } = await runLoss(loss, crossing);
    expect([...quantiles!, ...point!].map((value) => Math.round(10 * value))).toEqual([2, 2, 2, 2]);
    const between = { ...crossing, settings: { levels: [0.3, 0.6, 0.9] } };
    // One half lies two thirds of the way from 0.3 to 0.6.
    expect((await runLoss(loss, between)).point![0]).toBeCloseTo(0.5 / 3 + (2 * 0.2) / 3, 5);
  });
});

describe('likelihoods', () => {
  const rows = [
    [0.4, -1, 2],
    [-1.2, 0.5, -3],
    [2.5, 3, 30],
  ];

  it('of the normal distribution are those of its density', async () => {
    const expected = rows.map(([mean, raw], k) => {
      const deviation = softplus(raw!) + 1e-3;
      const density =
        Math.exp(-0.5 * ((scaled[k]! - mean!) / deviation) ** 2) /
        (deviation * Math.sqrt(2 * Math.PI));
      return -Math.log(density);
    });
    expectClose(
      await lossesOf('normal', { outputs: rows.map((row) => row.slice(0, 2)) }),
      expected,
    );
  });

  it("of Student's distribution are those of its density", async () => {
    const expected = rows.map(([location, raw, rawFreedom], k) => {
      const size = softplus(raw!) + 1e-3;
      const n = softplus(rawFreedom!) + 2;
      const u = (scaled[k]! - location!) / size;
      const constant = logGamma((n + 1) / 2) - logGamma(n / 2) - Math.log(n * Math.PI) / 2;
      return -(constant - Math.log(size) - ((n + 1) / 2) * Math.log(1 + (u * u) / n));
    });
    expectClose(await lossesOf('student-t', { outputs: rows }), expected, 3);
  });

  it('of the negative binomial distribution are those of its probabilities', async () => {
    const size = 1 + window.reduce((sum, value) => sum + value, 0) / window.length;
    const given = rows.map((row) => row.slice(0, 2));
    const expected = given.map(([rawMean, rawDispersion], k) => {
      const mean = softplus(rawMean!) * size + 1e-6;
      const r = 1 / (softplus(rawDispersion!) / Math.sqrt(size) + 1e-3);
      let probability = (r / (r + mean)) ** r;
      for (let y = 0; y < target[k]!; y++) {
        probability *= ((y + r) / (y + 1)) * (mean / (r + mean));
      }
      return -Math.log(probability);
    });
    expectClose(await lossesOf('negative-binomial', { outputs: given }), expected, 3);
  });
});

describe('quantiles', () => {
  it('of the normal distribution are those of its table', async () => {
    const levels = [0.01, 0.5, 0.975];
    const unit = Math.log(Math.expm1(1 - 1e-3)); // the raw output at which the deviation becomes 1
    const given = { outputs: [[2, unit]], target: [0], settings: { levels } };
    const { quantiles } = await runLoss(findLoss('normal'), given);
    expectClose([...quantiles!], [2 - 2.326348, 2, 2 + 1.959964]);
  });

  it("of Student's distribution are those of its table", async () => {
    // Published critical values of t at 0.9, 0.975, 0.995.
    const table: Readonly<Record<number, readonly number[]>> = {
      3: [1.6377, 3.1824, 5.8409],
      4: [1.5332, 2.7764, 4.6041],
      5: [1.4759, 2.5706, 4.0321],
      10: [1.3722, 2.2281, 3.1693],
      30: [1.3104, 2.0423, 2.75],
    };
    const levels = [0.005, 0.1, 0.5, 0.9, 0.975, 0.995];
    const loss = findLoss('student-t');
    // The raw outputs at which scale and degrees of freedom become 1 and n.
    const unit = Math.log(Math.expm1(1 - 1e-3));
    const rows = Object.keys(table).map((n) => [0, unit, Math.log(Math.expm1(Number(n) - 2))]);
    const given = { outputs: rows, target: rows.map(() => 0), settings: { levels } };
    const { quantiles } = await runLoss(loss, given);
    for (const [k, expected] of Object.values(table).entries()) {
      const [lowest, low, median, ...upper] = quantiles!.subarray(6 * k, 6 * k + 6);
      for (const [i, value] of upper.entries()) expect(value).toBeCloseTo(expected[i]!, 3);
      expect(median).toBe(0);
      expect(lowest).toBeCloseTo(-expected[2]!, 3);
      expect(low).toBeCloseTo(-expected[0]!, 3);
    }
  });

  it('of the negative binomial distribution cut its probabilities where they should', () => {
    const { quantile } = findLoss('negative-binomial').distribution!;
    // Geometric distribution of mean 4: P(y <= k) = 1 - 0.8^(k + 1).
    for (const level of [0.1, 0.2, 0.5, 0.9, 0.99]) {
      const expected = Math.ceil(Math.log(1 - level) / Math.log(0.8) - 1 - 1e-9);
      expect(quantile([4, 1], level)).toBe(Math.max(0, expected));
    }
    // With next to no dispersion it is a Poisson distribution: of mean 0.1 nine in ten are zero.
    expect(quantile([0.1, 1e-3], 0.9)).toBe(0);
    expect(quantile([0.1, 1e-3], 0.95)).toBe(1);
    // Both ways to compute it meet where one takes over.
    for (const level of [0.1, 0.5, 0.9]) {
      const [below, above] = [quantile([499.9, 0.05], level), quantile([500.1, 0.05], level)];
      expect(Math.abs(above / below - 1)).toBeLessThan(0.01);
    }
  });
});
