/** The workflow's version: a run begun under one shape is never finished silently under another. */
import { expect, it } from 'vitest';
import { rules } from '../../agents/orchestrator.ts';
import { graphVersion } from '../../graphs/forecasting.ts';
import { agentNames } from '../../state/decision.ts';
import { channelNames } from '../../state/run-state.ts';

/**
 * LangGraph ends a resumed run without a word when the node that it waits for has another name now. So whoever changes
 * anything named here gives `graphVersion` its next number, and writes the new shape down below it.
 */
const shapes: Readonly<Record<string, unknown>> = {
  '1': {
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
  },
};

it('has the shape that is written down for its number', () => {
  expect(shapes[graphVersion]).toEqual({
    nodes: agentNames,
    channels: channelNames,
    rules: rules.map(({ name }) => name),
  });
});
