/** The workflow's version: a run begun under one shape is never finished silently under another. */
import { expect, it } from 'vitest';
import { rules } from '../../agents/orchestrator.ts';
import { graphVersion } from '../../graphs/forecasting.ts';
import { agentNames } from '../../state/decision.ts';
import {
  candidateSchema,
  channelNames,
  featurePlanSchema,
  panelSummarySchema,
} from '../../state/run-state.ts';

const first = {
  nodes: [
    'orchestrator',
    'feature-engineer',
    'drift-monitor',
    'hyperparameter-search',
    'training',
    'evaluation',
    'forecast',
    'export',
  ],
  channels: [
    'request',
    'panel',
    'champion',
    'features',
    'drift',
    'study',
    'candidates',
    'scores',
    'prediction',
    'exports',
    'next',
    'decision',
    'visits',
    'elapsedMs',
  ],
  rules: [
    'delivered',
    'write-results',
    'know-the-data',
    'time-is-up',
    'watch-the-champion',
    'reuse-the-champion',
    'nothing-to-train',
    'no-time-to-train',
    'find-a-configuration',
    'train-the-best',
    'judge-the-candidates',
    'try-other-features',
    'forecast-now',
  ],
};

/**
 * LangGraph ends a resumed run without a word when the node that it waits for has another name now. So whoever changes
 * anything named here gives `graphVersion` its next number, and writes the new shape down below it.
 */
const shapes: Readonly<Record<string, unknown>> = {
  '1': first,
  '2': {
    ...first,
    fields: {
      panel: [
        'uri',
        'series',
        'observations',
        'frequency',
        'shortest',
        'longest',
        'layout',
        'repairs',
        'columns',
      ],
      features: [
        'version',
        'uri',
        'columns',
        'season',
        'recipe',
        'tried',
        'untried',
        'trainable',
        'calendar',
      ],
      candidate: [
        'name',
        'forecaster',
        'version',
        'network',
        'lookBack',
        'season',
        'recipe',
        'featuresVersion',
        'columns',
      ],
    },
  },
  '3': {
    nodes: insertAfter(first.nodes, 'feature-engineer', 'model-selection'),
    channels: insertAfter(first.channels, 'features', 'portfolio'),
    rules: insertAfter(first.rules, 'know-the-data', 'choose-models'),
    fields: {
      panel: [
        'uri',
        'series',
        'observations',
        'frequency',
        'shortest',
        'longest',
        'layout',
        'repairs',
        'columns',
        'hierarchy',
      ],
      features: [
        'version',
        'uri',
        'columns',
        'season',
        'seasons',
        'recipe',
        'tried',
        'untried',
        'trainable',
        'calendar',
      ],
      candidate: [
        'name',
        'forecaster',
        'version',
        'artifact',
        'lookBack',
        'steps',
        'seconds',
        'season',
        'recipe',
        'featuresVersion',
        'columns',
      ],
    },
  },
};

function insertAfter(list: readonly string[], place: string, added: string): string[] {
  return list.flatMap((name) => (name === place ? [name, added] : [name]));
}

it('has the shape that is written down for its number', () => {
  expect(shapes[graphVersion]).toEqual({
    nodes: agentNames,
    channels: channelNames,
    rules: rules.map(({ name }) => name),
    fields: {
      panel: Object.keys(panelSummarySchema.shape),
      features: Object.keys(featurePlanSchema.shape),
      candidate: Object.keys(candidateSchema.shape),
    },
  });
});
