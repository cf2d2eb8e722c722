/** Judging: every model of a run on the same rolling origins, with the residuals kept for weights and intervals. */
import { z } from 'zod';
import type { LocalModel } from '../../models/model.ts';
import type { Member } from '../../series/ensemble/member.ts';
import { withoutImplausible } from '../../series/ensemble/plausibility.ts';
import type { FoldPlan } from '../../series/folds.ts';
import type { Panel } from '../../series/panel.ts';
import type { Candidate, ScoreRow } from '../../state/run-state.ts';
import { decodeArrays, encodeArrays } from '../artifacts/arrays.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import {
  localForecaster,
  type BacktestResult,
  type Evaluation,
  type ForecasterUnderTest,
} from '../evaluation/evaluation.ts';
import type { LocalForecasts } from '../local/local-forecasts.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { type Learners, onFolds } from './learners.ts';
import { seasonsFor } from './local-seasons.ts';
import { toScoreRow } from './score-row.ts';

/** Who is judged on what. */
export interface JudgingTask {
  readonly panel: Panel;
  readonly plan: FoldPlan;
  readonly season: number;
  /** Seasons that the statistical models are told of, shortest first; `season` alone if left out. */
  readonly seasons?: readonly number[];
  readonly locals: readonly LocalModel[];
  readonly trained: readonly Candidate[];
  /** Milliseconds that the statistical models may take together; those that it does not reach are left out. No bound if left out. */
  readonly maxMs?: number;
  readonly signal: AbortSignal;
}

/** Residuals of every model, in units of each series' scale: [fold][series][horizon], NaN where absent. */
export interface Residuals {
  readonly validation: readonly Member[];
  readonly test: readonly Member[];
}

/** Judges models, and remembers their residuals. */
export interface Judging {
  /** Scores every model, stores the residuals as an artifact and records the MASE of each as metrics of `run`, once per `key`. */
  judge(
    run: string,
    key: string,
    task: JudgingTask,
  ): Promise<{ uri: string; scores: ScoreRow[]; leftOut: string[] }>;
  /** Residuals stored by `judge`; without them, those of the local models are made now. */
  residuals(uri: string | null, task: JudgingTask): Promise<Residuals>;
}

/** Levels whose central 80 % and 95 % intervals the score table shows. */
const levels = [0.025, 0.1, 0.5, 0.9, 0.975];

/** Judging by backtests. */
export function createJudging(dependencies: {
  evaluation: Evaluation;
  learners: Learners;
  locals: LocalForecasts;
  artifacts: Artifacts;
  metrics: Metrics;
}): Judging {
  const { evaluation, learners, locals, artifacts, metrics } = dependencies;
  return {
    async judge(run, key, task) {
      const { result, leftOut } = await backtest(task);
      const uri = await artifacts.put(encodeResiduals(result, task));
      const scores = result.scores.map(toScoreRow);
      metrics.record(
        scores.flatMap(({ model, kind, mase }) =>
          mase === null ? [] : [{ run, name: `${kind}-mase`, value: mase, tags: { model } }],
        ),
        key,
      );
      return { uri, scores, leftOut };
    },
    async residuals(uri, task) {
      return decodeResiduals(
        uri === null
          ? encodeResiduals((await backtest(task)).result, task)
          : await artifacts.get(uri),
      );
    },
  };

  /** Backtests all models; the statistical ones one by one, as far as the time reaches. */
  async function backtest(
    task: JudgingTask,
  ): Promise<{ result: BacktestResult; leftOut: string[] }> {
    const signals =
      task.maxMs === undefined ? [] : [AbortSignal.timeout(Math.max(0, Math.ceil(task.maxMs)))];
    const signal = AbortSignal.any([task.signal, ...signals]);
    const leftOut: string[] = [];
    const results: BacktestResult[] = [];
    const [quick, slow] = underTest({ ...task, signal }, learners, locals);
    results.push(await test(task, quick, task.signal));
    for (const forecaster of slow) {
      if (signal.aborted && !task.signal.aborted) leftOut.push(forecaster.name);
      else {
        const result = await test(task, [forecaster], signal).catch((error: unknown) => {
          if (!signal.aborted || task.signal.aborted) throw error;
          return null;
        });
        if (result === null) leftOut.push(forecaster.name);
        else results.push(result);
      }
    }
    return {
      leftOut,
      result: {
        scores: results.flatMap(({ scores }) => scores),
        forecasters: results.flatMap(({ forecasters }) => forecasters),
      },
    };
  }

  function test(
    { panel, plan, season }: JudgingTask,
    forecasters: readonly ForecasterUnderTest[],
    signal: AbortSignal,
  ): Promise<BacktestResult> {
    const kinds = ['validation', 'test'] as const;
    return evaluation.backtest(panel, plan, forecasters, { season, kinds, levels, signal });
  }
}

/** The models of a task: those that only forecast, and those that are fitted to every history. */
function underTest(
  task: JudgingTask,
  learners: Learners,
  locals: LocalForecasts,
): [quick: ForecasterUnderTest[], slow: ForecasterUnderTest[]] {
  const { panel, plan, signal } = task;
  const given = { panel, plan, signal };
  const local = (family: LocalModel['family']): ForecasterUnderTest[] =>
    task.locals
      .filter((model) => model.family === family)
      .map((model) =>
        localForecaster(locals, { ...given, model, seasons: seasonsFor(model, task) }),
      );
  const trained = task.trained.map((candidate) => ({
    name: candidate.name,
    forecast: onFolds(panel, learners.forecastFrom(candidate, panel, plan.horizon)),
  }));
  return [[...local('naive'), ...trained], local('statistical')];
}

const none = new Float64Array(0);
const namesSchema = z.array(z.string());
const kinds = ['validation', 'test'] as const;

/** Residuals without those of forecasts that no one would serve. */
function encodeResiduals(result: BacktestResult, task: JudgingTask): Uint8Array {
  const columns: Record<string, Float64Array> = {};
  for (const kind of kinds) {
    const members = result.forecasters
      .map(({ name, residuals }) => ({ name, residuals: residuals[kind] }))
      .filter(({ residuals }) => residuals.length > 0);
    for (const [index, member] of withoutImplausible(members, { ...task, kind }).entries()) {
      columns[`${index}/${kind}`] = member.residuals;
    }
  }
  return encodeArrays(
    result.forecasters.map(({ name }) => name),
    columns,
  );
}

function decodeResiduals(bytes: Uint8Array): Residuals {
  const { meta, columns } = decodeArrays(bytes);
  const names = namesSchema.parse(meta);
  const membersOf = (kind: (typeof kinds)[number]): Member[] =>
    names
      .map((name, index) => ({ name, residuals: columns[`${index}/${kind}`] ?? none }))
      .filter(({ residuals }) => residuals.length > 0);
  return { validation: membersOf('validation'), test: membersOf('test') };
}
