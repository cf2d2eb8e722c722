/** The settings of one installation: schema, defaults, and where each value may come from. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { fail } from '../../state/errors.ts';
import { deviceWishes } from '../compute/device-wish.ts';
import { closestName } from './closest-name.ts';
import { describeIssue, flagName, numberOrText, settingsOf, variableName } from './settings.ts';

/** Every key of the configuration; flags, variables, help and the table in the README derive from it. */
export const configSchema = z.strictObject({
  dataDir: z
    .string()
    .min(1)
    .default('.agentic-forecast')
    .describe('Folder for runs, artifacts, models and logs'),
  threads: z
    .int()
    .min(1)
    .max(256)
    .default(() => Math.min(8, availableParallelism()))
    .describe('Threads for training and inference')
    .meta({ defaultText: 'number of cores, at most 8' }),
  device: z
    .enum(deviceWishes)
    .default('cpu')
    .describe('What trains networks; auto measures the devices and takes the fastest'),
  maxConcurrency: z
    .int()
    .min(1)
    .max(1024)
    .default(8)
    .describe('Workflow branches that may run at the same time'),
});
export type Config = z.infer<typeof configSchema>;

/** Name of the file that is read from the working directory if none is named. */
export const configFileName = 'agentic-forecast.config.json';

/** Where `loadConfig` looks; nothing else is read. */
export interface ConfigSources {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Values from the command line or a caller; undefined ones do not count. */
  readonly flags?: { readonly [K in keyof Config]?: unknown };
  /** A file named explicitly, relative to `cwd`; it must exist. */
  readonly file?: string | undefined;
}

/** A value and the place it came from, in the words of an error message. */
interface Sourced {
  readonly value: unknown;
  readonly source: string;
}

/**
 * The configuration, each key from the first place that has it: flags, environment, file, default.
 * Errors: CONFIG_UNREADABLE for the file, CONFIG_INVALID naming key and source.
 */
export function loadConfig(sources: ConfigSources): Config {
  const values: Record<string, Sourced> = {
    ...fromFile(sources),
    ...fromEnvironment(sources.environment),
    ...fromFlags(sources.flags ?? {}),
  };
  const plain = Object.fromEntries(Object.entries(values).map(([key, { value }]) => [key, value]));
  const parsed = configSchema.safeParse(plain, { reportInput: true });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const key = String(issue.path[0]);
  fail('CONFIG_INVALID', {
    key,
    source: values[key]?.source ?? 'the defaults',
    problem: describeIssue(issue),
  });
}

function fromFlags(flags: Readonly<Record<string, unknown>>): Record<string, Sourced> {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key, { value, source: flagName(key) }]));
}

function fromEnvironment(environment: ConfigSources['environment']): Record<string, Sourced> {
  const values: Record<string, Sourced> = {};
  for (const { key, kind } of settingsOf(configSchema)) {
    const source = variableName(key);
    const text = environment[source];
    if (text === undefined || text === '') continue;
    values[key] = { value: kind === 'number' ? numberOrText(text) : text, source };
  }
  return values;
}

function fromFile({ cwd, file }: ConfigSources): Record<string, Sourced> {
  const path = resolve(cwd, file ?? configFileName);
  if (!existsSync(path)) {
    if (file === undefined) return {};
    fail('CONFIG_UNREADABLE', { path, problem: 'there is no such file.' });
  }
  const known = settingsOf(configSchema).map(({ key }) => key);
  const values: Record<string, Sourced> = {};
  for (const [key, value] of Object.entries(readObject(path))) {
    if (!known.includes(key)) {
      const near = closestName(key, known);
      const problem = `there is no such key; ${near ? `did you mean "${near}"?` : `the keys are ${known.join(', ')}.`}`;
      fail('CONFIG_INVALID', { key, source: path, problem });
    }
    values[key] = { value, source: path };
  }
  const folder = values['dataDir'];
  if (typeof folder?.value === 'string' && folder.value !== '') {
    values['dataDir'] = { ...folder, value: resolve(dirname(path), folder.value) };
  }
  return values;
}

function readObject(path: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const problem = `${(cause as Error).message}; it must be one JSON object.`;
    fail('CONFIG_UNREADABLE', { path, problem }, { cause });
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    fail('CONFIG_UNREADABLE', { path, problem: 'it must be one JSON object.' });
  }
  return content as Record<string, unknown>;
}
