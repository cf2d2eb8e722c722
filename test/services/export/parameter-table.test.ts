/** The table of parameters: a row a series, a column a parameter, whatever each fit has. */
import { expect, it } from 'vitest';
import { formatParameters } from '../../../services/export/parameter-table.ts';

it('has a column for every parameter of any series, and quotes what has to be', () => {
  const text = formatParameters(
    ['a', 'b, "c"', 'd'],
    [{ kind: 'ETS(A,N,N)', alpha: 0.1 }, { kind: 'mean', reason: 'short' }, {}],
  );
  expect(text).toBe(
    'unique_id,kind,alpha,reason\na,"ETS(A,N,N)",0.1,\n"b, ""c""",mean,,short\nd,,,\n',
  );
  expect(formatParameters([], [])).toBe('unique_id\n');
});
