/** Loaded networks: the last ones used stay loaded, and none is freed while it computes. */
import type { Session, SessionOptions } from '../../tensor/session.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import { type NetworkSignature, readSignature } from './network-file.ts';
import { createSizedSession } from './sized-session.ts';

/** A network in memory, and what its file says of it. */
export interface LoadedNetwork {
  readonly session: Session;
  readonly signature: NetworkSignature;
}

/** Loaded networks by the address of their file. */
export interface SessionCache {
  /** Runs `work` on the network at `uri`, loading it if needed. Errors as `Artifacts.get`. */
  use<T>(uri: string, work: (network: LoadedNetwork) => Promise<T>): Promise<T>;
  /** Frees all of them, each as soon as it computes no more. */
  close(): Promise<void>;
}

interface Entry {
  readonly network: Promise<LoadedNetwork>;
  users: number;
  evicted: boolean;
}

/** Keeps up to `kept` networks loaded. */
export function createSessionCache(
  artifacts: Artifacts,
  kept: number,
  options: SessionOptions,
): SessionCache {
  // In order of last use, the longest unused first.
  const entries = new Map<string, Entry>();
  const load = async (uri: string): Promise<LoadedNetwork> => {
    const file = await artifacts.get(uri);
    return { session: createSizedSession(file, options), signature: readSignature(file) };
  };
  const freeIfUnused = async (entry: Entry): Promise<void> => {
    if (entry.evicted && entry.users === 0) await (await entry.network).session.release();
  };
  const evict = async (uri: string, entry: Entry): Promise<void> => {
    entries.delete(uri);
    entry.evicted = true;
    await freeIfUnused(entry);
  };
  return {
    async use(uri, work) {
      const entry = entries.get(uri) ?? { network: load(uri), users: 0, evicted: false };
      entry.users++;
      entries.delete(uri);
      entries.set(uri, entry);
      try {
        const network = await entry.network.catch((error: unknown) => {
          // Nothing was loaded: the next caller tries again, and there is nothing to free.
          if (entries.get(uri) === entry) entries.delete(uri);
          throw error;
        });
        const [oldest] = entries;
        if (entries.size > kept && oldest !== undefined) await evict(...oldest);
        return await work(network);
      } finally {
        entry.users--;
        await freeIfUnused(entry);
      }
    },
    async close() {
      await Promise.all([...entries].map(([uri, entry]) => evict(uri, entry)));
    },
  };
}
