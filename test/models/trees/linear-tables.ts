/** The table that the figures of scikit-learn in the tests of linear models belong to. */
import { createTable } from '../../../series/table.ts';
import { generate } from '../../series/make-panel.ts';

/** Rows. */
export const rows = 60;

const columns = [
  generate(rows, (i) => Math.sin(i * 1.3) * 2 + 1),
  generate(rows, (i) => Math.cos(i * 0.7) + 0.5 * Math.sin(i * 1.3)),
  generate(rows, (i) => ((i * 7) % 11) / 3),
  generate(rows, (i) => Math.sin(i * 0.37) * Math.cos(i * 2.1)),
];

/** Four columns x0, ... of which two matter. */
export const table = createTable(
  columns.map((values, j) => ({ name: `x${j}`, values })),
  rows,
);

/** A value that they give, with noise. */
export const value = generate(
  rows,
  (i) => 3 * columns[0]![i]! - 2 * columns[2]![i]! + 1.5 * Math.sin(i * i * 0.11),
);

const mean = value.reduce((a, b) => a + b) / rows;
const noisy = value.map((y, i) => y + 3 * Math.cos(i * i * 0.7));
/** Whether it is above its mean, with more noise. */
export const twoClasses = noisy.map((y) => (y > mean ? 1 : 0));
/** Whether it is below -3, between, or above 3. */
export const threeClasses = noisy.map((y) => (y < -3 ? 0 : y < 3 ? 1 : 2));
