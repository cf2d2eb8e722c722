/** The list of specialists: a new agent is one file beside this one and one line here. */
import type { Agent } from './agent.ts';
import { driftMonitor } from './drift-monitor.ts';
import { evaluation } from './evaluation.ts';
import { exporting } from './export.ts';
import { featureEngineer } from './feature-engineer.ts';
import { forecast } from './forecast.ts';
import { hyperparameterSearch } from './hyperparameter-search.ts';
import { modelSelection } from './model-selection.ts';
import { training } from './training.ts';

/** All specialists, in the order of a first run. */
export const specialists: readonly Agent[] = [
  featureEngineer,
  modelSelection,
  driftMonitor,
  hyperparameterSearch,
  training,
  evaluation,
  forecast,
  exporting,
];
