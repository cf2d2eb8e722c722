/** A model version to publish, for tests of what the registry does with it. */
import type { VersionDraft } from '../../../services/registry/registry.ts';

/** The draft under `idempotencyKey`; equal arguments give equal contents. */
export function versionDraft(
  idempotencyKey: string,
  change: Partial<VersionDraft> = {},
): VersionDraft {
  return {
    model: 'sales-h12',
    idempotencyKey,
    forecaster: 'nhits',
    hyperparameters: { learningRate: 0.001, blocks: 3, pooling: 'max', shared: false },
    signature: { horizon: 12, frequency: 'MS', season: 12, lookBack: 36, idsDigest: 'd' },
    files: [],
    lineage: { run: '20261121-a3f9', panel: 'p', features: null, parent: null },
    metrics: { mase: 0.83, coverage80: null },
    ...change,
  };
}
