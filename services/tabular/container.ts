/** Container of a trained table forecaster: a JSON header and the encoded fits, one after the other; self-contained. */
import { z } from 'zod';
import type { FeaturePlan } from '../../series/features/feature-plan.ts';
import { assert } from '../../state/errors.ts';
import { tabularSettingsSchema } from './settings.ts';

const magic = 'AFT1';

const stepsSchema = z.array(z.int().min(1));
const planSchema = z.strictObject({
  lags: stepsSchema,
  changes: stepsSchema,
  windows: stepsSchema,
  seasons: stepsSchema,
  seasonalLags: z.int().min(1),
  smoothing: z.array(z.number()),
  expanding: z.boolean(),
  calendar: z.enum(['none', 'numeric', 'categorical']),
  position: z.boolean(),
  step: z.boolean(),
  size: z.boolean(),
  exogenous: z.strictObject({
    future: z.array(z.string()),
    historical: z.array(z.string()),
    static: z.array(z.string()),
    categories: z.array(z.strictObject({ name: z.string(), labels: z.array(z.string()) })),
    lags: stepsSchema,
  }),
  normalisation: z.strictObject({
    logarithm: z.boolean(),
    baseline: z.enum(['zero', 'mean', 'last', 'seasonal']),
    scale: z.enum(['none', 'level', 'deviation', 'change']),
    window: z.int().min(1),
    season: z.int().min(1),
  }),
});

const blockSchema = z.strictObject({
  /** Steps of the forecast that this fit serves, both included. */
  from: z.int().min(1),
  to: z.int().min(1),
  plan: planSchema,
  /** Bounds of its predictions, in normalised units. */
  least: z.number(),
  most: z.number(),
  bytes: z.int().nonnegative(),
});

const headerSchema = z.strictObject({
  model: z.string(),
  hyperparameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  settings: tabularSettingsSchema,
  horizon: z.int().min(1),
  blocks: z.array(blockSchema).min(1),
});

/** One fit of a forecaster and the steps that it serves. */
export type StoredBlock = Omit<z.infer<typeof blockSchema>, 'bytes' | 'plan'> & {
  readonly plan: FeaturePlan;
  /** What the model's `load` takes. */
  readonly fit: Uint8Array;
};

/** Everything that a forecast needs. */
export type StoredForecaster = Omit<z.infer<typeof headerSchema>, 'blocks'> & {
  readonly blocks: readonly StoredBlock[];
};

/** The bytes of `forecaster`; the same for the same contents. */
export function encodeForecaster({ blocks, ...rest }: StoredForecaster): Uint8Array {
  const header = new TextEncoder().encode(
    JSON.stringify({
      ...rest,
      blocks: blocks.map(({ fit, ...block }) => ({ ...block, bytes: fit.length })),
    }),
  );
  const total = 8 + header.length + blocks.reduce((sum, { fit }) => sum + fit.length, 0);
  const bytes = new Uint8Array(total);
  bytes.set(new TextEncoder().encode(magic), 0);
  new DataView(bytes.buffer).setUint32(4, header.length, true);
  bytes.set(header, 8);
  let at = 8 + header.length;
  for (const { fit } of blocks) {
    bytes.set(fit, at);
    at += fit.length;
  }
  return bytes;
}

/** What `encodeForecaster` wrote. The store has checked the digest, so a broken shape is a programmer's error. */
export function decodeForecaster(given: Uint8Array): StoredForecaster {
  // Slices of a Buffer, which a file is read as, are no copies.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.length);
  assert(
    new TextDecoder().decode(bytes.subarray(0, 4)) === magic,
    'a table forecaster begins with its magic',
  );
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  const { blocks, ...rest } = headerSchema.parse(
    JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))),
  );
  let at = 8 + length;
  return {
    ...rest,
    blocks: blocks.map(({ bytes: size, ...block }) => {
      // A copy, since a fit may want to look at its bytes as aligned numbers.
      const fit = bytes.slice(at, at + size);
      assert(fit.length === size, 'a table forecaster is complete');
      at += size;
      return { ...block, fit };
    }),
  };
}
