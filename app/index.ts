/** The package's public face: everything that the command line does, as typed functions. */
export { openEngine, type Engine, type ExplanationChoice } from './engine.ts';
export type { BacktestRow, BacktestSummary } from './backtest.ts';
export type { ClassificationSummary, ClassifierRow } from './classify.ts';
export type { RunListItem, RunSummary, SeriesPreview } from './summary.ts';
export type { RunOptions } from '../graphs/drive.ts';
export type { Explanation, MemberExplanation } from '../services/forecasting/explanation.ts';
export type { LagInfluence } from '../services/forecasting/influence.ts';
export type { AttentionShares, VariableShares } from '../services/forecasting/inner-values.ts';
export type { ForecastParts } from '../services/forecasting/parts.ts';
export type { Config } from '../services/config/config.ts';
export type { Differences } from '../services/evaluation/differences.ts';
export type { BacktestRequest, BacktestRequestInput } from '../state/backtest-request.ts';
export type {
  ClassificationRequest,
  ClassificationRequestInput,
} from '../state/classification-request.ts';
export type { Decision } from '../state/decision.ts';
export { ForecastError, isForecastError, type ErrorCode } from '../state/errors.ts';
export type { EventName, LogLine } from '../state/events.ts';
export type { RunRequest, RunRequestInput } from '../state/request.ts';
export type { ScoreRow } from '../state/run-state.ts';
