/** `fork`: continue a copy of a run from one of its decisions, decided otherwise. */
import { z } from 'zod';
import { defineCommand } from '../command.ts';
import { renderComparison } from '../render/run-status.ts';
import { renderSummary } from '../render/summary.ts';

export const fork = defineCommand({
  name: 'fork',
  summary: 'Decide one decision otherwise and continue from there as a new run',
  schema: z.object({
    run: z.string().min(1).describe('The run to fork, as listed by: agentic-forecast runs'),
    at: z.string().min(1).describe('The decision, as listed by: agentic-forecast decisions <run>'),
    choose: z.string().min(1).describe('The action to take there, such as one that was rejected'),
    out: z
      .string()
      .min(1)
      .optional()
      .describe('Folder for forecasts, report and decisions, another than that of the run'),
  }),
  argument: 'run',
  examples: ["agentic-forecast fork <run> --at 8-training --choose 'train dlinear'"],
  async run({ engine, runOptions, style }, { run, at, choose, out }) {
    const forked = await engine.fork(run, { at, choose, out }, runOptions);
    const summary = await engine.show(forked.id);
    return {
      document: summary,
      text: () =>
        [
          renderSummary(summary, engine.decisions(summary.id), style),
          ...(summary.comparedWith ? [renderComparison(summary.comparedWith, summary, style)] : []),
        ].join('\n\n'),
    };
  },
});
