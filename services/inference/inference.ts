/** Inference: trained networks as self-contained ONNX files, and forecasts by them for whole panels. */
import { findModel } from '../../models/index.ts';
import { type Panel, seriesValues } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';
import { input } from '../../tensor/expression.ts';
import { emitOnnx } from '../../tensor/onnx.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import { scaleOf } from '../training/column.ts';
import { buildNetwork } from '../training/network.ts';
import type { TrainedNetwork } from '../training/training.ts';
import { createSessionCache } from './session-cache.ts';

/** A stored network and its sizes. */
export interface NetworkReference {
  /** Artifact that `buildForecastNetwork` made. */
  readonly uri: string;
  readonly lookBack: number;
  readonly horizon: number;
  /** What it was trained with: `window` (the default) bears any scale, `none` wants values as it was trained on. */
  readonly scaler?: 'window' | 'none';
}

/** Forecasts by stored networks. */
export interface Inference {
  /** `windows` [rows, lookBack] in any units -> [rows, horizon] in the same. Errors as `Artifacts.get`. */
  predict(uri: string, windows: Float32Array, rows: number): Promise<Float32Array>;
  /**
   * Forecasts [series * horizon] of all series of `panel` in double precision; the history of series i ends before
   * position `origins[i]`, -1 skips it. NaN where a series is skipped, its history is shorter than the look-back, or
   * the look-back has a missing or infinite value.
   */
  forecastPanel(
    network: NetworkReference,
    panel: Panel,
    origins: Int32Array,
  ): Promise<Float64Array>;
  /** Frees all loaded networks. */
  close(): Promise<void>;
}

/** What inference needs; `sessions` is how many networks stay loaded. */
export interface InferenceDependencies {
  readonly artifacts: Artifacts;
  readonly threads?: number | undefined;
  readonly sessions?: number;
}

/** Bounds on one call: rows, and values in their windows. */
const mostRows = 4096;
const mostValues = 1_000_000;

/** What of a trained network its file is made from. */
export type NetworkWeights = Pick<
  TrainedNetwork,
  'model' | 'hyperparameters' | 'settings' | 'horizon' | 'parameters'
>;

/**
 * An ONNX file, the same bytes for the same weights: input `window` float32 [batch, lookBack] -> output `forecast`
 * float32 [batch, horizon] in the same units, with the scaling inside. `metadata` is kept in the file, beside the sizes.
 */
export function buildForecastNetwork(
  { model: name, hyperparameters, settings, horizon, parameters }: NetworkWeights,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const model = findModel(name);
  assert(model.family === 'neural', `${name} is a network`);
  const { lookBack, scaler } = settings;
  const window = input('window', 'float32', ['batch', lookBack]);
  const definition = { model, hyperparameters, scaler, lookBack, horizon };
  const { forecast } = buildNetwork(definition, window);
  const sizes = { model: name, lookBack: String(lookBack), horizon: String(horizon), scaler };
  return emitOnnx({ forecast }, { parameters, metadata: { ...sizes, ...metadata } });
}

/** Inference over the networks in `artifacts`. */
export function createInference({
  artifacts,
  threads,
  sessions = 4,
}: InferenceDependencies): Inference {
  const cache = createSessionCache(artifacts, sessions, threads);
  const predict: Inference['predict'] = async (uri, windows, rows) => {
    if (rows === 0) return new Float32Array(0);
    assert(windows.length % rows === 0, `${windows.length} values are no ${rows} windows`);
    const window = { data: windows, shape: [rows, windows.length / rows] };
    const outputs = await cache.use(uri, (session) => session.run({ window }));
    return outputs['forecast']!.data as Float32Array;
  };
  return {
    predict,
    async forecastPanel(network, panel, origins) {
      const { uri, lookBack, horizon } = network;
      assert(origins.length === panel.ids.length, 'there is one origin for each series');
      const result = new Float64Array(panel.ids.length * horizon).fill(Number.NaN);
      const usable = panel.ids.map((_, i) => i).filter((i) => origins[i]! >= lookBack);
      const rows = Math.max(1, Math.min(mostRows, Math.floor(mostValues / lookBack)));
      for (let from = 0; from < usable.length; from += rows) {
        const batch = gatherWindows(network, panel, origins, usable.slice(from, from + rows));
        const scaled = await predict(uri, batch.windows, batch.series.length);
        assert(
          scaled.length === batch.series.length * horizon,
          `the network gives ${horizon} steps`,
        );
        for (const [row, i] of batch.series.entries()) {
          const { level, spread } = batch.scales[row]!;
          for (let k = 0; k < horizon; k++) {
            result[i * horizon + k] = scaled[row * horizon + k]! * spread + level;
          }
        }
      }
      return result;
    },
    close: () => cache.close(),
  };
}

const unscaled = { level: 0, spread: 1 };

/**
 * The look-backs of `series` [rows, lookBack], without those that have a value which is not finite. Each is scaled by its
 * own mean and deviation in double precision before it becomes float32, so that 1e12 and 1e-9 keep their digits;
 * a network with a window scaler gives the same forecast for either.
 */
function gatherWindows(
  { lookBack, scaler = 'window' }: NetworkReference,
  panel: Panel,
  origins: Int32Array,
  candidates: readonly number[],
) {
  const lookBackOf = (i: number): Float64Array =>
    seriesValues(panel, i).subarray(origins[i]! - lookBack, origins[i]);
  const series = candidates.filter((i) => lookBackOf(i).every(Number.isFinite));
  const windows = new Float32Array(series.length * lookBack);
  const scales = series.map((i, row) => {
    const values = lookBackOf(i);
    const scale = scaler === 'window' ? scaleOf(values) : unscaled;
    for (let k = 0; k < lookBack; k++) {
      windows[row * lookBack + k] = (values[k]! - scale.level) / scale.spread;
    }
    return scale;
  });
  return { series, windows, scales };
}
