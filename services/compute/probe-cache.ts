/** Keeps what the probe measured, in memory and in a file, under the identity of device and runtime. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomic } from '../artifacts/atomic-file.ts';

const measurementSchema = z.object({
  device: z.enum(['cpu', 'webgpu', 'cuda']),
  small: z.number().positive(),
  large: z.number().positive(),
});
const cacheSchema = z.record(z.string(), measurementSchema);

/** Training speed of one device: optimiser steps a second. */
export type Measurement = Readonly<z.infer<typeof measurementSchema>>;

/** Measurements by identity. */
export interface ProbeCache {
  /** What was measured under `identity`, if it was; otherwise what `measure` returns, which is asked once and kept. */
  get(identity: string, measure: () => Promise<Measurement>): Promise<Measurement>;
}

/** A cache in the file at `path`, or without one in memory only. A file that cannot be understood counts as empty. */
export function createProbeCache(path?: string): ProbeCache {
  let loading: Promise<Record<string, Measurement>> | undefined;
  const measuring = new Map<string, Promise<Measurement>>();
  return {
    async get(identity, measure) {
      const known = await (loading ??= load(path));
      const found = known[identity];
      if (found !== undefined) return found;
      const under = measuring.get(identity);
      if (under !== undefined) return under;
      const measured = (async () => {
        known[identity] = await measure();
        if (path !== undefined) await writeFileAtomic(path, `${JSON.stringify(known, null, 2)}\n`);
        return known[identity];
      })();
      measuring.set(identity, measured);
      return measured.finally(() => measuring.delete(identity));
    },
  };
}

async function load(path: string | undefined): Promise<Record<string, Measurement>> {
  if (path === undefined) return {};
  const text = await readFile(path, 'utf8').catch(() => '{}');
  try {
    return cacheSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
