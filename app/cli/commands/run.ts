/** `run`: forecast one file, from data to written results. */
import { runRequestSchema } from '../../../state/request.ts';
import { defineCommand } from '../command.ts';
import { renderSummary } from '../render/summary.ts';

export const run = defineCommand({
  name: 'run',
  summary: 'Forecast the series of one file',
  schema: runRequestSchema,
  argument: 'data',
  examples: [
    'agentic-forecast run sales.csv --horizon 12',
    'agentic-forecast run load.parquet --horizon 48 --frequency 30min --models nlinear,seasonal-naive --time-limit 120',
    'agentic-forecast run shops.csv --horizon 28 --target units --future price,holiday --future-data next-month.csv',
  ],
  async run({ engine, runOptions, style }, request) {
    const summary = await engine.run(request, runOptions);
    return {
      document: summary,
      text: () => renderSummary(summary, engine.decisions(summary.id), style),
    };
  },
});
