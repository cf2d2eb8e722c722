/** Spectra against the Fourier transform by definition, and on series whose spectrum is known. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { powerSpectrum, transformSize } from '../../series/fft.ts';
import { describeSpectrum, periodogram } from '../../series/spectrum.ts';
import { generate, normals } from './make-panel.ts';

function powerByDefinition(values: Float64Array, size: number): number[] {
  return Array.from({ length: size / 2 + 1 }, (_, k) => {
    let real = 0;
    let imaginary = 0;
    for (let t = 0; t < values.length; t++) {
      const angle = (-2 * Math.PI * k * t) / size;
      real += values[t]! * Math.cos(angle);
      imaginary += values[t]! * Math.sin(angle);
    }
    return real * real + imaginary * imaginary;
  });
}

const wave = (length: number, period: number): Float64Array =>
  generate(length, (t) => 5 + 0.1 * t + Math.sin((2 * Math.PI * t) / period + 1));

describe('powerSpectrum', () => {
  it('is the squared Fourier transform of the padded values', () => {
    const values = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), {
      minLength: 1,
      maxLength: 70,
    });
    fc.assert(
      fc.property(values, (numbers) => {
        const series = Float64Array.from(numbers);
        const expected = powerByDefinition(series, transformSize(series.length));
        const power = powerSpectrum(series);
        expect(power).toHaveLength(expected.length);
        for (const [k, value] of expected.entries()) expect(power[k]).toBeCloseTo(value, 6);
      }),
    );
  });
});

describe('periodogram', () => {
  it('is the spectrum of the values less their line under a Hann window, in shares', () => {
    const normal = normals(3);
    const values = generate(50, (t) => 100 - 2 * t + normal());
    const n = values.length;
    const times = generate(n, (t) => t - (n - 1) / 2);
    const level = values.reduce((sum, y) => sum + y, 0) / n;
    const slope =
      values.reduce((sum, y, t) => sum + y * times[t]!, 0) /
      times.reduce((sum, t) => sum + t * t, 0);
    const tapered = values.map(
      (y, t) =>
        (y - level - slope * times[t]!) * 0.5 * (1 - Math.cos((2 * Math.PI * (t + 0.5)) / n)),
    );
    const expected = powerByDefinition(tapered, 64);
    expected[0] = 0;
    const total = expected.reduce((sum, power) => sum + power, 0);
    const power = periodogram(values)!;
    for (const [k, value] of expected.entries()) expect(power[k]).toBeCloseTo(value / total, 10);
  });
});

describe('describeSpectrum', () => {
  it('finds the period of a sine on any line, at any scale', () => {
    const periods = fc.double({ min: 2.5, max: 30, noNaN: true });
    const units = fc.constantFrom(1, 1e12, 1e-9, -3);
    fc.assert(
      fc.property(periods, fc.integer({ min: 150, max: 400 }), units, (period, length, unit) => {
        const { dominantPeriod, dominantFrequency, peaks } = describeSpectrum(
          wave(length, period).map((value) => value * unit),
        );
        expect(Math.abs(dominantPeriod / period - 1)).toBeLessThan(0.02);
        expect(dominantFrequency * dominantPeriod).toBeCloseTo(1, 12);
        expect(peaks[0]!.share).toBeGreaterThan(0.9);
      }),
    );
  });

  it('separates two periods by their power', () => {
    const series = generate(
      480,
      (t) => 2 * Math.sin((2 * Math.PI * t) / 24) + Math.sin((2 * Math.PI * t) / 7),
    );
    const { peaks } = describeSpectrum(series);
    expect(peaks.map(({ period }) => Math.round(period))).toEqual([24, 7]);
    expect(peaks[0]!.share / peaks[1]!.share).toBeCloseTo(4, 0);
  });

  it('tells noise from a line by entropy and flatness', () => {
    const noise = describeSpectrum(generate(1000, normals(4)));
    const line = describeSpectrum(wave(1000, 20));
    expect(noise.entropy).toBeGreaterThan(0.9);
    expect(line.entropy).toBeLessThan(0.3);
    expect(noise.flatness).toBeGreaterThan(0.3);
    expect(line.flatness).toBeLessThan(1e-6);
    expect(noise.centroid).toBeGreaterThan(0.2);
    expect(noise.centroid).toBeLessThan(0.3);
    expect(line.centroid).toBeCloseTo(0.05, 3);
    expect(line.rolloff).toBeLessThan(0.06);
    expect(noise.rolloff).toBeGreaterThan(0.38);
    expect(line.bandwidth).toBeLessThan(0.01);
  });

  it('is all zeros for constants, straight lines and less than four values', () => {
    const nothing = describeSpectrum(new Float64Array(0));
    expect(nothing).toMatchObject({ dominantPeriod: 0, entropy: 0, flatness: 0, peaks: [] });
    for (const series of [
      [1],
      [1, 2],
      [1, 5, 2],
      [7, 7, 7, 7, 7],
      generate(99, () => 1e12),
      generate(100, (t) => 1e12 + 3 * t),
      [0, 0, 0, 0],
    ]) {
      expect(describeSpectrum(Float64Array.from(series))).toEqual(nothing);
    }
  });

  it('is finite and in range for any series', () => {
    const values = fc.array(fc.double({ noDefaultInfinity: true, noNaN: true }), { maxLength: 60 });
    fc.assert(
      fc.property(values, (numbers) => {
        const { peaks, ...figures } = describeSpectrum(Float64Array.from(numbers));
        for (const value of Object.values(figures)) expect(Number.isFinite(value)).toBe(true);
        expect(figures.entropy).toBeLessThanOrEqual(1);
        expect(figures.flatness).toBeLessThanOrEqual(1);
        expect(figures.rolloff).toBeLessThanOrEqual(0.5);
        expect(peaks.reduce((sum, { share }) => sum + share, 0)).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });
});
