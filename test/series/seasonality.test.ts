/** Evidence for seasons in one series. */
import { describe, expect, it } from 'vitest';
import { seasonalCorrelation, seasonalGain } from '../../series/seasonality.ts';
import { generate, normals, randomWalk } from './make-panel.ts';

const seasonal = generate(120, (t) => 50 + t + 10 * Math.sin((2 * Math.PI * t) / 12));

describe('seasonalCorrelation', () => {
  it('is near one at the season and its double, and negative at half of it, whatever the trend', () => {
    const { correlation, error, afterTwo } = seasonalCorrelation(seasonal, 12);
    expect(correlation).toBeGreaterThan(0.95);
    expect(afterTwo).toBeGreaterThan(0.95);
    expect(error).toBeLessThan(0.2);
    expect(seasonalCorrelation(seasonal, 6).correlation).toBeLessThan(0);
  });

  it('exceeds its error on white noise and random walks about as rarely as a normal variable', () => {
    const normal = normals(5);
    let beyond = 0;
    const trials = 400;
    for (let k = 0; k < trials; k++) {
      const noise = k % 2 === 0 ? randomWalk(200, normal) : generate(200, normal);
      const { correlation, error } = seasonalCorrelation(noise, 12);
      if (correlation > 2 * error) beyond++;
    }
    expect(beyond / trials).toBeLessThan(0.05);
  });

  it('is zero where there are no two seasons, or nothing varies', () => {
    expect(seasonalCorrelation(seasonal.subarray(0, 23), 12).correlation).toBe(0);
    expect(seasonalCorrelation(seasonal, 1).correlation).toBe(0);
    expect(seasonalCorrelation(new Float64Array(50).fill(1e12), 12).correlation).toBe(0);
    expect(seasonalCorrelation(new Float64Array(0), 12).correlation).toBe(0);
  });
});

describe('seasonalGain', () => {
  it('is high for a season, negative for a random walk, about zero for white noise', () => {
    const normal = normals(6);
    expect(
      seasonalGain(
        generate(240, (t) => Math.sin((2 * Math.PI * t) / 24)),
        24,
      ),
    ).toBeGreaterThan(0.95);
    expect(seasonalGain(randomWalk(5000, normal), 12)).toBeLessThan(-0.3);
    expect(Math.abs(seasonalGain(generate(5000, normal), 12))).toBeLessThan(0.05);
  });

  it('is undefined where nothing changes', () => {
    expect(seasonalGain(new Float64Array(30).fill(3), 4)).toBeNaN();
    expect(seasonalGain(Float64Array.of(1), 4)).toBeNaN();
  });
});
