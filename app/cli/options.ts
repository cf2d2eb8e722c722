/** Command-line options derived from a schema: one function, no second list of flags. */
import { Option } from 'commander';
import type { z } from 'zod';
import {
  describeIssue,
  flagName,
  numberOrText,
  type Setting,
  settingsOf,
} from '../../services/config/settings.ts';
import { fail, isForecastError } from '../../state/errors.ts';

const placeholders: Readonly<Record<Setting['kind'], string>> = {
  number: ' <number>',
  list: ' <list>',
  text: ' <text>',
  choice: ' <word>',
  boolean: '',
};

/**
 * One option for every key of `schema`: kebab-case flag, description with choices and default, numbers parsed.
 * Defaults are shown and not filled in, and missing keys not complained of: the schema does both. `positional` keys are given without a flag.
 */
export function optionsFromSchema(
  schema: z.ZodObject,
  positional: readonly string[] = [],
): Option[] {
  return settingsOf(schema)
    .filter(({ key }) => !positional.includes(key))
    .map((setting) => {
      const flags = `${flagName(setting.key)}${placeholders[setting.kind]}`;
      const option = new Option(flags, describe(setting));
      if (setting.kind === 'number') return option.argParser(numberOrText);
      return setting.kind === 'list' ? option.argParser(lengthened) : option;
    });
}

/** A list flag that is given again adds to its list. */
const lengthened = (value: string, before: unknown): string =>
  typeof before === 'string' ? `${before},${value}` : value;

function describe({ description, choices, defaultText, required }: Setting): string {
  const remarks = [
    ...(choices.length > 0 ? [`one of ${choices.join(', ')}`] : []),
    ...(defaultText === undefined ? [] : [`default: ${defaultText}`]),
    ...(required ? ['required'] : []),
  ];
  return remarks.length > 0 ? `${description} (${remarks.join('; ')})` : description;
}

/** The description of one key, for a positional argument. */
export function describeKey(schema: z.ZodObject, key: string): string {
  return settingsOf(schema).find((setting) => setting.key === key)?.description ?? '';
}

/** `input` checked by `schema`; OPTION_INVALID names the flag, or the positional argument, of the first problem. */
export function parseInput<S extends z.ZodObject>(
  schema: S,
  input: unknown,
  positional: readonly string[] = [],
): z.output<S> {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const key = asTyped(String(issue.path[0]), positional);
  return fail('OPTION_INVALID', { key, problem: `${describeIssue(issue)}.` });
}

/** Throws `error` again; one of the library that names a key of `schema` names the flag or the positional argument instead. */
export function rethrowAsTyped(
  error: unknown,
  schema: z.ZodObject,
  positional: readonly string[] = [],
): never {
  if (!isForecastError(error, 'OPTION_INVALID')) throw error;
  const { key, problem } = error.details;
  if (!(String(key) in schema.shape)) throw error;
  const named = { key: asTyped(String(key), positional), problem: String(problem) };
  return fail('OPTION_INVALID', named, { cause: error });
}

const asTyped = (key: string, positional: readonly string[]): string =>
  positional.includes(key) ? `<${key}>` : flagName(key);
