/** The exogenous columns that a request names, found in the file and checked against what else its columns are. */
import { fail } from '../../state/errors.ts';
import type { NamedExogenous } from '../../state/request.ts';
import { shownCell } from './cell-text.ts';
import { findColumn, type Layout } from './layout.ts';
import type { SourceColumn } from './source.ts';

/** What a column is beside the target. */
export type ExogenousRole = 'future' | 'historical' | 'static';

/** A column of the file in its role. */
export interface ExogenousSource {
  readonly role: ExogenousRole;
  readonly column: SourceColumn;
}

const roles = ['future', 'historical', 'static'] as const;

/** The columns by role, in the order of the request. Fails with COLUMN_MISSING, or OPTION_INVALID where one is named twice. */
export function findExogenous(
  columns: readonly SourceColumn[],
  request: NamedExogenous,
): readonly ExogenousSource[] {
  const found = roles.flatMap((role) =>
    (request[role] ?? []).map((name) => ({
      role,
      column: findColumn(columns, name.trim(), `${role} columns`),
    })),
  );
  for (const [k, { role, column }] of found.entries()) {
    const first = found.findIndex((other) => other.column === column);
    const other = found[first]!.role;
    if (first < k) {
      const name = shownCell(column.name);
      const problem =
        other === role ? `names "${name}" twice` : `names "${name}", which is also named ${other}`;
      fail('OPTION_INVALID', { key: role, problem: `${problem}.` });
    }
  }
  if (request.futureData !== undefined && !found.some(({ role }) => role === 'future')) {
    const problem = 'gives future columns, and none is named; name them with --future.';
    fail('OPTION_INVALID', { key: 'futureData', problem });
  }
  return found;
}

/** The layout, if it has rows that the columns belong to; fails with OPTION_INVALID if not, or if one is something else already. */
export function checkExogenous(
  layout: Layout,
  exogenous: readonly ExogenousSource[],
): asserts layout is Extract<Layout, { kind: 'long' }> {
  const [first] = exogenous;
  if (layout.kind !== 'long') {
    const what = layout.kind === 'wide' ? 'one series a column' : 'one series a row';
    const problem = `a file with ${what} has no columns beside the target; bring it into the long format, or name the one column to forecast with --target.`;
    return fail('OPTION_INVALID', { key: first?.role ?? 'future', problem });
  }
  const { ids, time, target } = layout;
  for (const { role, column } of exogenous) {
    const use =
      column === target
        ? 'the target'
        : column === time
          ? 'the time'
          : ids.includes(column) && role !== 'static'
            ? 'a series id'
            : undefined;
    if (use !== undefined) {
      const problem = `"${shownCell(column.name)}" is ${use} and cannot be a ${role} column too.`;
      fail('OPTION_INVALID', { key: role, problem });
    }
  }
}
