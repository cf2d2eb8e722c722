/** Loads text or bytes as if they were a file of a user. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDatasets,
  type LoadedData,
  type LoadRequest,
} from '../../../services/datasets/datasets.ts';
import { formatFrequency } from '../../../series/frequency.ts';
import { seriesTimes, seriesValues } from '../../../series/panel.ts';
import { ForecastError } from '../../../state/errors.ts';

/** Reads `content` from a file called `name`. */
export async function loadText(
  content: string | Uint8Array,
  request: Partial<LoadRequest> = {},
  name = 'input.csv',
): Promise<LoadedData> {
  const folder = mkdtempSync(join(tmpdir(), 'agentic-forecast-load-'));
  try {
    const data = join(folder, name);
    writeFileSync(data, content);
    return await createDatasets().load({ ...request, data });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The error that loading ends in: code and message. */
export async function errorOf(load: Promise<unknown>): Promise<{ code: string; message: string }> {
  const outcome = await load.then(
    () => ({ code: 'none', message: 'it loaded' }),
    (error: unknown) => error,
  );
  if (outcome instanceof ForecastError) return { code: outcome.code, message: outcome.message };
  return outcome as { code: string; message: string };
}

/** Ids with their values. */
export function valuesOf({ panel }: LoadedData): Record<string, number[]> {
  return Object.fromEntries(panel.ids.map((id, i) => [id, [...seriesValues(panel, i)]]));
}

/** Times of one series as ISO text, or positions. */
export function timesOf({ panel }: LoadedData, series = 0): (string | number)[] {
  return Array.from(seriesTimes(panel, series), (time) =>
    panel.frequency.unit === 'index' ? time : new Date(time).toISOString().replace(':00.000Z', ''),
  );
}

/** The frequency by name. */
export function frequencyOf({ panel }: LoadedData): string {
  return formatFrequency(panel.frequency);
}

/** Daily rows of one series from the first of January 2020. */
export function dailyRows(values: readonly (number | string)[], id?: string): string {
  return values
    .map((value, day) => {
      const date = new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 10);
      return `${id === undefined ? '' : `${id},`}${date},${value}\n`;
    })
    .join('');
}
