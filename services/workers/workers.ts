/** Workers: threads for computations in JavaScript, which would otherwise stop the event loop that keeps leases alive. */
import { Piscina } from 'piscina';
import { errorCodeSchema, ForecastError } from '../../state/errors.ts';
import type { JobArguments, JobName, JobResult } from './jobs.ts';
import type { Outcome } from './worker.ts';

/** Runs jobs on other threads. */
export interface Workers {
  /** How many jobs run at once. */
  readonly threads: number;
  /**
   * Runs a job on the next free thread; arguments and result are copied. What a job throws is thrown here. An aborted
   * signal takes it off the queue, or ends its thread in the middle of the work.
   */
  run<N extends JobName>(
    name: N,
    argument: JobArguments<N>,
    signal?: AbortSignal,
  ): Promise<JobResult<N>>;
  /** Ends all threads. */
  close(): Promise<void>;
}

/** Threads without work end after so long. */
const idleMs = 5000;

/** A pool, and what rejects when one of its threads cannot even start: the jobs that wait for it would wait for ever. */
interface Pool {
  readonly piscina: Piscina;
  readonly broken: Promise<never>;
}

/** At most `threads` threads, started when there is work for them. */
export function createWorkers({ threads }: { threads: number }): Workers {
  let pool: Pool | undefined;
  const start = (): Pool => {
    const piscina = new Piscina({
      filename: compiled('worker').href,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: idleMs,
    });
    const broken = new Promise<never>((_, reject) => {
      piscina.on('error', (error: Error) => {
        pool = undefined;
        reject(error);
      });
    });
    // Whoever waits for a job hears of it; if nobody does, nothing is lost.
    broken.catch(() => undefined);
    return { piscina, broken };
  };
  return {
    threads,
    async run<N extends JobName>(
      name: N,
      argument: JobArguments<N>,
      signal?: AbortSignal,
    ): Promise<JobResult<N>> {
      pool ??= start();
      const options = { name: 'work', ...(signal && { signal }) };
      const done: Promise<Outcome<JobResult<N>>> = pool.piscina.run({ name, argument }, options);
      const outcome: Outcome<JobResult<N>> = await Promise.race([done, pool.broken]);
      return 'failure' in outcome ? raise(outcome.failure) : outcome.result;
    },
    async close() {
      const open = pool;
      pool = undefined;
      await open?.piscina.destroy();
    },
  };
}

/** Throws here what was thrown on the thread. */
function raise({
  known,
  message,
  stack,
}: Extract<Outcome<unknown>, { failure: unknown }>['failure']): never {
  if (known) throw new ForecastError(errorCodeSchema.parse(known.code), known.details, message);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  throw error;
}

/** A file of this folder as JavaScript; threads cannot load TypeScript, so from the sources the build's file is taken. */
function compiled(name: string): URL {
  const fromSource = import.meta.url.endsWith('.ts');
  return new URL(
    fromSource ? `../../dist/services/workers/${name}.js` : `./${name}.js`,
    import.meta.url,
  );
}
