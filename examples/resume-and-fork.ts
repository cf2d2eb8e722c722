/** Stops a run half-way, resumes it from its checkpoint, then asks what another training decision would have given. */
import { openEngine } from 'agentic-forecast';

const [data = 'node_modules/vega-datasets/data/us-employment.csv', dataDir = '.agentic-forecast'] =
  process.argv.slice(2);

const engine = await openEngine({ dataDir });
const stop = new AbortController();
await engine
  .run(
    { data, horizon: 12, trials: 2 },
    {
      signal: stop.signal,
      onEvent: ({ event }) => event === 'trial-finished' && stop.abort(),
    },
  )
  .catch((error: Error) => console.log(error.message));

const [latest] = engine.runs(1);
const run = await engine.resume(latest!.id);
console.log(`Run ${run.id} is ${run.status} after being resumed.`);

const training = engine.decisions(run.id).find(({ agent }) => agent === 'training');
const other = training?.alternatives[0];
if (training !== undefined && other !== undefined) {
  const fork = await engine.fork(run.id, { at: training.id, choose: other.action });
  console.log(`Instead of "${training.action}", run ${fork.id} did "${other.action}".`);
  for (const { model, weight } of fork.weights) console.log(`${model}: ${weight.toFixed(2)}`);
}
await engine.close();
