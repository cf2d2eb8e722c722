/** The package's public face: everything that the command line does, as typed functions. */
export { openEngine, type Engine } from './engine.ts';
export type { RunListItem, RunSummary, SeriesPreview } from './summary.ts';
export type { RunOptions } from '../graphs/drive.ts';
export type { Config } from '../services/config/config.ts';
export type { Decision } from '../state/decision.ts';
export { ForecastError, isForecastError, type ErrorCode } from '../state/errors.ts';
export type { EventName, LogLine } from '../state/events.ts';
export type { RunRequest, RunRequestInput } from '../state/request.ts';
export type { ScoreRow } from '../state/run-state.ts';
