/** Starts a run from a program and follows the agents' decisions while it works. */
import { openEngine } from 'agentic-forecast';

const [data = 'node_modules/vega-datasets/data/us-employment.csv', dataDir = '.agentic-forecast'] =
  process.argv.slice(2);

const engine = await openEngine({ dataDir });
const run = await engine.run(
  { data, horizon: 12, trials: 2 },
  {
    onEvent(line) {
      if (line.event !== 'decision-made') return;
      const { agent, action, reason } = line['decision'] as Record<string, string>;
      console.log(`${agent}: ${action}, because ${reason}`);
    },
  },
);

console.log(`Run ${run.id} is ${run.status}.`);
for (const { id, times, forecast } of run.preview) {
  console.log(`${id} at ${times[0]}: ${forecast[0]?.toFixed(1)}`);
}
await engine.close();
