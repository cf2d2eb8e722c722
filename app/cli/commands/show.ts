/** `show`: where one run stands, how accurate it is, and how a fork compares with its parent. */
import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { renderStatus } from '../render/run-status.ts';

export const show = defineCommand({
  name: 'show',
  summary: 'Show status, position, accuracy and, for a fork, the comparison with its parent',
  schema: z.object({
    run: z.string().min(1).describe('The run, as listed by: agentic-forecast runs'),
  }),
  argument: 'run',
  examples: ['agentic-forecast show <run>'],
  async run({ engine, style }, { run }) {
    const summary = await engine.show(run);
    return { document: summary, text: () => renderStatus(summary, style) };
  },
});
