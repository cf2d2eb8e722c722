/** Hierarchies as artifacts: exact and deterministic. */
import { z } from 'zod';
import type { Hierarchy } from '../../series/hierarchy/hierarchy.ts';
import { decodeArrays, encodeArrays } from '../artifacts/arrays.ts';

const metaSchema = z.object({
  bottom: z.int().positive(),
  levels: z.array(z.object({ name: z.string(), from: z.int(), to: z.int() })),
  ids: z.array(z.string()),
});

/** Bytes for the artifact store. */
export function encodeHierarchy({ bottom, levels, ids, parents }: Hierarchy): Uint8Array {
  const meta = { bottom, levels: levels.map((level) => ({ ...level })), ids: [...ids] };
  return encodeArrays(meta, { parents: Float64Array.from(parents) });
}

/** What `encodeHierarchy` wrote. */
export function decodeHierarchy(bytes: Uint8Array): Hierarchy {
  const { meta, columns } = decodeArrays(bytes);
  return { ...metaSchema.parse(meta), parents: Uint32Array.from(columns['parents']!) };
}
