/** What people read of an explanation: which figures, in which order, with which words about them. */
import { describe, expect, it } from 'vitest';
import { renderExplanation } from '../../../app/cli/render/explanation.ts';
import { createStyle } from '../../../app/cli/render/style.ts';
import type { MemberExplanation } from '../../../app/index.ts';
import { sampleExplanation } from './sample-run.ts';

const plain = createStyle({}, {});

describe('an explanation', () => {
  const [network] = sampleExplanation.members;
  const lines = (changes: Partial<MemberExplanation>, weights = sampleExplanation.weights) =>
    renderExplanation(
      { ...sampleExplanation, weights, members: [{ ...network!, ...changes }] },
      plain,
    ).split('\n');

  it('has the served forecast beside those it is the average of, and the parts of each', () => {
    const text = renderExplanation(sampleExplanation, plain);
    expect(text).toMatch(
      /time +served +dlinear +seasonal-naive\n +2016-01-01 +135,100 +135,000 +135,400/,
    );
    expect(text).toMatch(/time +forecast +level +trend\n +2016-01-01 +135,000 +134,900 +100/);
    expect(text).toContain('seasonal-naive, 25 % of the forecast');
  });

  it('says which scale the parts add up in, with figures that can be added', () => {
    const parts = [
      { name: 'level', values: [11, 11] },
      { name: 'trend', values: [0.81303, 0.81673] },
    ];
    const told = lines({ recipe: 'log', parts: { scale: 'log', parts } });
    expect(told.join(' ')).toContain('add up to the logarithm of its forecast');
    expect(told.find((line) => line.includes('2016-01-01'))).toMatch(
      /135,000 +11\.81 +11\.00 +0\.81$/,
    );
  });

  it('ranks variables, observations and attention, and leaves out the least', () => {
    const variables = Array.from({ length: 14 }, (_, i) => ({
      name: `column ${i}`,
      kind: 'future' as const,
      weight: i / 91,
    }));
    const lags = Array.from({ length: 9 }, (_, i) => ({
      lag: i + 1,
      time: `t${i}`,
      weight: i / 40,
    }));
    const influence = lags.map(({ lag, time }) => ({
      lag,
      time,
      size: 10 * lag,
      most: { step: 2, change: -20 * lag },
    }));
    const told = lines({
      variables: [{ of: 'horizon', variables }],
      attention: { lags, horizon: 0.1 },
      influence,
      others: [{ name: 'gates', shape: [2, 3] }],
    });
    const ranked = told.filter((line) => line.includes('column '));
    expect(ranked).toHaveLength(10);
    expect(ranked[0]).toMatch(/column 13 +future +14\.3 %/);
    expect(told).toContain('  and 4 more variables');
    const attended = told.find((line) => /^ +\d steps? +t\d +[\d.]+ %$/.test(line));
    expect(attended).toMatch(/9 steps +t8 +20\.0 %/);
    const moving = told.find((line) => /^ +\d steps? +t\d +[\d.]+ +2016/.test(line));
    expect(moving).toMatch(/9 steps +t8 +90\.00 +2016-02-01 +−180\.0/);
    expect(told.join('\n')).toContain('It also shows gates [2, 3].');
  });

  it('cuts off long horizons, and says so', () => {
    const steps = Array.from({ length: 48 }, (_, k) => k);
    const text = renderExplanation(
      {
        ...sampleExplanation,
        times: steps.map((k) => `t${k}`),
        weights: [{ model: 'nlinear', weight: 1 }],
        members: [{ ...network!, model: 'nlinear', parts: null, forecast: steps }],
      },
      plain,
    );
    expect(text).toContain('and 24 more steps, which --json prints');
    expect(text).toContain('It does not add up its forecast from parts.');
  });

  it('says what stood in for the models, and where 0 was served instead', () => {
    const naive = { ...sampleExplanation.members[1]!, model: 'naive', weight: 1 };
    const text = renderExplanation(
      {
        ...sampleExplanation,
        weights: [{ model: 'naive', weight: 1 }],
        fallback: 'the series is constant',
        raisedToZero: 1,
        members: [naive],
      },
      plain,
    );
    expect(text).toContain('It was made by naive, as the series is constant.');
    expect(text).toContain('At 1 step this is below zero, and 0 was served');
    expect(text).toContain('there is nothing to take apart');
  });
});
