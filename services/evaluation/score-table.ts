/** Score table: the measures of every model on every series of a backtest, as CSV. */
import type { BacktestedModel } from './backtests.ts';
import { measureNames } from './tally.ts';

const needsQuotes = /[",\r\n]/;
const quoted = (text: string): string =>
  needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** One line a model and series; what could not be measured is left empty, numbers read back exactly. */
export function formatScoreTable(
  ids: readonly string[],
  models: readonly Pick<BacktestedModel, 'name' | 'perSeries'>[],
): string {
  const lines = [['model', 'unique_id', ...measureNames].join(',')];
  for (const { name, perSeries } of models) {
    for (const [i, id] of ids.entries()) {
      const values = measureNames.map((measure) => {
        const value = perSeries[measure][i]!;
        return Number.isFinite(value) ? String(value) : '';
      });
      lines.push([name, quoted(id), ...values].join(','));
    }
  }
  return `${lines.join('\n')}\n`;
}
