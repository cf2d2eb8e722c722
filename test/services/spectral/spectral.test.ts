/** Spectra of panels and the detection of their season. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { seriesValues } from '../../../series/panel.ts';
import { createSpectral } from '../../../services/spectral/spectral.ts';
import { readM4 } from '../../series/m4-series.ts';
import { generate, normals, panelOf, randomWalk } from '../../series/make-panel.ts';
import { sharedData } from '../../shared-data.ts';

const spectral = createSpectral();
const wave = (period: number, t: number): number => Math.sin((2 * Math.PI * t) / period);

describe('detectSeason', () => {
  it('finds the year in monthly series on a trend', () => {
    const normal = normals(1);
    const panel = panelOf(
      Array.from({ length: 9 }, (_, i) =>
        generate(60, (t) => 100 + i * t + (3 + i) * wave(12, t + i) + normal()),
      ),
      'MS',
    );
    const { season, candidates, reason } = spectral.detectSeason(panel);
    expect(season).toBe(12);
    expect(candidates[0]).toMatchObject({ season: 12, votes: 9, share: 1 });
    expect(reason).toMatch(/^9 of 9 series repeat after 12 steps/);
  });

  it('takes the week in hourly series only where it is truly better than the day', () => {
    const normal = normals(2);
    const daily = panelOf([generate(1500, (t) => 5 * wave(24, t) + normal())], 'h');
    expect(spectral.detectSeason(daily).season).toBe(24);
    const weekend = (t: number): number => (Math.floor(t / 24) % 7 < 5 ? 1 : 0.2);
    const weekly = panelOf(
      [generate(1500, (t) => 5 * weekend(t) * (2 + wave(24, t)) + normal())],
      'h',
    );
    expect(spectral.detectSeason(weekly).season).toBe(168);
  });

  it.each([7, 17, 30])('finds a period of %i steps without any calendar', (period) => {
    const normal = normals(period);
    const series = generate(300, (t) => 2 * wave(period, t) + wave(period / 2, t) + 0.5 * normal());
    expect(spectral.detectSeason(panelOf([series], 'index')).season).toBe(period);
  });

  it.each([50, 97, 336])('finds a season of %i that the spectrum tells only roughly', (season) => {
    const working = (t: number): number => (t % season < (5 / 7) * season ? 1 : -1);
    for (const cycles of [5.5, 7.2, 11.4]) {
      const normal = normals(season);
      const walk = randomWalk(Math.round(cycles * season), normal);
      const series = walk.map((level, t) => 0.1 * level + 5 * working(t) + normal());
      expect(spectral.detectSeason(panelOf([series], 'index')).season).toBe(season);
    }
  });

  it('finds none in random walks, white noise and short memory, nearly always', () => {
    const normal = normals(3);
    const makers = [
      (n: number) => randomWalk(n, normal),
      (n: number) => generate(n, normal),
      (n: number) => {
        let x = 0;
        return generate(n, () => (x = 0.8 * x + normal()));
      },
    ];
    let found = 0;
    let trials = 0;
    for (const make of makers) {
      for (const frequency of ['h', 'D', 'MS', 'index']) {
        for (const length of [40, 150, 400]) {
          for (let k = 0; k < 5; k++) {
            trials++;
            if (spectral.detectSeason(panelOf([make(length)], frequency)).season > 1) found++;
          }
        }
      }
    }
    expect(found / trials).toBeLessThan(0.05);
    const walks = panelOf(
      Array.from({ length: 40 }, () => randomWalk(200, normal)),
      'MS',
    );
    expect(spectral.detectSeason(walks).season).toBe(1);
  });

  it('trusts no season longer than half the history', () => {
    const series = generate(23, (t) => 10 * wave(12, t));
    const { season, reason } = spectral.detectSeason(panelOf([series], 'MS'));
    expect(season).toBe(1);
    expect(reason).toBe(
      'no series holds two seasons of 12 steps in what may be looked at (23 at most)',
    );
  });

  it('never reads the steps it was told to leave', () => {
    const normal = normals(4);
    const history = generate(200, (t) => 5 * wave(12, t) + normal());
    const seasonal = panelOf([history], 'MS');
    const disturbed = panelOf(
      [history.map((value, t) => (t < 176 ? value : 1e9 * normal()))],
      'MS',
    );
    const cut = panelOf([history.slice(0, 176)], 'MS');
    expect(spectral.detectSeason(disturbed, 24)).toEqual(spectral.detectSeason(seasonal, 24));
    expect(spectral.detectSeason(cut)).toEqual(spectral.detectSeason(seasonal, 24));
    expect(spectral.describePanel(disturbed, 10, 24)).toEqual(spectral.describePanel(cut, 10));
  });

  it.each([[], [[]], [[1]], [[1, 2]], [[3, 3, 3, 3, 3, 3]], [[1e12], [1, 2, 1]]])(
    'has an answer for the panel %j',
    (...series) => {
      const panel = panelOf(series, 'MS');
      const { season, reason } = spectral.detectSeason(panel);
      expect(season).toBe(1);
      expect(reason).not.toBe('');
      expect(spectral.describePanel(panel).entropy).toBe(0);
    },
  );

  it('is the same at any scale', () => {
    const normal = normals(5);
    const series = generate(120, (t) => 3 * wave(12, t) + normal());
    const at = (unit: number) =>
      spectral.detectSeason(panelOf([series.map((value) => value * unit)], 'MS')).season;
    expect([at(1), at(1e12), at(1e-9)]).toEqual([12, 12, 12]);
  });
});

describe('the season of real series', () => {
  const m4 = sharedData('m4/Hourly-train.csv.gz');
  it.skipIf(m4 === undefined)('is a day in M4 hourly (skipped without the file)', () => {
    const panel = panelOf([...readM4(m4!).values()], 'h');
    expect(spectral.detectSeason(panel, 48).season).toBe(24);
    expect(spectral.describePanel(panel).periods[0]).toMatchObject({ period: 24 });
  });

  const ett = sharedData('ett/ETTh1.csv.gz');
  it.skipIf(ett === undefined)(
    'is a day in ETTh1, all and each column (skipped without the file)',
    () => {
      const rows = gunzipSync(readFileSync(ett!)).toString('utf8').trim().split('\n').slice(1);
      const columns = Array.from({ length: 7 }, (_, c) =>
        Float64Array.from(rows, (row) => Number(row.split(',')[c + 1])),
      );
      expect(spectral.detectSeason(panelOf(columns, 'h'), 2880).season).toBe(24);
      for (const column of columns) {
        expect(spectral.detectSeason(panelOf([column], 'h')).season).toBe(24);
      }
    },
  );
});

describe('describePanel', () => {
  it('has the medians of its series and votes for their periods', () => {
    const normal = normals(6);
    const series = [12, 12, 12, 7, 7].map((period) =>
      generate(252, (t) => 5 * wave(period, t) + 0.3 * normal()),
    );
    const spectrum = spectral.describePanel(panelOf([...series, new Float64Array(50).fill(2)]));
    expect(spectrum.series).toBe(5);
    expect(spectrum.periods).toEqual([
      { period: 12, votes: 3, share: 0.6 },
      { period: 7, votes: 2, share: 0.4 },
    ]);
    expect(spectrum.centroid).toBeGreaterThan(1 / 12 - 0.01);
    expect(spectrum.centroid).toBeLessThan(1 / 7);
  });

  it('looks at no more series than it is told, evenly spread', () => {
    const panel = panelOf(
      Array.from({ length: 10 }, (_, i) => generate(64, (t) => wave(i + 2, t))),
    );
    const two = panelOf([seriesValues(panel, 0), seriesValues(panel, 5)]);
    expect(spectral.describePanel(panel, 2)).toEqual(spectral.describePanel(two));
  });
});
