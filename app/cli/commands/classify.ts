/** `classify`: tell what comes next in classes, and how much that is worth. */
import { classificationRequestSchema } from '../../../state/classification-request.ts';
import { defineCommand } from '../command.ts';
import { renderClassification } from '../render/classification.ts';

export const classify = defineCommand({
  name: 'classify',
  summary:
    'Tell direction, events or volatility of the next steps, and whether models beat guessing',
  schema: classificationRequestSchema,
  argument: 'data',
  examples: [
    'agentic-forecast classify prices.csv --horizon 5 --label direction --threshold 1',
    'agentic-forecast classify load.csv --horizon 24 --label event --threshold 0.95 --unit quantile --out peaks',
  ],
  async run({ engine, runOptions, style }, request) {
    const summary = await engine.classify(request, runOptions);
    return { document: summary, text: () => renderClassification(summary, style) };
  },
});
