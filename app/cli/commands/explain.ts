/** `explain`: what the forecast of one series is made of, and what its networks looked at. */
import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { renderExplanation } from '../render/explanation.ts';

export const explain = defineCommand({
  name: 'explain',
  summary: 'Take the forecast of a series apart: models, parts, variables, attention',
  schema: z.object({
    run: z.string().min(1).describe('The run, as listed by: agentic-forecast runs'),
    series: z.string().min(1).optional().describe('Name of the series; the first one if left out'),
    model: z
      .string()
      .min(1)
      .optional()
      .describe('Only this model of the forecast; all of them if left out'),
  }),
  argument: 'run',
  examples: ['agentic-forecast explain <run>', 'agentic-forecast explain <run> --series north'],
  async run({ engine, style }, { run, series, model }) {
    const explanation = await engine.explain(run, { series, model });
    return { document: explanation, text: () => renderExplanation(explanation, style) };
  },
});
