/** Event names of the log, noun-verb, and the shape of one logged line. */
import { z } from 'zod';

/** All events, in the order of a run. */
export const eventNames = [
  'run-recorded',
  'run-started',
  'run-resumed',
  'run-forked',
  'run-finished',
  'run-failed',
  'run-stopped',
  'panel-loaded',
  'repair-made',
  'baseline-forecast-ready',
  'agent-started',
  'agent-finished',
  'decision-made',
  'features-built',
  'drift-measured',
  'trial-finished',
  'training-started',
  'device-chosen',
  'training-progressed',
  'training-resumed',
  'training-finished',
  'model-published',
  'alias-moved',
  'evaluation-finished',
  'forecast-ready',
  'artifact-exported',
  'backtest-progressed',
  'classification-progressed',
] as const;
export const eventNameSchema = z.enum(eventNames);
export type EventName = z.infer<typeof eventNameSchema>;

/** One line of `logs/<run>.jsonl`; further fields depend on the event. */
export const logLineSchema = z.looseObject({
  level: z.string(),
  time: z.iso.datetime(),
  event: eventNameSchema,
  run: z.string(),
});
export type LogLine = z.infer<typeof logLineSchema>;

/** Writes one event to the log of a run and to whoever listens (progress display, streams). */
export type Emit = (event: EventName, fields?: Readonly<Record<string, unknown>>) => void;
