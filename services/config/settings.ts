/** Reads a zod object schema as a list of settings, so that flags, variables and tables are derived and never retyped. */
import { z } from 'zod';

/** One key of a schema, as help texts, environment variables and tables need it. */
export interface Setting {
  readonly key: string;
  /** What a person types; `list` is comma-separated text. */
  readonly kind: 'number' | 'boolean' | 'choice' | 'list' | 'text';
  /** The words of a `choice`, otherwise empty. */
  readonly choices: readonly string[];
  readonly description: string;
  readonly required: boolean;
  /** The default in words, or undefined if there is none. */
  readonly defaultText: string | undefined;
}

interface PropertySchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly PropertySchema[];
  readonly description?: string;
  readonly default?: unknown;
  readonly defaultText?: string;
}

/** The settings of `schema` in the order of its keys; a key's `.meta({ defaultText })` words a default that varies. */
export function settingsOf(schema: z.ZodObject): readonly Setting[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as { properties?: Record<string, PropertySchema>; required?: readonly string[] };
  return Object.entries(properties).map(([key, property]) => ({
    key,
    kind: kindOf(property),
    choices: property.enum ?? [],
    description: property.description ?? '',
    required: required.includes(key),
    defaultText:
      property.defaultText ??
      (property.default === undefined ? undefined : wordsOf(property.default)),
  }));
}

function wordsOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function kindOf(property: PropertySchema): Setting['kind'] {
  if (property.enum) return 'choice';
  if (property.anyOf?.some((branch) => branch.type === 'array')) return 'list';
  if (property.type === 'number' || property.type === 'integer') return 'number';
  return property.type === 'boolean' ? 'boolean' : 'text';
}

/** `timeLimit` -> `--time-limit`. */
export function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `dataDir` -> `AGENTIC_FORECAST_DATA_DIR`. */
export function variableName(key: string): string {
  return `AGENTIC_FORECAST_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The number that `text` spells, or `text` itself so that a schema can complain about it. */
export function numberOrText(text: string): number | string {
  const value = Number(text);
  return text.trim() === '' || Number.isNaN(value) ? text : value;
}

/** What is wrong with one value, as the rest of a sentence that began with its key; `issue` must carry its input. */
export function describeIssue(issue: z.core.$ZodIssue): string {
  const got = issue.input === undefined ? '' : `, not ${JSON.stringify(issue.input)}`;
  if (issue.code === 'too_small' || issue.code === 'too_big') return describeRange(issue) + got;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}${got}`;
  if (issue.code !== 'invalid_type') return issue.message;
  if (issue.input === undefined) return 'is missing';
  return `must be ${typeWords[issue.expected] ?? issue.expected}${got}`;
}

const typeWords: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
};

function describeRange(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [bound, words] =
    issue.code === 'too_small'
      ? [issue.minimum, issue.inclusive ? 'at least' : 'more than']
      : [issue.maximum, issue.inclusive ? 'at most' : 'less than'];
  if (issue.origin === 'string' && bound === 1) return 'must not be empty';
  return `must be ${words} ${bound}`;
}
