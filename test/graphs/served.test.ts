/** The graph that langgraph.json names: complete by itself, with any checkpointer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemorySaver } from '@langchain/langgraph';
import { afterAll, expect, it } from 'vitest';
import type { RunState } from '../../state/run-state.ts';
import { temporaryFolder, writeMonthlyPanel } from '../cli-process.ts';

const { path: home, remove } = temporaryFolder();
afterAll(remove);

it('is exported under the name that langgraph.json gives, and forecasts from a request alone', async () => {
  const { graphs } = JSON.parse(readFileSync('langgraph.json', 'utf8')) as {
    graphs: { forecasting: string };
  };
  const [file, name] = graphs.forecasting.split(':');
  expect(file).toBe('./graphs/served.ts');
  process.env['AGENTIC_FORECAST_DATA_DIR'] = join(home, 'data');
  const served = (await import('../../graphs/served.ts')) as Record<
    string,
    typeof import('../../graphs/served.ts').graph
  >;
  const graph = served[name ?? '']!();
  delete process.env['AGENTIC_FORECAST_DATA_DIR'];
  graph.checkpointer = new MemorySaver();
  const data = writeMonthlyPanel(join(home, 'panel.csv'), 2, 60);
  const end = (await graph.invoke(
    { request: { data, horizon: 3, models: ['naive', 'drift'], trials: 1, seed: 1 } },
    {
      configurable: { thread_id: 'served' },
      recursionLimit: 100,
    },
  )) as unknown as RunState;
  expect(end.next).toBe('finish');
  expect(end.exports?.files.map((written) => written.name)).toContain('forecasts.csv');
});
