/** State as plain JSON that keeps every number exactly and turns no text into an object: what goes in comes back, as data. */
import { fail } from '../../state/errors.ts';

/**
 * JSON has no NaN, infinities or negative zero; they are written as these strings, and a genuine string that begins with
 * the mark gets one mark more, so that no two values share a text.
 */
const mark = '~';
const namedNumbers = new Map([
  ['~NaN', Number.NaN],
  ['~Infinity', Number.POSITIVE_INFINITY],
  ['~-Infinity', Number.NEGATIVE_INFINITY],
  ['~-0', -0],
]);

/** Classes that LangGraph itself puts into a checkpoint; it knows them again by the properties they are written as. */
const carriers = new Set(['Send', 'Overwrite', 'DeltaSnapshot']);

const maximumDepth = 1000;

type PlainRecord = Record<string, unknown>;

/** The way from the root to the value at hand: names for the message, objects to notice a cycle. */
interface Trail {
  readonly names: (string | number)[];
  readonly open: object[];
}

/**
 * The JSON text of `value`, called `root` in messages. Undefined properties are dropped, as JSON does. Error:
 * STATE_NOT_PLAIN, naming the path, for what JSON would change: dates, typed arrays, maps, class instances, functions,
 * bigints, symbols, undefined in arrays, cycles.
 */
export function encodeState(value: unknown, root: string): string {
  return JSON.stringify(toJson(value, { names: [root], open: [] }));
}

/** The value that `encodeState` was given. Error: STORE_CORRUPT, naming `store`, for a text that it cannot have written. */
export function decodeState(json: string, store: string): unknown {
  const value = parse(json, store);
  return json.includes(`"${mark}`) ? fromJson(value, store) : value;
}

/** Returns the very same object where nothing in it needs other words, so that most state is never copied. */
function toJson(value: unknown, trail: Trail): unknown {
  switch (typeof value) {
    case 'string':
      return value.startsWith(mark) ? mark + value : value;
    case 'number':
      return nameNumber(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : objectToJson(value, trail);
    default:
      return refuse(trail, typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`);
  }
}

function nameNumber(value: number): number | string {
  if (Object.is(value, -0)) return '~-0';
  return Number.isFinite(value) ? value : mark + String(value);
}

function objectToJson(value: object, trail: Trail): unknown {
  if (trail.open.includes(value)) refuse(trail, 'a reference to an object around it');
  if (trail.open.length === maximumDepth) refuse(trail, `more than ${maximumDepth} nested levels`);
  trail.open.push(value);
  const json = Array.isArray(value) ? listToJson(value, trail) : recordToJson(value, trail);
  trail.open.pop();
  return json;
}

function listToJson(list: readonly unknown[], trail: Trail): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const item = list[i];
    trail.names.push(i);
    const json = toJson(item, trail);
    trail.names.pop();
    if (json === item) continue;
    copy ??= list.slice();
    copy[i] = json;
  }
  return copy ?? list;
}

function recordToJson(value: object, trail: Trail): PlainRecord {
  const record = value as PlainRecord;
  let copy = isPlain(record, trail) ? undefined : copyOf(record);
  for (const name of Object.keys(record)) {
    const item = record[name];
    if (item === undefined) continue;
    trail.names.push(name);
    const json = toJson(item, trail);
    trail.names.pop();
    if (json === item) continue;
    copy ??= copyOf(record);
    copy[name] = json;
  }
  return copy ?? record;
}

/** Whether `record` is an object literal; false for one of LangGraph's carriers; anything else is refused. */
function isPlain(record: PlainRecord, trail: Trail): boolean {
  const prototype: unknown = Object.getPrototypeOf(record);
  if (Object.getOwnPropertySymbols(record).length > 0)
    refuse(trail, 'a property named by a symbol');
  if (prototype === Object.prototype || prototype === null) return true;
  const carrier = Object.hasOwn(record, 'lg_name') ? record['lg_name'] : undefined;
  if (typeof carrier === 'string' && carriers.has(carrier)) return false;
  const { constructor } = record;
  return refuse(
    trail,
    `an instance of ${typeof constructor === 'function' ? constructor.name : 'a class'}`,
  );
}

/** Own properties alone, `__proto__` among them, which an assignment to a new object would lose. */
function copyOf(record: PlainRecord): PlainRecord {
  return Object.fromEntries(Object.entries(record));
}

function refuse({ names: [root, ...names] }: Trail, found: string): never {
  const steps = names.map((name) => (typeof name === 'number' ? `[${name}]` : `.${name}`));
  return fail('STATE_NOT_PLAIN', { path: `${root}${steps.join('')}`, found });
}

function parse(json: string, store: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    return corrupt(store, (error as Error).message, error);
  }
}

/** Replaces the escaped strings in a freshly parsed value, in place. */
function fromJson(value: unknown, store: string): unknown {
  if (typeof value === 'string') return value.startsWith(mark) ? unescape(value, store) : value;
  if (typeof value !== 'object' || value === null) return value;
  const record = value as PlainRecord;
  for (const name of Object.keys(record)) {
    const item = record[name];
    const restored = fromJson(item, store);
    // The property exists, so that even `__proto__` is set as the data that it is.
    if (restored !== item) record[name] = restored;
  }
  return value;
}

function unescape(text: string, store: string): string | number {
  if (text.startsWith(mark + mark)) return text.slice(mark.length);
  return namedNumbers.get(text) ?? corrupt(store, `unknown escape ${text.slice(0, 20)}`);
}

function corrupt(store: string, problem: string, cause?: unknown): never {
  return fail(
    'STORE_CORRUPT',
    { path: store, problem: `a stored state is no state text: ${problem}` },
    { cause },
  );
}
