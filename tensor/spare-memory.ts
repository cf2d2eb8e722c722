/** Memory in which large feeds travel to a worker and come back: fresh memory costs more than the copy into it. */
import type { Feed } from './values.ts';

/** Arrays of at least this many bytes are copied into memory that is used again; for smaller ones it does not pay. */
const LEAST_LENT_BYTES = 2 ** 16;

/** The memory of one session's feeds. */
export interface SpareMemory {
  /** `feed` in memory that can be handed over and is added to `lent`; a small one as it is. */
  lend(feed: Feed, lent: ArrayBuffer[]): Feed;
  /** Keeps `spent` for the next run, and nothing of earlier ones. */
  takeBack(spent: readonly ArrayBuffer[]): void;
}

/** Starts without any memory. */
export function createSpareMemory(): SpareMemory {
  let spare: ArrayBuffer[] = [];
  return {
    lend(feed, lent) {
      const { data, shape } = feed;
      if (data.byteLength < LEAST_LENT_BYTES) return feed;
      const at = spare.findIndex(({ byteLength }) => byteLength === data.byteLength);
      const memory = at < 0 ? new ArrayBuffer(data.byteLength) : spare.splice(at, 1)[0]!;
      new Uint8Array(memory).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      lent.push(memory);
      if (data instanceof Float32Array) return { data: new Float32Array(memory), shape };
      if (data instanceof BigInt64Array) return { data: new BigInt64Array(memory), shape };
      return { data: new Uint8Array(memory), shape };
    },
    takeBack(spent) {
      spare = [...spent];
    },
  };
}
