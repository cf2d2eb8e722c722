/** Tests of files with one series a row. */
import { describe, expect, it } from 'vitest';
import { frequencyOf, loadText } from './load-text.ts';

describe('files with one series a row', () => {
  const points = Array.from({ length: 12 }, (_, k) => 1980 + k);
  const line = (...cells: readonly unknown[]): string => cells.join(',');

  it('may end each line in a separator and rise evenly in one column', async () => {
    const content = [
      `Country,Code,${line(...points)},`,
      `France,FRA,${line(...points.map((_, k) => k * k))},`,
      `Spain,ESP,${line(...points.map((_, k) => k * k + 5))},`,
      `Italy,ITA,${line(...points.map((_, k) => k * k + 10))},`,
    ].join('\n');
    const loaded = await loadText(content);
    expect(loaded.panel.ids).toEqual(['France', 'Spain', 'Italy']);
    expect(frequencyOf(loaded)).toBe('YS');
  });

  it('keep rows whose first id is blank', async () => {
    const days = Array.from({ length: 14 }, (_, k) => `1/${k + 1}/20`);
    const rows = [',Albania', ',Algeria', 'Hubei,China', 'Beijing,China'].map((place, c) =>
      line(place, 41.5, ...days.map((_, k) => c * 100 + k)),
    );
    const loaded = await loadText(
      [line('Province', 'Country', 'Lat', ...days), ...rows].join('\n'),
    );
    expect(loaded.panel.ids).toEqual(['/Albania', '/Algeria', 'Hubei/China', 'Beijing/China']);
    expect(loaded.columns.id).toEqual(['Province', 'Country']);
  });

  it('may be told by two columns together', async () => {
    const rows = ['France', 'Spain'].flatMap((country, c) =>
      ['GDP', 'CPI'].map((what, w) =>
        line(country, what, ...points.map((_, k) => k + 10 * c + 20 * w)),
      ),
    );
    const loaded = await loadText([line('Country', 'Indicator', ...points), ...rows].join('\n'));
    expect(loaded.panel.ids).toEqual(['France/GDP', 'France/CPI', 'Spain/GDP', 'Spain/CPI']);
    expect(loaded.panel.y[12]).toBe(20);
  });
});
