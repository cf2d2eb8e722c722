/** The workflow as LangGraph's own tools find it (langgraph.json): they bring the checkpointer and the run's identity. */
import { loadConfig } from '../services/config/config.ts';
import { createServices } from '../services/index.ts';
import { createForecastingGraph } from './forecasting.ts';

/** Makes the graph over the data directory that the environment or the configuration file names. */
export const graph = () =>
  createForecastingGraph(
    createServices(loadConfig({ cwd: process.cwd(), environment: process.env })),
  );
