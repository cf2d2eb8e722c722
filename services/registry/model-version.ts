/** A model version: what the registry keeps of it, checked when it comes in, and the digest that makes it tamper-evident. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Json } from '../../state/json.ts';

const artifactUri = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const setting = z.union([z.number(), z.string(), z.boolean()]);

/** Everything of a version that does not change with the place it is published in. */
export const versionContentsSchema = z.strictObject({
  model: z.string(),
  forecaster: z.string().describe('Model of the list that it is an instance of'),
  hyperparameters: z.record(z.string(), setting),
  signature: z.strictObject({
    horizon: z.int().positive(),
    frequency: z.string(),
    season: z.int().positive(),
    lookBack: z.int().positive().nullable(),
    idsDigest: z.string().describe('Digest of the series names it was trained on'),
    columns: z
      .array(z.string())
      .exactOptional()
      .describe('Exogenous columns it takes, as future:price; left out if none'),
  }),
  files: z.array(
    z.strictObject({ name: z.string(), uri: artifactUri, bytes: z.int().nonnegative() }),
  ),
  lineage: z.strictObject({
    run: z.string(),
    panel: z.string(),
    features: z.string().nullable(),
    parent: z.string().nullable(),
  }),
  metrics: z.record(z.string(), z.number().nullable()),
});
export type VersionContents = z.infer<typeof versionContentsSchema>;

/** What is published: contents, and the key under which a repeated publication is known again. */
export type VersionDraft = VersionContents & { readonly idempotencyKey: string };

/** One published version; it never changes. */
export interface ModelVersion extends VersionDraft {
  /** Counts from 1 in its model. */
  readonly version: number;
  /** `sha256:` and the hexadecimal digest of the canonical JSON of the contents. */
  readonly manifest: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/** JSON with object keys sorted at every level and no blanks, so that equal values have equal texts. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, item]) => `${JSON.stringify(name)}:${canonicalJson(item)}`);
  return `{${fields.join(',')}}`;
}

/** Manifest of `contents`; further properties do not count. */
export function manifestOf(contents: VersionContents): string {
  const { model, forecaster, hyperparameters, signature, files, lineage, metrics } = contents;
  const text = canonicalJson({
    model,
    forecaster,
    hyperparameters,
    signature,
    files,
    lineage,
    metrics,
  });
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
