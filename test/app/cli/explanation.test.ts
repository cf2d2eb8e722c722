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

  it('has the greatest of many models in that table, and says how many more there are', () => {
    const members = Array.from({ length: 9 }, (_, i) => ({ ...network!, model: `model-${i}` }));
    const weights = members.map(({ model }) => ({ model, weight: 1 / 9 }));
    const text = renderExplanation({ ...sampleExplanation, weights, members }, plain);
    expect(text).toMatch(/time +served +model-0 .* model-5\n/);
    expect(text).toContain('and 3 more models, which --json prints');
  });

  it('says by how much it was moved to agree with totals', () => {
    const text = renderExplanation({ ...sampleExplanation, moved: [0, -12.5] }, plain);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('then moved by up to 12.50, so that series');
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

  it('names the median and the trimmed mean, which have no shares', () => {
    const text = (rule: 'median' | 'trimmed-mean') =>
      renderExplanation({ ...sampleExplanation, rule }, plain).replaceAll(/\s+/g, ' ');
    expect(text('median')).toContain('the median of dlinear, seasonal-naive at each step');
    expect(text('median')).not.toContain('25 % of the forecast');
    expect(text('trimmed-mean')).toContain('without the quarter of the highest');
  });
});

describe('the explanation of a model of one series', () => {
  const season = [3, -1, -2, 0];
  const observed = Array.from({ length: 24 }, (_, t) => 100 + 2 * t + season[t % 4]!);
  const times = observed.map((_, t) => `t${t}`);
  const member: MemberExplanation = {
    ...sampleExplanation.members[1]!,
    model: 'holt-winters',
    forecaster: 'holt-winters',
    family: 'statistical',
    fit: {
      parameters: { kind: 'ETS(A,A,A)', alpha: 0.51234, sizeWeight: 1 },
      season: 4,
      times,
      observed,
      components: [
        { name: 'fitted', values: observed.map((value, t) => (t === 0 ? null : value - 3)) },
        { name: 'level', values: observed.map((_, t) => 100 + 2 * t) },
        { name: 'season', values: observed.map((_, t) => season[t % 4]!) },
      ],
    },
  };
  const textOf = (changed: MemberExplanation) =>
    renderExplanation(
      {
        ...sampleExplanation,
        weights: [{ model: 'holt-winters', weight: 1 }],
        members: [changed],
      },
      plain,
    );

  it('has the parameters, the error, the components at the end and the places of the season', () => {
    const text = textOf(member);
    const flat = text.replaceAll(/\s+/g, ' ');
    expect(flat).toContain('Fitted: kind ETS(A,A,A), alpha 0.5123, sizeWeight 1.');
    expect(flat).toContain('it was off by 3.000 on average over 23 observations');
    expect(text).toMatch(/component +at the end +a step +since t0/);
    expect(text).toMatch(/\n +level +146\.0 +2\.000 +▁[▁-█]{23}\n/);
    expect(flat).toContain('season of 4 steps, in the last cycle, is highest at t20 (3.000)');
    expect(flat).toContain('lowest at t22 (−2.000)');
    expect(text).toContain('\n  █▂▁▄');
  });

  it('says why it is simpler than it might be', () => {
    const fit = { ...member.fit!, parameters: { kind: 'mean', reason: 'fewer than 4 values' } };
    expect(textOf({ ...member, fit })).toContain('simpler than it might be: fewer than 4 values.');
  });
});

describe('the explanation of a table model', () => {
  const features = Array.from({ length: 13 }, (_, i) => ({
    name: `lag_${i}`,
    size: 130 - 10 * i,
    values: [130 - 10 * i, -130 + 10 * i],
  }));
  const shares = features.map(({ name }, i) => ({ name, share: i === 0 ? 0.88 : 0.01 }));
  const member: MemberExplanation = {
    ...sampleExplanation.members[0]!,
    model: 'gradient-boosting',
    forecaster: 'gradient-boosting',
    family: 'trees',
    parts: null,
    forecast: [1900, 101],
    features: {
      baseline: 'seasonal',
      start: [1000, 1000],
      features: [...features.slice(0, 12), { ...features[12]!, size: 0, values: [0, 0] }],
      bounds: [0, 1],
      importance: [{ kind: 'gain', features: shares }],
    },
  };
  const textOf = (changes: Partial<MemberExplanation>) =>
    renderExplanation(
      {
        ...sampleExplanation,
        weights: [{ model: 'gradient-boosting', weight: 1 }],
        members: [{ ...member, ...changes }],
      },
      plain,
    );

  it('adds up from a start, the greatest features and all others', () => {
    const text = textOf({});
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'starts from the last value at the same place of the season',
    );
    expect(text).toMatch(/time +forecast +start +lag_0 +lag_1 +lag_2 +lag_3 +all others/);
    const row = text.split('\n').find((line) => line.includes('2016-01-01'));
    const figures = row!
      .trim()
      .split(/ +/)
      .slice(1)
      .map((cell) => Number(cell.replace(',', '')));
    const [forecast, ...parts] = figures;
    expect(forecast).toBe(1900);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(1900);
  });

  it('ranks ten features with their shares in the model, and says how many more there are', () => {
    const text = textOf({});
    expect(text).toMatch(/feature +moves it by +most at +by +gain/);
    expect(text).toMatch(/lag_0 +130\.0 +2016-01-01 +130\.0 +88\.0 %/);
    expect(text).toContain('and 2 more features, which --json prints');
    expect(text.replaceAll(/\s+/g, ' ')).toContain('counts most by gain lag_0 88.0 %, lag_1 1.0 %');
    expect(textOf({ recipe: 'seasonal-difference' })).toContain('the season before');
  });

  it('says so where no feature counts', () => {
    const features = { ...member.features!, features: [], importance: [] };
    expect(textOf({ features })).toContain('No feature moves it.');
  });
});
