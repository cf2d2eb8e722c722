/**
 * Sessions: ONNX models loaded into ONNX Runtime, each in a worker thread of its own, because the runtime's Node
 * binding computes inside the calling thread and would stop that thread's event loop for as long.
 */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { assert } from '../state/errors.ts';
import { input } from './expression.ts';
import { neg } from './functions.ts';
import { emitOnnx } from './onnx.ts';
import { createSpareMemory } from './spare-memory.ts';
import type { Feed } from './values.ts';

/** A loaded model. */
export interface Session {
  /** Computes all outputs of the model; what a run fails of is the model's or the caller's fault, not a user's. */
  run(feeds: Readonly<Record<string, Feed>>): Promise<Record<string, Feed>>;
  /** Frees the model; no run may be under way or follow. */
  release(): Promise<void>;
}

/** Who computes: the processor, or a graphics device through WebGPU (Vulkan, Metal, Direct3D) or CUDA. */
export type Provider = 'cpu' | 'webgpu' | 'cuda';

/** How a model is run. */
export interface SessionOptions {
  /** Threads that one run may use; all processors unless given. */
  readonly threads?: number;
  /** Who computes, the first choice first; the processor takes what the others leave, and is alone unless given. */
  readonly providers?: readonly Provider[];
  /** Beginning of the path of a file with the times of all nodes, which is written on release; none unless given. */
  readonly profile?: string;
  /** Inputs whose arrays stay in the session: an array object that was sent last time is not sent again. */
  readonly kept?: readonly string[];
}

/** What a worker is asked to do, for one of its sessions. */
type Request = { readonly session: number } & (
  | {
      readonly kind: 'load';
      readonly model: Uint8Array;
      readonly threads: number;
      readonly providers: readonly Provider[];
      readonly profile: string | undefined;
    }
  | {
      readonly kind: 'run';
      readonly feeds: Readonly<Record<string, Feed>>;
      /** Names of `feeds` to keep, and names to take from what was kept. */
      readonly keep: readonly string[];
      readonly stored: readonly string[];
      /** Memory of `feeds` that is wanted back. */
      readonly lent: readonly ArrayBuffer[];
    }
  | { readonly kind: 'release' }
);

/** What a worker answers. */
interface Answer {
  readonly outputs: Record<string, Feed>;
  /** Memory of feeds, back for the next ones. */
  readonly spent: readonly ArrayBuffer[];
}

type Reply = Answer | { readonly error: string };

/** A worker thread that answers one request after the other. */
interface Host {
  /** Memory in `handedOver` is not copied, and gone here. */
  request(request: Request, handedOver?: readonly ArrayBuffer[]): Promise<Answer>;
}

/** Hosts without a session; starting one costs far more than keeping it. */
const idleHosts: Host[] = [];
/** The one host of all sessions on WebGPU: the runtime's device is one for the process and breaks between two threads. */
let webgpuHost: Host | undefined;
let sessionCount = 0;

/** Loads `model`, the bytes of an ONNX file. */
export async function createSession(
  model: Uint8Array,
  {
    threads = availableParallelism(),
    providers = ['cpu'],
    kept = [],
    profile,
  }: SessionOptions = {},
): Promise<Session> {
  const shared = providers.includes('webgpu');
  const host = shared ? (webgpuHost ??= startWebgpuHost()) : (idleHosts.pop() ?? startHost());
  const session = ++sessionCount;
  const leave = (): void => {
    if (!shared) idleHosts.push(host);
  };
  const sent = new Map<string, Feed['data']>();
  const { lend, takeBack } = createSpareMemory();
  let released = false;
  const load = { session, kind: 'load', model, threads, providers, profile } as const;
  await host.request(load).catch((error: unknown) => {
    leave();
    throw error;
  });
  return {
    async run(feeds) {
      assert(!released, 'a released session does not run');
      const stored = kept.filter((name) => sent.get(name) === feeds[name]?.data);
      const keep = kept.filter((name) => !stored.includes(name));
      for (const name of keep) sent.set(name, feeds[name]!.data);
      const given: Record<string, Feed> = {};
      const lent: ArrayBuffer[] = [];
      for (const [name, feed] of Object.entries(feeds)) {
        if (stored.includes(name)) continue;
        given[name] = keep.includes(name) ? feed : lend(feed, lent);
      }
      const request = { session, kind: 'run', feeds: given, keep, stored, lent } as const;
      const { outputs, spent } = await host.request(request, lent);
      takeBack(spent);
      return outputs;
    },
    async release() {
      assert(!released, 'a session is released once');
      released = true;
      await host.request({ session, kind: 'release' });
      leave();
    },
  };
}

/** A host with one session that stays: without any, the runtime drops the device with all kernels compiled for it. */
function startWebgpuHost(): Host {
  const host = startHost();
  const model = emitOnnx({ y: neg(input('x', 'float32', [1])) });
  const providers = ['webgpu'] as const;
  const load = {
    session: 0,
    kind: 'load',
    model,
    threads: 1,
    providers,
    profile: undefined,
  } as const;
  // Where it fails, the session that is asked for fails after it, and says why.
  host.request(load).catch(() => undefined);
  return host;
}

/** Starts a worker thread, which keeps the process alive only while a request waits for its reply. */
function startHost(): Host {
  const runtime = createRequire(import.meta.url).resolve('onnxruntime-node');
  const worker = new Worker(`(${serve.toString()})(${openNative.toString()})`, {
    eval: true,
    workerData: runtime,
  });
  const waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  let failure: Error | undefined;
  worker.unref();
  worker.on('message', (reply: Reply) => {
    const first = waiting.shift()!;
    if (waiting.length === 0) worker.unref();
    if ('error' in reply) first.reject(new Error(reply.error));
    else first.resolve(reply);
  });
  worker.on('error', (error) => {
    failure = error;
  });
  worker.on('exit', (code) => {
    failure ??= new Error(`the thread that runs the model ended with code ${code}`);
    for (const { reject } of waiting.splice(0)) reject(failure);
  });
  return {
    request: (request, handedOver = []) =>
      new Promise((resolve, reject) => {
        if (failure) return reject(failure);
        waiting.push({ resolve, reject });
        worker.ref();
        worker.postMessage(request, handedOver);
      }),
  };
}

type Asked<Kind extends Request['kind']> = Extract<Request, { kind: Kind }>;
type Runtime = typeof import('onnxruntime-node');
type Native = Awaited<ReturnType<Runtime['InferenceSession']['create']>>;

/** Loads a model in the worker, from its source text. */
function openNative(
  sessions: Runtime['InferenceSession'],
  { model, threads, providers, profile }: Asked<'load'>,
): Promise<Native> {
  return sessions.create(model, {
    executionProviders: providers,
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    intraOpNumThreads: threads,
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
}

/** What runs in the worker, from its source text: nothing outside this function and `open` exists there. */
function serve(open: typeof openNative): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const load = process.getBuiltinModule('node:module').createRequire(workerData as string);
  const { InferenceSession, Tensor } = load(workerData as string) as Runtime;
  const port = parentPort!;
  interface Loaded {
    readonly session: Native;
    readonly store: Map<string, Feed>;
    readonly profiled: boolean;
  }
  const sessions = new Map<number, Loaded>();
  let last = Promise.resolve();
  const runOnce = async (request: Asked<'run'>): Promise<Record<string, Feed>> => {
    const { session, store } = sessions.get(request.session)!;
    const feeds: Record<string, InstanceType<typeof Tensor>> = {};
    for (const name of request.keep) store.set(name, request.feeds[name]!);
    for (const name of [...Object.keys(request.feeds), ...request.stored]) {
      const { data, shape } = request.feeds[name] ?? store.get(name)!;
      if (data instanceof Float32Array) feeds[name] = new Tensor('float32', data, shape);
      else if (data instanceof BigInt64Array) feeds[name] = new Tensor('int64', data, shape);
      else feeds[name] = new Tensor('bool', data, shape);
    }
    const outputs: Record<string, Feed> = {};
    for (const [name, tensor] of Object.entries(await session.run(feeds))) {
      outputs[name] = { data: tensor.data as Feed['data'], shape: tensor.dims };
    }
    return outputs;
  };
  const answer = async (request: Request): Promise<Record<string, Feed>> => {
    if (request.kind === 'run') return runOnce(request);
    if (request.kind === 'load') {
      const session = await open(InferenceSession, request);
      sessions.set(request.session, { session, store: new Map(), profiled: !!request.profile });
    } else {
      const { session, profiled } = sessions.get(request.session)!;
      sessions.delete(request.session);
      if (profiled) session.endProfiling();
      await session.release();
    }
    return {};
  };
  // One request at a time, in the order in which they came.
  port.on('message', (request: Request) => {
    last = last
      .then(() => answer(request))
      .then(
        (outputs) => {
          // Outputs are the runtime's copies, which nobody else holds: they are handed over, not copied again.
          const buffers = new Set(Object.values(outputs).map(({ data }) => data.buffer));
          const spent = request.kind === 'run' ? request.lent : [];
          port.postMessage({ outputs, spent }, [...buffers, ...spent] as ArrayBuffer[]);
        },
        (error: unknown) => port.postMessage({ error: String(error) }),
      );
  });
}
