/** Parameter table: what a model that is fitted to each series estimated of each of them, as CSV. */

/** One row a series: its name, and each parameter in a column of its own, empty where the fit of the series has none. */
export function formatParameters(
  ids: readonly string[],
  parameters: readonly Readonly<Record<string, number | string>>[],
): string {
  const names = [...new Set(parameters.flatMap((own) => Object.keys(own)))];
  const rows = ids.map((id, i) => [id, ...names.map((name) => String(parameters[i]![name] ?? ''))]);
  return [['unique_id', ...names], ...rows]
    .map((cells) => `${cells.map(quoted).join(',')}\n`)
    .join('');
}

const needsQuotes = /[",\r\n]/;
const quoted = (text: string): string =>
  needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
