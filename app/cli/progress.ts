/** What is shown while a run works: one line per important event, and on a terminal a live line below them. */
import ora from 'ora';
import { z } from 'zod';
import { decisionSchema } from '../../state/decision.ts';
import type { EventName, LogLine } from '../../state/events.ts';
import { renderPreview } from './render/preview.ts';
import type { Style } from './render/style.ts';
import { formatCount, formatNumber, wrap } from './render/wording.ts';

/** A listener for events of a run. */
export interface Progress {
  onEvent(line: LogLine): void;
  /** Takes a live line away; nothing is shown afterwards. */
  stop(): void;
}

/** Where lines go, and whether a live line may be drawn on `terminal`. */
export interface ProgressTarget {
  readonly style: Style;
  print(text: string): void;
  readonly terminal: NodeJS.WriteStream | undefined;
}

/** Plain lines, and a live one if the target has a terminal. */
export function createProgress({ style, print, terminal }: ProgressTarget): Progress {
  const spinner = terminal
    ? ora({ stream: terminal, discardStdin: false, text: 'starting' }).start()
    : undefined;
  return {
    onEvent(line) {
      const activity = describeActivity(line);
      if (spinner && activity !== '') spinner.text = activity.slice(0, style.width - 4);
      const text = describeEvent(line, style);
      if (text === '') return;
      spinner?.clear();
      print(text);
      spinner?.render();
    },
    stop() {
      spinner?.stop();
    },
  };
}

/** Says one event; an event whose fields are not as expected is said by nothing rather than wrongly. */
type Sayings = { readonly [E in EventName]?: (line: LogLine, style: Style) => string };

const saying =
  <S extends z.ZodType>(schema: S, say: (fields: z.output<S>, style: Style) => string) =>
  (line: LogLine, style: Style): string => {
    const parsed = schema.safeParse(line);
    return parsed.success ? say(parsed.data, style) : '';
  };

const numbers = z.array(z.number());
const previewFields = z.object({
  preview: z.array(
    z.object({
      id: z.string(),
      model: z.string(),
      history: numbers,
      times: z.array(z.string()).catch([]),
      forecast: numbers,
      lower80: numbers.default([]),
      upper80: numbers.default([]),
    }),
  ),
});

/** A fork starts with the decisions that it inherits; they were told by the run that made them. */
const decisionFields = z.object({
  decision: decisionSchema,
  inherited: z.boolean().default(false),
});

/** Events that get lines of their own. */
const lines: Sayings = {
  'run-started': saying(
    z.object({ run: z.string() }),
    ({ run }) =>
      `Run ${run} has begun; if interrupted, continue it with: agentic-forecast resume ${run}`,
  ),
  'run-resumed': saying(z.object({ run: z.string() }), ({ run }) => `Run ${run} continues.`),
  'run-forked': saying(
    z.object({ run: z.string(), from: z.string(), at: z.string(), choose: z.string() }),
    ({ run, from, at, choose }) => `Run ${run} is a fork of ${from} at ${at}: ${choose}`,
  ),
  'panel-loaded': saying(
    z.object({ series: z.number(), observations: z.number(), frequency: z.string() }),
    ({ series, observations, frequency }) =>
      `Loaded ${formatCount(series, 'series', 'series')} with ${formatCount(observations, 'observation')}, frequency ${frequency}.`,
  ),
  'repair-made': saying(z.object({ detail: z.string() }), ({ detail }) => `Input: ${detail}`),
  'baseline-forecast-ready': saying(previewFields, ({ preview }, style) =>
    preview.length === 0
      ? ''
      : `\n${style.paint('bold', 'A first quick forecast; better ones follow')}\n${renderPreview(preview, style, 3)}\n`,
  ),
  'decision-made': saying(decisionFields, ({ decision, inherited }, style) => {
    if (inherited) return '';
    const { agent, action, reason } = decision;
    const actor = agent === 'orchestrator' ? 'orchestrator →' : `${agent}:`;
    return `${style.paint('cyan', actor)} ${action}\n${wrap(reason, style.width, '    ')}`;
  }),
  'training-resumed': saying(
    z.object({ model: z.string(), step: z.number() }),
    ({ model, step }) => `Training of ${model} continues at step ${step}.`,
  ),
  'model-published': saying(
    z.object({ model: z.string(), version: z.number() }),
    ({ model, version }) => `Registered ${model} version ${version}.`,
  ),
};

/** Events that only change the live line. */
const activities: Sayings = {
  'agent-started': saying(z.object({ agent: z.string() }), ({ agent }) => `${agent} is at work`),
  'trial-finished': saying(
    z.object({ trial: z.number(), score: z.number().nullable() }),
    ({ trial, score }) =>
      `hyperparameter-search: trial ${trial + 1} ${score === null ? 'failed' : `scored ${formatNumber(score)}`}`,
  ),
  'training-progressed': saying(
    z.object({ model: z.string(), step: z.number(), maxSteps: z.number(), loss: z.number() }),
    ({ model, step, maxSteps, loss }) =>
      `training ${model}: step ${step} of at most ${maxSteps}, loss ${formatNumber(loss)}`,
  ),
  'classification-progressed': saying(
    z.object({ model: z.string(), done: z.number(), total: z.number() }),
    ({ model, done, total }) => `classify: ${model} is judged, ${done} of ${total}`,
  ),
  'backtest-progressed': saying(
    z.object({ model: z.string(), done: z.number(), total: z.number() }),
    ({ model, done, total }) => `backtest: ${model}, window ${done} of ${total} in all`,
  ),
};

/** The lines that an event is worth, or '' for none. */
export function describeEvent(line: LogLine, style: Style): string {
  return lines[line.event]?.(line, style) ?? '';
}

/** What the live line says after an event, or '' if it keeps what it says. */
export function describeActivity(line: LogLine): string {
  const plain: Style = { width: 100, paint: (_, text) => text };
  return activities[line.event]?.(line, plain) ?? '';
}
