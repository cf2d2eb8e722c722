/** `backtest`: compare models on the past of one file, window by window. */
import { backtestRequestSchema } from '../../../state/backtest-request.ts';
import { defineCommand } from '../command.ts';
import { renderBacktest } from '../render/backtest.ts';

export const backtest = defineCommand({
  name: 'backtest',
  summary: 'Compare models on the past of one file, and tell which of them differ',
  schema: backtestRequestSchema,
  argument: 'data',
  examples: [
    'agentic-forecast backtest sales.csv --horizon 12',
    'agentic-forecast backtest load.parquet --horizon 48 --models theta,drift --windows 7 --step 24 --out scores',
    'agentic-forecast backtest load.parquet --horizon 48 --models nlinear,ridge,theta --windows 6 --refit-every 2',
  ],
  async run({ engine, runOptions, style }, request) {
    const summary = await engine.backtest(request, runOptions);
    return { document: summary, text: () => renderBacktest(summary, style) };
  },
});
