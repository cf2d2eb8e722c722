/** Worker: the thread's side of the workers, which does the job that it is asked for. */
import { isForecastError } from '../../state/errors.ts';
import { type JobArguments, type JobName, jobs, type JobResult } from './jobs.ts';

/** What a job came to; errors are taken apart, as a copy between threads would leave out all but their text. */
export type Outcome<R> =
  | { readonly result: R }
  | {
      readonly failure: {
        /** Code and details of an error of the catalogue. */
        readonly known?: { readonly code: string; readonly details: Record<string, unknown> };
        readonly message: string;
        readonly stack: string | undefined;
      };
    };

/** Runs one job. */
export function work<N extends JobName>({
  name,
  argument,
}: {
  name: N;
  argument: JobArguments<N>;
}): Outcome<JobResult<N>> {
  const job = jobs[name] as (argument: JobArguments<N>) => JobResult<N>;
  try {
    return { result: job(argument) };
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const known = isForecastError(error)
      ? { known: { code: error.code, details: { ...error.details } } }
      : {};
    return { failure: { ...known, message, stack } };
  }
}
