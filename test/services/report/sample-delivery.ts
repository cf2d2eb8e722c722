/** A run that is over, as the delivery service is handed it; with hostile names, a short and a constant series. */
import { futureTimes, type Frequency } from '../../../series/frequency.ts';
import { createPanel, seriesTimes } from '../../../series/panel.ts';
import type { SummaryDelivery } from '../../../services/forecasting/delivery.ts';
import type { Decision } from '../../../state/decision.ts';
import { defaultQuantiles, runRequestSchema } from '../../../state/request.ts';
import type { PanelSummary, RunState, ScoreRow } from '../../../state/run-state.ts';

export const hostileName = `<script>alert("x")</script></style></title>' onload='y' & <!--`;

const monthly: Frequency = { unit: 'month', count: 1, anchor: 'start' };
export const positions: Frequency = { unit: 'index', count: 1, anchor: 'start' };

const uri = `sha256:${'0'.repeat(64)}`;
const horizon = 6;

/** Observations by the name of their series; NaN where one is missing. */
export type SampleSeries = Readonly<Record<string, readonly number[]>>;

export const wave = (length: number): number[] =>
  Array.from({ length }, (_, i) => 100 + i + 10 * Math.sin((i * Math.PI) / 6));

export function scoreRow(kind: ScoreRow['kind'], model: string, mase: number | null): ScoreRow {
  const share = kind === 'test' ? 0.8 : null;
  const size = mase === null ? 3 : mase * 100;
  return {
    model,
    kind,
    mae: size,
    rmse: size * 1.2,
    mase,
    smape: 9,
    coverage80: share,
    coverage95: share,
    msis: null,
    wql: null,
  };
}

export function decision(step: number, changes: Partial<Decision>): Decision {
  const agent = changes.agent ?? 'orchestrator';
  return {
    id: `${step}-${agent}`,
    runId: 'r1',
    step,
    agent,
    action: 'training',
    reason: `reason number ${step}`,
    evidence: {},
    alternatives: [],
    policy: 'rules',
    at: '2026-11-20T08:30:05.000Z',
    durationMs: 12,
    ...changes,
  };
}

/** The delivery of a run over `series`; its forecast goes on with the last value. */
export function sampleDelivery(
  series: SampleSeries,
  options: {
    frequency?: Frequency;
    state?: Partial<RunState>;
    decisions?: readonly Decision[];
  } = {},
): SummaryDelivery {
  const frequency = options.frequency ?? monthly;
  const panel = panelOf(series, frequency);
  const summary: PanelSummary = {
    uri,
    series: panel.ids.length,
    observations: panel.y.length,
    frequency: 'MS',
    shortest: 1,
    longest: 48,
    layout: 'long',
    repairs: [
      { kind: 'gaps-interpolated', series: 1, observations: 2, detail: `2 gaps of ${hostileName}` },
    ],
  };
  const request = runRequestSchema.parse({
    data: `folder/${hostileName.replaceAll('/', '')}.csv`,
    horizon,
  });
  return {
    record: {
      id: 'r1',
      status: 'running',
      request,
      panel: summary,
      graphVersion: '1',
      forkOf: { run: 'r0', decision: '2-training', choice: hostileName },
      createdAt: '2026-11-20T08:30:00.000Z',
      updatedAt: '2026-11-20T08:30:00.000Z',
      attempts: 1,
      elapsedMs: 0,
      error: null,
      out: '/tmp/r1',
    },
    state: { ...sampleState(request, summary), ...options.state },
    decisions: options.decisions ?? [
      decision(1, { alternatives: [{ action: 'finish', whyNot: hostileName }] }),
      decision(2, {
        agent: 'training',
        action: hostileName,
        evidence: { [hostileName]: hostileName, losses: { nlinear: 0.5 }, warmStart: true },
      }),
    ],
    forecast: forecastOf(panel, Object.values(series), frequency),
    panel,
  };
}

function panelOf(series: SampleSeries, frequency: Frequency) {
  const columns = Object.values(series);
  const offsets = [0];
  for (const values of columns) offsets.push(offsets.at(-1)! + values.length);
  const time = columns.flatMap((values) =>
    values.map((_, i) => (frequency.unit === 'index' ? i : Date.UTC(2020, i, 1))),
  );
  return createPanel({
    ids: Object.keys(series),
    offsets: Uint32Array.from(offsets),
    time: Float64Array.from(time),
    y: Float64Array.from(columns.flat()),
    frequency,
  });
}

function forecastOf(
  panel: SummaryDelivery['panel'],
  columns: readonly (readonly number[])[],
  frequency: Frequency,
): SummaryDelivery['forecast'] {
  const last = columns.map((values) => values.findLast(Number.isFinite)!);
  const steps = last.flatMap((value) => Array.from({ length: horizon }, () => value));
  return {
    ids: panel.ids,
    times: Float64Array.from(
      panel.ids.flatMap((_, i) => [
        ...futureTimes(seriesTimes(panel, i).at(-1)!, frequency, horizon),
      ]),
    ),
    horizon,
    point: Float64Array.from(steps),
    levels: defaultQuantiles,
    quantiles: Float64Array.from(
      steps.flatMap((value) => defaultQuantiles.map((p) => value + p - 0.5)),
    ),
    models: panel.ids.map(() => 'nlinear+naive'),
    members: ['nlinear', 'naive'],
    shares: Float64Array.from(panel.ids.flatMap(() => [0.7, 0.3])),
  };
}

function sampleState(request: RunState['request'], panel: PanelSummary): RunState {
  return {
    request,
    panel,
    champion: null,
    features: null,
    portfolio: null,
    drift: null,
    study: null,
    candidates: [
      {
        name: 'nlinear',
        forecaster: 'nlinear',
        version: { model: 'sample-h6', version: 3 },
        artifact: uri,
        steps: 500,
        seconds: 2,
        lookBack: 24,
        season: 12,
        recipe: 'plain',
        featuresVersion: 1,
      },
    ],
    scores: {
      round: 1,
      featuresVersion: 1,
      candidates: 1,
      uri,
      scores: [
        scoreRow('test', 'seasonal-naive', 2),
        scoreRow('test', 'nlinear', 0.9),
        scoreRow('test', 'naive', 2.5),
        scoreRow('validation', 'seasonal-naive', 1.9),
        scoreRow('validation', 'nlinear', 0.8),
      ],
      validationFolds: 2,
      testFolds: 2,
      best: 'nlinear',
      beatsSeasonalNaive: true,
    },
    prediction: {
      uri,
      method: 'greedy',
      weights: [
        { model: 'nlinear', weight: 0.75 },
        { model: 'naive', weight: 0.25 },
      ],
      scores: [scoreRow('test', 'served forecast', 1)],
      fallbacks: [{ reason: `too short ${hostileName}`, series: 1, examples: [hostileName] }],
    },
    exports: { files: [{ name: hostileName, bytes: 2048, sha256: 'a'.repeat(64) }] },
    next: 'finish',
    decision: null,
    visits: {},
    elapsedMs: 14_230,
  };
}
