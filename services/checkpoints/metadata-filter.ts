/** Filters on checkpoint metadata: keys from a strict grammar, applied here and never written into SQL. */
import { isDeepStrictEqual } from 'node:util';
import { fail } from '../../state/errors.ts';

const keyPattern = /^\w+(\.\w+)*$/;

/**
 * Makes the test for `filter`: every key must lead to an equal value; dots step into nested objects. Error:
 * CHECKPOINT_FILTER_INVALID for a key outside the grammar or a value that is undefined, since ignoring either would
 * return what was meant to be left out.
 */
export function createMetadataFilter(
  filter: Readonly<Record<string, unknown>> | undefined,
): (metadata: unknown) => boolean {
  const wanted = Object.entries(filter ?? {}).map(([key, value]) => {
    if (!keyPattern.test(key) || value === undefined) fail('CHECKPOINT_FILTER_INVALID', { key });
    return { steps: key.split('.'), value };
  });
  return (metadata) =>
    wanted.every(({ steps, value }) => isDeepStrictEqual(steps.reduce(step, metadata), value));
}

/** Own properties only: `constructor` is no metadata. */
function step(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
