/** Validation: the mean loss of the current weights on the samples whose horizon lies inside the validation part. */
import { createProgram } from '../../tensor/program.ts';
import type { Provider } from '../../tensor/session.ts';
import type { Feed, ParameterValues } from '../../tensor/values.ts';
import { buildWindowGraph, type NetworkDefinition } from './network.ts';
import type { SampleData } from './sample-data.ts';
import type { SampleIndex } from './sample-index.ts';

/** Most samples that one validation looks at. */
const mostSamples = 20_000;
/** Bound on the values that one call gathers; what networks compute of them is many times as much. */
const mostValues = 2 ** 18;

/** Start positions of the samples of `index`; of every n-th of them where they are very many. */
export function validationStarts(index: SampleIndex, most = mostSamples): BigInt64Array {
  const stride = Math.max(1, Math.ceil(index.count / most));
  const count = Math.ceil(index.count / stride);
  return index.startsOf(Float64Array.from({ length: count }, (_, k) => k * stride));
}

/** Judges weights on fixed samples. */
export interface Validation {
  readonly samples: number;
  /**
   * Mean loss over all samples whose loss is finite; NaN if none is, null if there are no samples. Throws the reason of
   * `signal` when it aborts.
   */
  loss(parameters: ParameterValues, signal?: AbortSignal): Promise<number | null>;
  release(): Promise<void>;
}

/** Where a validation is computed. */
export interface ValidationOptions {
  readonly threads?: number;
  readonly providers?: readonly Provider[];
}

/** Compiles the loss of `definition` on the validation samples of `data` once, for many sets of weights. */
export async function createValidation(
  definition: NetworkDefinition,
  data: SampleData,
  options: ValidationOptions,
): Promise<Validation> {
  const starts = validationStarts(
    data.validation,
    Math.max(1, Math.floor(mostSamples / (data.layout.channels ?? 1))),
  );
  if (starts.length === 0) {
    return { samples: 0, loss: () => Promise.resolve(null), release: () => Promise.resolve() };
  }
  const graph = buildWindowGraph(definition, 'batch', data.columns);
  const { losses, counts, parameters: weights, following } = graph;
  // The weights stay in the session from one call of a validation to the next.
  const kept = [...graph.data, ...weights, ...following].map(({ name }) => name!);
  const program = await createProgram({ losses, ...(counts && { counts }) }, { kept, ...options });
  const batches = cutBatches(starts, definition, data);
  return {
    samples: starts.length,
    async loss(parameters, signal) {
      let sum = 0;
      let total = 0;
      let finite = 0;
      for (const batch of batches) {
        signal?.throwIfAborted();
        const results = await program.run({ ...parameters, ...data.feeds, ...batch });
        for (const [k, loss] of results['losses']!.entries()) {
          if (!Number.isFinite(loss)) continue;
          const count = results['counts']?.[k] ?? 1;
          sum += loss * count;
          total += count;
          finite++;
        }
      }
      if (finite === 0) return Number.NaN;
      return total > 0 ? sum / total : 0;
    },
    release: () => program.release(),
  };
}

/** The batch inputs of each call. */
function cutBatches(
  starts: BigInt64Array,
  { lookBack, horizon }: NetworkDefinition,
  { layout, ownersOf }: SampleData,
): Record<string, Feed>[] {
  const width = 1 + layout.future.length + layout.historical.length;
  const values = (lookBack + horizon) * width * (layout.channels ?? 1);
  const size = Math.max(1, Math.floor(mostValues / values));
  const batches: Record<string, Feed>[] = [];
  for (let from = 0; from < starts.length; from += size) {
    const some = starts.slice(from, from + size);
    const shape = [some.length];
    batches.push({
      starts: { data: some, shape },
      owners: { data: ownersOf(some), shape },
    });
  }
  return batches;
}
