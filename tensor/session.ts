/**
 * Sessions: ONNX models loaded into ONNX Runtime, each in a worker thread of its own, because the runtime's Node
 * binding computes inside the calling thread and would stop that thread's event loop for as long.
 */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { assert } from '../state/errors.ts';
import type { Feed } from './values.ts';

/** A loaded model. */
export interface Session {
  /** Computes all outputs of the model; what a run fails of is the model's or the caller's fault, not a user's. */
  run(feeds: Readonly<Record<string, Feed>>): Promise<Record<string, Feed>>;
  /** Frees the model; no run may be under way or follow. */
  release(): Promise<void>;
}

/** How a model is run. */
export interface SessionOptions {
  /** Threads that one run may use; all processors unless given. */
  readonly threads?: number;
  /** Inputs whose arrays stay in the session: an array object that was sent last time is not sent again. */
  readonly kept?: readonly string[];
}

type Request =
  | { readonly kind: 'load'; readonly model: Uint8Array; readonly threads: number }
  | {
      readonly kind: 'run';
      readonly feeds: Readonly<Record<string, Feed>>;
      /** Names of `feeds` to keep, and names to take from what was kept. */
      readonly keep: readonly string[];
      readonly stored: readonly string[];
    }
  | { readonly kind: 'release' };

type Reply = { readonly outputs: Record<string, Feed> } | { readonly error: string };

/** A worker thread that answers one request after the other. */
interface Host {
  request(request: Request): Promise<Record<string, Feed>>;
}

/** Hosts without a session; starting one costs far more than keeping it. */
const idleHosts: Host[] = [];

/** Loads `model`, the bytes of an ONNX file. */
export async function createSession(
  model: Uint8Array,
  { threads = availableParallelism(), kept = [] }: SessionOptions = {},
): Promise<Session> {
  const host = idleHosts.pop() ?? startHost();
  const sent = new Map<string, Feed['data']>();
  let released = false;
  await host.request({ kind: 'load', model, threads }).catch((error: unknown) => {
    idleHosts.push(host);
    throw error;
  });
  return {
    run(feeds) {
      assert(!released, 'a released session does not run');
      const stored = kept.filter((name) => sent.get(name) === feeds[name]?.data);
      const keep = kept.filter((name) => !stored.includes(name));
      for (const name of keep) sent.set(name, feeds[name]!.data);
      const others = Object.entries(feeds).filter(([name]) => !stored.includes(name));
      return host.request({ kind: 'run', feeds: Object.fromEntries(others), keep, stored });
    },
    async release() {
      assert(!released, 'a session is released once');
      released = true;
      await host.request({ kind: 'release' });
      idleHosts.push(host);
    },
  };
}

/** Starts a worker thread, which keeps the process alive only while a request waits for its reply. */
function startHost(): Host {
  const runtime = createRequire(import.meta.url).resolve('onnxruntime-node');
  const worker = new Worker(`(${serve.toString()})()`, { eval: true, workerData: runtime });
  const waiting: { resolve(outputs: Record<string, Feed>): void; reject(error: Error): void }[] =
    [];
  let failure: Error | undefined;
  worker.unref();
  worker.on('message', (reply: Reply) => {
    const first = waiting.shift()!;
    if (waiting.length === 0) worker.unref();
    if ('error' in reply) first.reject(new Error(reply.error));
    else first.resolve(reply.outputs);
  });
  worker.on('error', (error) => {
    failure = error;
  });
  worker.on('exit', (code) => {
    failure ??= new Error(`the thread that runs the model ended with code ${code}`);
    for (const { reject } of waiting.splice(0)) reject(failure);
  });
  return {
    request: (request) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        waiting.push({ resolve, reject });
        worker.ref();
        worker.postMessage(request);
      }),
  };
}

/** What runs in the worker, from its source text: nothing outside this function exists there. */
function serve(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const load = process.getBuiltinModule('node:module').createRequire(workerData as string);
  const { InferenceSession, Tensor } = load(
    workerData as string,
  ) as typeof import('onnxruntime-node');
  const port = parentPort!;
  const store = new Map<string, Feed>();
  let session: Awaited<ReturnType<typeof InferenceSession.create>> | undefined;
  let last = Promise.resolve();
  const answer = async (request: Request): Promise<Record<string, Feed>> => {
    const outputs: Record<string, Feed> = {};
    if (request.kind === 'load') {
      session = await InferenceSession.create(request.model, {
        intraOpNumThreads: request.threads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
        extra: {
          session: {
            // Numbers below 1e-38, into which the moments of unused parameters decay, are slow to compute with.
            set_denormal_as_zero: '1',
            // Threads spin a little between two parts of a run: on an idle machine all but a tenth of the speed of
            // spinning on, on a busy one two to three times that speed. After a run they do not spin.
            intra_op: { spin_duration_us: '30' },
            force_spinning_stop: '1',
          },
        },
      });
    } else if (request.kind === 'release') {
      store.clear();
      await session!.release();
      session = undefined;
    } else {
      const feeds: Record<string, InstanceType<typeof Tensor>> = {};
      for (const name of request.keep) store.set(name, request.feeds[name]!);
      for (const name of [...Object.keys(request.feeds), ...request.stored]) {
        const { data, shape } = request.feeds[name] ?? store.get(name)!;
        if (data instanceof Float32Array) feeds[name] = new Tensor('float32', data, shape);
        else if (data instanceof BigInt64Array) feeds[name] = new Tensor('int64', data, shape);
        else feeds[name] = new Tensor('bool', data, shape);
      }
      for (const [name, tensor] of Object.entries(await session!.run(feeds))) {
        outputs[name] = { data: tensor.data as Feed['data'], shape: tensor.dims };
      }
    }
    return outputs;
  };
  // One request at a time, in the order in which they came.
  port.on('message', (request: Request) => {
    last = last
      .then(() => answer(request))
      .then(
        (outputs) => port.postMessage({ outputs }),
        (error: unknown) => port.postMessage({ error: String(error) }),
      );
  });
}
