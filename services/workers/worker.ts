/** Worker: the thread's side of the workers, which calls the job that it is asked for. */
import { type JobArguments, type JobName, jobs, type JobResult } from './jobs.ts';

/** Runs one job; what it throws is thrown in the thread that asked. */
export function work<N extends JobName>({
  name,
  argument,
}: {
  name: N;
  argument: JobArguments<N>;
}): JobResult<N> {
  const job = jobs[name] as (argument: JobArguments<N>) => JobResult<N>;
  return job(argument);
}
