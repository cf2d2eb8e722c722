/** Tables of figures over the steps of a horizon. */
import type { Style } from './style.ts';
import { renderTable } from './table.ts';
import { formatColumn, formatCount, formatTime } from './wording.ts';

/** Steps that are shown of a long horizon; JSON has all of them. */
const mostSteps = 24;

/** One figure a step. */
export interface StepColumn {
  readonly name: string;
  readonly values: readonly number[];
}

/** One row a step, at most 26; the columns of a group have one scale, and as many decimals. */
export function stepTable(
  times: readonly string[],
  groups: readonly (readonly StepColumn[])[],
  style: Style,
): string {
  const steps = times.length <= mostSteps + 2 ? times.length : mostSteps;
  const columns = groups.flat();
  const cells = groups.flatMap((group) => {
    const texts = formatColumn(group.flatMap(({ values }) => values.slice(0, steps)));
    return group.map((_, i) => texts.slice(i * steps, (i + 1) * steps));
  });
  const rows = times
    .slice(0, steps)
    .map((time, step) => [formatTime(time), ...cells.map((column) => column[step]!)]);
  const heads = columns.map(({ name }) => ({ head: name, align: 'right' as const }));
  const more = times.length - steps;
  const rest = more > 0 ? `\n  and ${formatCount(more, 'more step')}, which --json prints` : '';
  return `${renderTable([{ head: 'time' }, ...heads], rows, style)}${rest}`;
}
