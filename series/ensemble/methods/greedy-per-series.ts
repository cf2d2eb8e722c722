/** Greedy per series: the greedy average of all series, pulled by each series' own residuals as far as these are many. */
import type { ResidualSample } from '../member.ts';
import { greedy } from './greedy.ts';
import { selectGreedily } from './greedy-selection.ts';
import { type EnsembleMethod, withForecasts } from './method.ts';

/** As many choices the weights of all series count for; a series with few residuals makes fewer of its own. */
const sharedChoices = 20;
const ownChoicesPerFold = 5;

export const greedyPerSeries: EnsembleMethod = {
  name: 'greedy-per-series',
  summary: 'the greedy average of all series, pulled by each series’ own residuals',
  source:
    'Caruana et al. (2004); per series with pseudo-counts, as empirical Bayes estimates of proportions are (Robbins 1956)',
  perSeries: true,
  fit(sample, series) {
    const { weights } = greedy.fit(sample, series);
    const members = weights.length;
    const perSeries = new Float64Array(series * members);
    const start = weights.map((weight) => weight * sharedChoices);
    const rowsOf = rowsBySeries(sample, series);
    for (let i = 0; i < series; i++) {
      const { residuals, fallback } = withForecasts(gather(sample, rowsOf[i]!));
      const rounds = ownChoicesPerFold * rowsOf[i]!.length;
      perSeries.set(
        fallback.length === 0 ? weights : selectGreedily(residuals, fallback, { rounds, start }),
        i * members,
      );
    }
    return {
      method: 'greedy-per-series',
      rule: 'average',
      members: sample.names,
      weights,
      perSeries,
    };
  },
};

function rowsBySeries(sample: ResidualSample, series: number): number[][] {
  const rows = Array.from({ length: series }, (): number[] => []);
  for (const [row, i] of sample.series.entries()) rows[i]!.push(row);
  return rows;
}

function gather({ residuals, fallback, horizon }: ResidualSample, rows: readonly number[]) {
  const take = (from: Float64Array): Float64Array => {
    const taken = new Float64Array(rows.length * horizon);
    for (const [at, row] of rows.entries()) {
      taken.set(from.subarray(row * horizon, (row + 1) * horizon), at * horizon);
    }
    return taken;
  };
  return { residuals: residuals.map(take), fallback: take(fallback) };
}
