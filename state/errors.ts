/** The error catalogue: every operating error of the system, its message, HTTP status and exit code, in one table. */
import { z } from 'zod';
import { dataErrors } from './data-errors.ts';
import { entry, type ErrorEntry, listed } from './error-entry.ts';

/** All operating errors. A code is thrown somewhere and documented in `docs/errors.md`; tests hold both directions. */
export const errorCatalogue = {
  ...dataErrors,
  // Requests and configuration
  USAGE_INVALID: entry<{ problem: string; command: string }>(
    400,
    64,
    (d) => `${d.problem}; see: ${d.command} --help.`,
  ),
  OPTION_INVALID: entry<{ key: string; problem: string }>(400, 64, (d) => `${d.key}: ${d.problem}`),
  CONFIG_INVALID: entry<{ key: string; source: string; problem: string }>(
    400,
    78,
    (d) => `Configuration key "${d.key}" from ${d.source} is not valid: ${d.problem}`,
  ),
  CONFIG_UNREADABLE: entry<{ path: string; problem: string }>(
    400,
    78,
    (d) => `Configuration file ${d.path} could not be read: ${d.problem}`,
  ),
  MODEL_UNKNOWN: entry<{ name: string; known: readonly string[] }>(
    400,
    64,
    (d) => `There is no model "${d.name}"; the models are ${d.known.join(', ')}.`,
  ),
  DEVICE_UNAVAILABLE: entry<{ device: string; problem: string }>(
    503,
    69,
    (d) => `The device "${d.device}" cannot be used: ${d.problem}.`,
  ),
  // Runs
  RUN_UNKNOWN: entry<{ run: string; known: readonly string[] }>(404, 66, (d) =>
    d.known.length > 0
      ? `There is no run "${d.run}"; the latest are ${listed(d.known)}.`
      : `There is no run "${d.run}"; no run has been recorded in this data directory yet.`,
  ),
  RUN_EXISTS: entry<{ run: string }>(
    409,
    65,
    (d) => `There is a run ${d.run} already; start the new one under another id.`,
  ),
  RUN_OWNED: entry<{ run: string; owner: string }>(
    409,
    75,
    (d) =>
      `Run ${d.run} is being worked on by ${d.owner}; wait until it ends or stop that process first.`,
  ),
  RUN_LEASE_LOST: entry<{ run: string; owner: string }>(
    409,
    75,
    (d) => `Run ${d.run} was taken over by ${d.owner}; this process stops writing to it.`,
  ),
  RUN_VERSION_MISMATCH: entry<{ run: string; recorded: string; current: string }>(
    409,
    70,
    (d) =>
      `Run ${d.run} was started by workflow version ${d.recorded}, this program has ${d.current}; resume it with that release, or start it anew with: agentic-forecast run.`,
  ),
  RUN_CANCELLED: entry<{ run: string }>(
    499,
    130,
    (d) => `Run ${d.run} was stopped; continue it with: agentic-forecast resume ${d.run}.`,
  ),
  RUN_UNFINISHED: entry<{ run: string; status: string }>(
    409,
    65,
    (d) =>
      `Run ${d.run} is not finished (${d.status}), so there is no forecast to explain; wait for it, or continue it with: agentic-forecast resume ${d.run}.`,
  ),
  SERIES_UNKNOWN: entry<{ series: string; known: readonly string[] }>(
    404,
    64,
    (d) => `There is no series "${d.series}" in the run; its series are ${listed(d.known)}.`,
  ),
  MODEL_NOT_SERVED: entry<{ run: string; model: string; series: string; used: readonly string[] }>(
    404,
    64,
    (d) =>
      `The forecast of series "${d.series}" in run ${d.run} does not use "${d.model}"; it is made of ${listed(d.used)}.`,
  ),
  DECISION_UNKNOWN: entry<{ run: string; decision: string; known: readonly string[] }>(
    404,
    64,
    (d) => `Run ${d.run} has no decision "${d.decision}"; its decisions are ${listed(d.known)}.`,
  ),
  CHOICE_UNKNOWN: entry<{ decision: string; choice: string; known: readonly string[] }>(
    400,
    64,
    (d) => `Decision ${d.decision} cannot take "${d.choice}"; it can take ${listed(d.known)}.`,
  ),
  BACKTEST_TOO_LONG: entry<{ windows: string; needed: number; got: number }>(
    400,
    65,
    (d) =>
      `A backtest of ${d.windows} needs a series with at least ${d.needed} observations, the longest has ${d.got}; ask for fewer windows, a smaller step or a shorter horizon.`,
  ),
  BACKTEST_STOPPED: entry<{ data: string }>(
    499,
    130,
    (d) => `The backtest of ${d.data} was stopped; the same command goes on from there.`,
  ),
  CLASSIFICATION_TOO_SHORT: entry<{ folds: number; horizon: number; rows: number; got: number }>(
    400,
    65,
    (d) =>
      `${d.rows} labels over ${d.horizon} steps are too few for ${d.folds} folds whose trainings do not overlap what they are judged on (the longest series has ${d.got} observations); ask for fewer folds or a shorter horizon, or give longer series.`,
  ),
  LABEL_ONE_CLASS: entry<{ label: string; found: string; rows: number }>(
    400,
    65,
    (d) =>
      `All ${d.rows} labels of the ${d.label} are "${d.found}", so there is nothing to tell apart; choose another threshold, side or label.`,
  ),
  CLASSIFICATION_STOPPED: entry<{ data: string }>(
    499,
    130,
    (d) => `The classification of ${d.data} was stopped; nothing was written.`,
  ),
  // State and checkpoints
  STATE_NOT_PLAIN: entry<{ path: string; found: string }>(
    500,
    70,
    (d) =>
      `State at ${d.path} holds ${d.found}, which plain JSON cannot keep; store it as an artifact and keep its reference.`,
  ),
  STATE_INVALID: entry<{ channel: string; problem: string }>(
    500,
    70,
    (d) => `Checkpointed channel "${d.channel}" does not match its schema: ${d.problem}`,
  ),
  CHECKPOINT_FILTER_INVALID: entry<{ key: string }>(
    400,
    64,
    (d) =>
      `"${d.key}" cannot be a checkpoint filter key; keys are letters, digits, underscores and dots.`,
  ),
  // Stores
  STORE_LOCKED: entry<{ path: string }>(
    503,
    75,
    (d) => `${d.path} is locked by another process; try again when that process is done.`,
  ),
  STORE_FULL: entry<{ path: string }>(
    507,
    74,
    (d) =>
      `No space left while writing ${d.path}; free some space and resume the run, nothing recorded so far is lost.`,
  ),
  STORE_UNWRITABLE: entry<{ path: string; problem: string }>(
    500,
    73,
    (d) => `${d.path} cannot be written: ${d.problem}`,
  ),
  STORE_CORRUPT: entry<{ path: string; problem: string }>(
    500,
    74,
    (d) => `${d.path} is damaged: ${d.problem}. Move it aside; the next command makes a new one.`,
  ),
  STORE_TOO_NEW: entry<{ path: string; schema: string; found: number; known: number }>(
    500,
    78,
    (d) =>
      `${d.path} was written by a newer release (${d.schema} tables of version ${d.found}, this program knows ${d.known}); use that release, or another data directory.`,
  ),
  ARTIFACT_URI_INVALID: entry<{ uri: string }>(
    400,
    64,
    (d) => `"${d.uri}" is no artifact address; one is sha256: and 64 hexadecimal digits.`,
  ),
  ARTIFACT_MISSING: entry<{ uri: string }>(
    404,
    74,
    (d) => `Artifact ${d.uri} is not in the store.`,
  ),
  ARTIFACT_CORRUPT: entry<{ uri: string }>(
    500,
    74,
    (d) =>
      `Artifact ${d.uri} does not match its SHA-256; restore it from a backup or start the run anew.`,
  ),
  PANEL_CORRUPT: entry<{ problem: string }>(
    500,
    74,
    (d) => `A stored panel is damaged: ${d.problem}. Start the run anew.`,
  ),
  MODEL_VERSION_UNKNOWN: entry<{ model: string; version: string }>(
    404,
    66,
    (d) => `The registry has no version "${d.version}" of model "${d.model}".`,
  ),
  REGISTRY_CONFLICT: entry<{ key: string }>(
    409,
    70,
    (d) => `A model version with idempotency key ${d.key} is registered with other contents.`,
  ),
  EXPORT_MISMATCH: entry<{ file: string; difference: number; allowed: number }>(
    500,
    70,
    (d) =>
      `${d.file} predicts differently from the model it was exported from (${d.difference} > ${d.allowed}); it was not kept.`,
  ),
  SERIES_TOO_SHORT: entry<{ what: string; needed: number; got: number }>(
    400,
    65,
    (d) =>
      `${d.what} needs a series with at least ${d.needed} training observations, the longest has ${d.got}; shorten its look-back or the horizon.`,
  ),
  SERIES_NOT_ALIGNED: entry<{ model: string; first: string; other: string }>(
    400,
    65,
    (d) =>
      `${d.model} looks at all series at once, but "${d.first}" and "${d.other}" have different times; give all series the same times, or use another model.`,
  ),
  SERIES_SET_CHANGED: entry<{ needed: number; got: number }>(
    400,
    65,
    (d) =>
      `The network looks at ${d.needed} series at once and was given ${d.got}; give it the series it was trained on, or train it anew.`,
  ),
  VALUE_NEGATIVE: entry<{ loss: string; series: string }>(
    400,
    65,
    (d) =>
      `Loss ${d.loss} is for counts, but series "${d.series}" has a value below zero; choose another loss.`,
  ),
  WEIGHTS_UNFIT: entry<{ model: string; parameter: string; needed: string; got: string }>(
    400,
    65,
    (d) =>
      `The weights to start ${d.model} from do not fit: ${d.parameter} has to be ${d.needed} and is ${d.got}; use the settings that they were trained with.`,
  ),
  WEIGHTS_ABSENT: entry<{ model: string; version: number }>(
    404,
    66,
    (d) =>
      `Version ${d.version} of ${d.model} was registered without its weights, so nothing can be trained on from it; train from scratch.`,
  ),
  EXOGENOUS_ABSENT: entry<{ columns: readonly string[] }>(
    400,
    65,
    (d) => `The network was trained with the columns ${listed(d.columns)}, which are not given.`,
  ),
  FUTURE_UNKNOWN: entry<{ column: string; needed: number; got: number }>(
    400,
    65,
    (d) =>
      `Column "${d.column}" has to be known ${d.needed} steps beyond the end of the series and is for ${d.got}; supply its future values, or leave it out.`,
  ),
  TABLE_INVALID: entry<{ column: string; problem: string }>(
    400,
    65,
    (d) => `Column "${d.column}" of the table cannot be learned from: ${d.problem}.`,
  ),
  TRAINING_DIVERGED: entry<{ model: string; step: number }>(
    500,
    70,
    (d) =>
      `Training of ${d.model} lost its finite loss at step ${d.step}; lower its learning rate.`,
  ),
} as const satisfies Record<string, ErrorEntry<never>>;

export type ErrorCode = keyof typeof errorCatalogue;
export const errorCodeSchema = z.enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]]);

type Details<C extends ErrorCode> = Parameters<(typeof errorCatalogue)[C]['message']>[0];

/** An operating error: something a user or operator can understand and act on. */
export class ForecastError extends Error {
  override readonly name = 'ForecastError';
  constructor(
    readonly code: ErrorCode,
    readonly details: Readonly<Record<string, unknown>>,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
  get exitCode(): number {
    return errorCatalogue[this.code].exitCode;
  }
  get httpStatus(): number {
    return errorCatalogue[this.code].httpStatus;
  }
}

/** Throws the catalogued error `code`; `cause` keeps what led to it. */
export function fail<C extends ErrorCode>(
  code: C,
  details: Details<C>,
  options?: { cause?: unknown },
): never {
  const message = (errorCatalogue[code].message as (d: Details<C>) => string)(details);
  throw new ForecastError(code, { ...details }, message, options);
}

/** Whether `error` is an operating error, of `code` if given. */
export function isForecastError(error: unknown, code?: ErrorCode): error is ForecastError {
  return error instanceof ForecastError && (code === undefined || error.code === code);
}

/** Checks what only a programmer can get wrong; never caught. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${message}`);
}
