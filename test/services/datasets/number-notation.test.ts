/** Tests of how numbers are written: read where that is certain, refused where a comma may part decimals or thousands. */
import { describe, expect, it } from 'vitest';
import { errorOf, loadText, valuesOf } from './load-text.ts';

const days = Array.from({ length: 12 }, (_, d) => `${String(d + 1).padStart(2, '0')}.03.2024`);

/** A file with one series, whose cells are `cells` over and over. */
const file = (cells: readonly string[], separator = ';'): string =>
  [
    `Datum${separator}Umsatz`,
    ...days.map((day, d) => `${day}${separator}${cells[d % cells.length]}`),
  ].join('\n');

const firstValues = async (content: string, count: number): Promise<number[]> => {
  const loaded = await loadText(content);
  const [values] = Object.values(valuesOf(loaded));
  return [...values!].slice(0, count);
};

describe('decimal commas', () => {
  it('are read in a file of several series, with thousands parted by points or spaces', async () => {
    const rows = days.flatMap((day) => [
      `${day};Köln;1.038,65;3,5`,
      `${day};Ulm;12;-0,25`,
      `${day};Bonn;1 234 567,5;1e3`,
      `${day};Hof;2\u00A0500;7`,
      `${day};Gera;9.100;0,5`,
    ]);
    const content = `Datum;Filiale;Umsatz;Preis\n${rows.join('\n')}`;
    const request = { id: ['Filiale'], target: ['Umsatz'] };
    const loaded = await loadText(content, { ...request, historical: ['Preis'] });
    const firsts = Object.entries(valuesOf(loaded)).map(([id, values]) => [id, values[0]]);
    expect(Object.fromEntries(firsts)).toEqual({
      Köln: 1038.65,
      Ulm: 12,
      Bonn: 1_234_567.5,
      Hof: 2500,
      Gera: 9100,
    });
    expect(loaded.panel.exogenous!.historical[0]!.values[0]).toBe(3.5);
    expect(loaded.repairs[0]).toMatchObject({ kind: 'decimal-commas' });
  });

  it('tell which column is the value, as decimal points do', async () => {
    const rows = days.flatMap((day) => [`${day};Köln;1038,65`, `${day};Ulm;99,5`]);
    const { panel } = await loadText(`Datum;Filiale;Umsatz\n${rows.join('\n')}`);
    expect(panel.ids).toEqual(['Köln', 'Ulm']);
  });

  it.each([
    ['quoted between commas', file(['"1038,65"', '"7,5"'], ','), [1038.65, 7.5]],
    ['with an exponent', file(['1,5E3', '2,25e-1']), [1500, 0.225]],
    ['behind a leading zero', file(['0,125', '-0,250', '+1,5']), [0.125, -0.25, 1.5]],
    ['among missing values', file(['1,5', 'NA', '2,5']), [1.5, 2, 2.5]],
    ['in a tab-separated file', file(['10,25', '3'], '\t'), [10.25, 3]],
  ])('are read %s', async (_, content, expected) => {
    expect(await firstValues(content, expected.length)).toEqual(expected);
  });

  it.each([
    ['all of which may be thousands', file(['1,234', '5,678']), '1,234'],
    ['beside decimal points', file(['12,5', '12.5']), '12,5'],
    ['in two notations', file(['1.234,5', '1,234.5', '$3,000.1']), '1.234,5'],
    ['in euros that may be thousands', file(['1.234 €', '5,678 €']), '1.234 €'],
    ['with a unit', file(['5 kg', '6 kg', '7 kg']), '5 kg'],
  ])('are refused in numbers %s', async (_, content, cell) => {
    const { code, message } = await errorOf(loadText(content));
    expect(code).toBe('TARGET_NOT_NUMERIC');
    expect(message).toContain(`"${cell}"`);
  });

  it('make the points of another column part its thousands, as a file has one way to write numbers', async () => {
    const rows = days.map((day, d) => `${day};${d},5;${d + 1}.250`);
    const loaded = await loadText(`Datum;a;b\n${rows.join('\n')}`);
    expect(valuesOf(loaded)['b']![3]).toBe(4250);
  });

  it('leave decimal points of other columns alone where they cannot part thousands', async () => {
    const rows = days.map((day, d) => `${day};${d},5;${d}.250`);
    const loaded = await loadText(`Datum;a;b\n${rows.join('\n')}`);
    const { a, b } = valuesOf(loaded);
    expect([a![3], b![3]]).toEqual([3.5, 3.25]);
  });

  it('name the cell as it stands in the file if it is no number', async () => {
    const { message } = await errorOf(loadText(file(['1,5', '2,5', '1,5,5'])));
    expect(message).toContain('"1,5,5" in data row 3');
  });
});

describe('signs and parted thousands', () => {
  it.each([
    ['dollars', file(['$1,038', '$-7', '-$2,000.5']), [1038, -7, -2000.5]],
    ['quoted dollars between commas', file(['"$4,707.56"', '"$12.50"'], ','), [4707.56, 12.5]],
    ['percentages', file(['47.6%', '-0.25 %', '3%']), [47.6, -0.25, 3]],
    ['percentages with decimal commas', file(['47,6 %', '3%']), [47.6, 3]],
    ['millions parted by points', file(['1.234.567', '12.000']), [1_234_567, 12_000]],
    ['euros', file(['1.038,65 €', '€ 7']), [1038.65, 7]],
    ['thousands and decimals', file(['1,234.5', '12', '3.25']), [1234.5, 12, 3.25]],
    ['millions', file(['1,234,567', '987']), [1_234_567, 987]],
    ['thousands parted by spaces', file(['1 234', '987']), [1234, 987]],
    ['thousands parted by apostrophes', file(["1'234.50", '987']), [1234.5, 987]],
  ])('are read as %s', async (_, content, expected) => {
    expect(await firstValues(content, expected.length)).toEqual(expected);
  });

  it('are noted, and follow in columns that begin with whole numbers', async () => {
    const rows = days.map((day, d) => `${day};$${d}.5;${d}`);
    rows.push('13.03.2024;$1.5;12,345');
    const loaded = await loadText(`Datum;a;b\n${rows.join('\n')}`);
    expect(loaded.repairs[0]).toMatchObject({ kind: 'parted-thousands' });
    expect(valuesOf(loaded)['b']!.at(-1)).toBe(12_345);
  });
});
