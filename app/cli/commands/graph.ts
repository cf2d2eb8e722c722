/** `graph`: the workflow as a Mermaid diagram. */
import { z } from 'zod';
import { defineCommand } from '../command.ts';

export const graph = defineCommand({
  name: 'graph',
  summary: 'Print the workflow as a Mermaid diagram',
  schema: z.object({}),
  examples: ['agentic-forecast graph > workflow.mmd'],
  async run({ engine }) {
    const mermaid = await engine.graph();
    return { document: { graph: mermaid }, text: () => mermaid.trimEnd() };
  },
});
