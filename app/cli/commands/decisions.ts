/** `decisions`: everything that was decided in a run, why, and what was rejected. */
import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { renderTimeline } from '../render/decisions.ts';

export const decisions = defineCommand({
  name: 'decisions',
  summary: 'Tell what was decided in a run, why, on which evidence, and what was rejected',
  schema: z.object({
    run: z.string().min(1).describe('The run, as listed by: agentic-forecast runs'),
  }),
  argument: 'run',
  examples: ['agentic-forecast decisions <run>'],
  async run({ engine, style }, { run }) {
    const list = engine.decisions(run);
    return {
      document: list,
      text: () => renderTimeline(run, list, style),
    };
  },
});
