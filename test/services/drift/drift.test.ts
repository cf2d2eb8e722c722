/** Drift: found where data has changed, and not where it goes on as before. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPanel, type Panel } from '../../../series/panel.ts';
import { createDrift, type DriftProfile } from '../../../services/drift/drift.ts';
import { createSpectral } from '../../../services/spectral/spectral.ts';
import { readM4 } from '../../series/m4-series.ts';
import { generate, normals, panelOf, randomWalk } from '../../series/make-panel.ts';
import { sharedData } from '../../shared-data.ts';

const drift = createDrift();
const wave = (period: number, t: number): number => Math.sin((2 * Math.PI * t) / period);
const past = 400;
const future = 96;

/** Seasonal series on their own levels, scales and phases, with noise; values of standard deviation about 2.3. */
function seasonalSeries(seed: number, count: number, trend = 0): Float64Array[] {
  const normal = normals(seed);
  return Array.from({ length: count }, () => {
    const level = 20 * normal();
    const phase = 24 * normal();
    return generate(past + future, (t) => level + trend * t + 3 * wave(24, t + phase) + normal());
  });
}

const upTo = (series: readonly Float64Array[], length: number): Panel =>
  panelOf(
    series.map((values) => values.slice(0, length)),
    'h',
  );
const reference = (series: readonly Float64Array[]): DriftProfile =>
  drift.profile(upTo(series, past));
/** The same series with their future changed. */
const withFuture = (
  series: readonly Float64Array[],
  change: (value: number, t: number, values: Float64Array) => number,
): Panel =>
  panelOf(
    series.map((values) => values.map((v, t) => (t < past ? v : change(v, t, values)))),
    'h',
  );

describe('compare', () => {
  it.each([1, 8])('finds no drift in the ordinary continuation of %i seasonal series', (count) => {
    let drifted = 0;
    for (let seed = 0; seed < 20; seed++) {
      const series = seasonalSeries(seed, count);
      if (drift.compare(reference(series), panelOf(series, 'h')).drifted) drifted++;
    }
    expect(drifted).toBeLessThanOrEqual(1);
  });

  it('finds none where a trend, a random walk or counts go on as before', () => {
    let drifted = 0;
    for (let seed = 0; seed < 10; seed++) {
      const normal = normals(seed, 'walks');
      const counts = () => generate(past + future, () => Math.max(0, Math.round(normal())));
      for (const series of [
        seasonalSeries(seed, 5, 0.1),
        Array.from({ length: 5 }, () => randomWalk(past + future, normal)),
        Array.from({ length: 5 }, counts),
      ]) {
        if (drift.compare(reference(series), panelOf(series, 'h')).drifted) drifted++;
      }
    }
    expect(drifted).toBeLessThanOrEqual(2);
  });

  it('finds none in the very same data whose variances leave the range of a double', () => {
    const panel = panelOf([[0, 0, 0, 0, 0, 0, 5e-324, -6.624337284222476e-170, 0, 5e-324]], 'D');
    const profile = drift.parseProfile(encode(drift.profile(panel)));
    expect(drift.compare(profile, panel).drifted).toBe(false);
  });

  it('finds none in the very same data, whatever it is', () => {
    const values = fc.array(fc.double({ min: -1e12, max: 1e12, noNaN: true }), { maxLength: 80 });
    const whole = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 80 });
    const panels = fc.array(fc.oneof(values, whole), { maxLength: 4 });
    fc.assert(
      fc.property(panels, (series) => {
        const panel = panelOf(series, 'D');
        const profile = drift.parseProfile(encode(drift.profile(panel)));
        const report = drift.compare(profile, panel);
        expect(report.drifted, report.reason).toBe(false);
        for (const { statistic, threshold } of report.measures) {
          expect(Number.isFinite(statistic)).toBe(true);
          expect(Number.isFinite(threshold)).toBe(true);
        }
      }),
    );
  });

  const changes: [string, (value: number, t: number, values: Float64Array) => number][] = [
    ['a level shift of three standard deviations', (value) => value + 7],
    ['a fourfold variance', (value, _, values) => mean(values) + 2 * (value - mean(values))],
    ['a season of half the length', (_, t, values) => values[past + ((2 * (t - past)) % future)]!],
    [
      'a season of nearly twice the length',
      (_, t, values) => values[past + Math.floor((t - past) * 0.6)]!,
    ],
    ['a standstill', () => 0],
  ];
  it.each(changes)('finds %s, in one series and in eight', (_, change) => {
    for (const count of [1, 8]) {
      let found = 0;
      for (let seed = 0; seed < 10; seed++) {
        const series = seasonalSeries(seed, count);
        if (drift.compare(reference(series), withFuture(series, change)).drifted) found++;
      }
      expect(found).toBeGreaterThanOrEqual(count === 1 ? 9 : 10);
    }
  });

  it('finds a shift that happened early in a long stretch of new data', () => {
    const normal = normals(7);
    const series = generate(1500, (t) => (t < 500 ? 0 : 3) + normal());
    const profile = drift.profile(panelOf([series.slice(0, 500)]));
    expect(drift.compare(profile, panelOf([series])).drifted).toBe(true);
  });

  it('finds history that was rewritten without anything new', () => {
    const series = seasonalSeries(8, 3);
    const shifted = series.map((values) => values.map((value) => value + 7));
    const report = drift.compare(reference(series), upTo(shifted, past));
    expect(report.drifted).toBe(true);
    expect(report.reason).toMatch(/none of it newer than the reference, left the reference: /);
  });

  it('compares new rows alone, without the history before them', () => {
    const series = seasonalSeries(9, 5);
    const recent = (change: number): Panel => {
      const panel = panelOf(series, 'h');
      const kept = series.map((values) => values.subarray(past).map((value) => value + change));
      const time = kept.flatMap((_, i) => [
        ...panel.time.subarray(panel.offsets[i]! + past, panel.offsets[i + 1]),
      ]);
      return createPanel({ ...panelOf(kept, 'h'), time: Float64Array.from(time) });
    };
    expect(drift.compare(reference(series), recent(0)).drifted).toBe(false);
    expect(drift.compare(reference(series), recent(7)).drifted).toBe(true);
  });

  it('does not call a small difference drift because there is much data', () => {
    const normal = normals(10);
    const series = Array.from({ length: 100 }, () =>
      generate(2000, (t) => normal() + (t < 1500 ? 0 : 0.1)),
    );
    const profile = drift.profile(panelOf(series.map((values) => values.slice(0, 1500))));
    expect(drift.compare(profile, panelOf(series)).drifted).toBe(false);
  });

  it('compares residuals by themselves where both sides have them', () => {
    const normal = normals(11);
    const series = seasonalSeries(11, 2);
    const residuals = (bias: number): Float64Array =>
      generate(600, (k) => (k % 50 === 0 ? Number.NaN : normal() + bias));
    const profile = drift.profile(upTo(series, past), residuals(0));
    const measured = (sample: Float64Array | undefined) =>
      drift
        .compare(profile, panelOf(series, 'h'), sample)
        .measures.filter(({ on }) => on === 'residuals')
        .map((measure) => measure.drifted);
    expect(measured(residuals(0))).toEqual([false, false]);
    expect(measured(residuals(1))).toEqual([true, true]);
    expect(measured(undefined)).toEqual([]);
    expect(measured(residuals(1).slice(0, 10))).toEqual([]);
  });

  it('says so where it knows none of the series, and does not guess', () => {
    const profile = reference(seasonalSeries(12, 2));
    const panel = panelOf(seasonalSeries(13, 2), 'h');
    const others = createPanel({ ...panel, ids: ['x', 'y'] });
    expect(drift.compare(profile, others)).toEqual({
      drifted: false,
      measures: [],
      reason: 'the data holds none of the series of the reference',
    });
  });

  it('judges by the thresholds that it reports', () => {
    const series = seasonalSeries(14, 4);
    for (const panel of [panelOf(series, 'h'), withFuture(series, (value) => value + 7)]) {
      const { drifted, measures } = drift.compare(reference(series), panel);
      expect(drifted).toBe(measures.some((measure) => measure.drifted));
      for (const { name, statistic, threshold, pValue, drifted: beyond } of measures) {
        expect(beyond).toBe(statistic > threshold);
        expect(threshold).toBeGreaterThanOrEqual(name === 'psi' ? 0.2 : 0.15);
        expect(pValue ?? 0).toBeLessThanOrEqual(1);
      }
    }
  });

  const train = sharedData('m4/Hourly-train.csv.gz');
  const test = sharedData('m4/Hourly-test.csv.gz');
  it.skipIf(train === undefined || test === undefined)(
    'finds none between the parts of M4 hourly (skipped without the files)',
    () => {
      const targets = readM4(test!);
      const history = [...readM4(train!)].slice(0, 60);
      const profile = drift.profile(
        panelOf(
          history.map(([, values]) => values),
          'h',
        ),
      );
      const longer = history.map(([id, values]) => [...values, ...targets.get(id)!]);
      expect(drift.compare(profile, panelOf(longer, 'h')).drifted).toBe(false);
    },
  );
});

describe('a profile', () => {
  it('is less than 16 KB of JSON whatever the panel, and is read back as it was', () => {
    const normal = normals(15);
    const series = Array.from({ length: 150 }, (_, i) =>
      generate(700, (t) => (1e12 + 1e11 * normal()) * (1 + wave(24, t)) ** (i % 3)),
    );
    const profile = drift.profile(
      panelOf(series, 'h'),
      generate(1000, () => 1e-7 * normal()),
    );
    expect(encode(profile).length).toBeLessThan(16_384);
    expect(drift.parseProfile(encode(profile))).toEqual(profile);
  });

  it('knows the season that spectral finds, and keeps no names', () => {
    const panel = upTo(seasonalSeries(16, 3), past);
    const profile = drift.profile(panel);
    expect(profile.season).toBe(createSpectral().detectSeason(panel).season);
    expect(JSON.stringify(profile)).not.toContain('"s1"');
  });

  it('is refused where it is none', () => {
    expect(() => drift.parseProfile(new TextEncoder().encode('{"version":2}'))).toThrow('version');
  });
});

function encode(profile: DriftProfile): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(profile));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
