/** `resume`: continue an interrupted run where it stopped. */
import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { renderSummary } from '../render/summary.ts';

export const resume = defineCommand({
  name: 'resume',
  summary: 'Continue an interrupted run where it stopped',
  schema: z.object({
    run: z.string().min(1).describe('The run, as listed by: agentic-forecast runs'),
  }),
  argument: 'run',
  examples: ['agentic-forecast resume <run>'],
  async run({ engine, runOptions, style }, { run }) {
    const summary = await engine.resume(run, runOptions);
    return {
      document: summary,
      text: () => renderSummary(summary, engine.decisions(summary.id), style),
    };
  },
});
