/** `runs`: the runs of the data directory. */
import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { renderRuns } from '../render/run-status.ts';

export const runs = defineCommand({
  name: 'runs',
  summary: 'List the latest runs, newest first',
  schema: z.object({
    limit: z.int().min(1).max(100_000).default(20).describe('How many runs to list'),
  }),
  examples: ['agentic-forecast runs --limit 5'],
  async run({ engine, style }, { limit }) {
    const list = engine.runs(limit);
    return { document: list, text: () => renderRuns(list, style) };
  },
});
