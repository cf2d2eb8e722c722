/** What a backtest and a classification share: data studied without a run, its season, its progress, its end and its files. */
import { join } from 'node:path';
import type { RunOptions } from '../graphs/drive.ts';
import { formatFrequency } from '../series/frequency.ts';
import type { Panel } from '../series/panel.ts';
import { writeFileAtomic } from '../services/artifacts/atomic-file.ts';
import type { Services } from '../services/index.ts';
import { fail } from '../state/errors.ts';
import type { Emit } from '../state/events.ts';
import { type RunRequest, runRequestSchema } from '../state/request.ts';

/** The part of a request that is about data and files. */
export interface StudyRequest
  extends Pick<RunRequest, 'data' | 'horizon' | 'frequency' | 'id' | 'time' | 'target' | 'out'> {
  readonly season?: number | undefined;
}

/** What every summary of a study says. */
export interface StudyFacts {
  readonly data: string;
  readonly frequency: string;
  readonly series: number;
  readonly observations: number;
  readonly repairs: readonly string[];
  /** Folder of the written files, null if none was named. */
  readonly out: string | null;
}

/** How a study is told of. */
interface StudyNames {
  /** What its events carry in place of a run. */
  readonly run: string;
  readonly stopped: 'BACKTEST_STOPPED' | 'CLASSIFICATION_STOPPED';
}

/** Data that has been read, and how to go on with it. */
export interface Study {
  readonly panel: Panel;
  /** Address of the stored panel. */
  readonly uri: string;
  /** Length of the longest series. */
  readonly longest: number;
  readonly facts: StudyFacts;
  readonly emit: Emit;
  /** The season asked for, or those found in what lies before the last `judged` steps. */
  seasons(judged: number): { readonly season: number; readonly seasons: readonly number[] };
  /** `work`; after an abort its failure is that it was stopped. */
  untilStopped<T>(work: Promise<T>): Promise<T>;
  /** Writes files by name, the last one last, if a folder was named. */
  deliver(files: Readonly<Record<string, string>>): Promise<void>;
}

/** Reads and stores what `request` names. Errors: those of reading data. */
export async function openStudy(
  services: Services,
  request: StudyRequest,
  { run, stopped }: StudyNames,
  { signal, onEvent }: RunOptions,
): Promise<Study> {
  const { data, horizon, frequency, id, time, target, season, out } = request;
  const stored = await services.panels.ingest(
    runRequestSchema.parse({ data, horizon, frequency, id, time, target }),
  );
  const panel = await services.panels.get(stored.uri);
  return {
    panel,
    uri: stored.uri,
    longest: stored.longest,
    facts: {
      data,
      frequency: formatFrequency(panel.frequency),
      series: stored.series,
      observations: stored.observations,
      repairs: stored.repairs.map(({ detail }) => detail),
      out: out ?? null,
    },
    emit: (event, fields) =>
      onEvent?.({
        level: 'info',
        time: new Date(services.clock()).toISOString(),
        event,
        run,
        ...fields,
      }),
    seasons: (judged) =>
      season === undefined
        ? services.spectral.detectSeason(panel, judged)
        : { season, seasons: [season] },
    untilStopped: (work) =>
      work.catch((error: unknown) => {
        if (signal?.aborted === true) fail(stopped, { data }, { cause: error });
        throw error;
      }),
    async deliver(files) {
      if (out === undefined) return;
      for (const [name, text] of Object.entries(files)) {
        await writeFileAtomic(join(out, name), text);
      }
    },
  };
}
