/** Inference: forecasts by trained networks, which are self-contained ONNX files, for whole panels. */
import { bounded } from '../../series/bounded.ts';
import { type Panel, seriesLength } from '../../series/panel.ts';
import { assert, fail } from '../../state/errors.ts';
import type { Provider } from '../../tensor/session.ts';
import { type Feed, sizeOf } from '../../tensor/values.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import type { Scale } from '../training/column.ts';
import { findLoss } from '../training/losses/index.ts';
import { gatherHistory, hasHistory, type Place } from './history.ts';
import { levelPart, partPrefix } from './inspection.ts';
import type { NetworkSignature } from './network-file.ts';
import { createSessionCache, type LoadedNetwork } from './session-cache.ts';

export { buildInspection } from './inspection.ts';
export { buildForecastNetwork, type NetworkWeights } from './network-file.ts';

/** A stored network and its sizes. */
export interface NetworkReference {
  /** Artifact that `buildForecastNetwork` made. */
  readonly uri: string;
  readonly lookBack: number;
  readonly horizon: number;
}

/** Quantiles of a panel's forecasts. */
export interface PanelQuantiles {
  /** Rising, 0..1. */
  readonly levels: readonly number[];
  /** [series * horizon * levels], NaN where there is no forecast. */
  readonly values: Float64Array;
}

/** Inputs of a network and its answer. */
export interface Sample {
  readonly feeds: Readonly<Record<string, Feed>>;
  /** [rows, horizon], or [rows, channels, horizon]. */
  readonly forecast: Float32Array;
}

/** Forecasts by stored networks. */
export interface Inference {
  /** `windows` [rows, lookBack] in any units -> [rows, horizon] in the same. Errors as `Artifacts.get`. */
  predict(uri: string, windows: Float32Array, rows: number): Promise<Float32Array>;
  /**
   * Forecasts [series * horizon] of all series of `panel` in double precision; the history of series i ends before
   * position `origins[i]`, -1 skips it. NaN where a series is skipped, or has no look-back: a whole one without a gap, or
   * with a network that was trained with gaps at least one observation.
   * Errors: as `Artifacts.get`; EXOGENOUS_ABSENT, FUTURE_UNKNOWN, SERIES_SET_CHANGED.
   */
  forecastPanel(
    network: NetworkReference,
    panel: Panel,
    origins: Int32Array,
  ): Promise<Float64Array>;
  /** Quantiles of the same forecasts; undefined where the network gives none. Errors as `forecastPanel`. */
  forecastQuantiles(
    network: NetworkReference,
    panel: Panel,
    origins: Int32Array,
  ): Promise<PanelQuantiles | undefined>;
  /**
   * The parts of the forecasts, by name, each [series * horizon]; with `level`, that of the look-back, they add up.
   * `network` is a file of `buildInspection`. Empty where the model does not decompose. Errors as `forecastPanel`.
   */
  decompose(
    network: NetworkReference,
    panel: Panel,
    origins: Int32Array,
  ): Promise<Record<string, Float64Array>>;
  /**
   * All outputs of a file of `buildInspection` at one place of a panel, or of a multivariate network at one time, without
   * the first axis; inner values are in scaled units. Undefined where there is no look-back. Errors as `forecastPanel`.
   */
  inspect(
    network: NetworkReference,
    panel: Panel,
    place: Place,
  ): Promise<Record<string, Feed> | undefined>;
  /**
   * What the network is fed at the ends of the first `rows` series that have a history, and what it answers; both as its
   * file takes and gives them, for whoever checks a copy of it. Errors as `forecastPanel`.
   */
  sample(network: Pick<NetworkReference, 'uri'>, panel: Panel, rows: number): Promise<Sample>;
  /** Frees all loaded networks. */
  close(): Promise<void>;
}

/** What inference needs; `sessions` is how many networks stay loaded. */
export interface InferenceDependencies {
  readonly artifacts: Artifacts;
  readonly threads?: number | undefined;
  /** Who computes, the first choice first; the processor alone if left out. */
  readonly providers?: readonly Provider[] | undefined;
  readonly sessions?: number;
}

/** Bound on the values that one call is fed: what it computes of them stays in the cache. */
const mostValues = 2 ** 15;

/** Takes what one call gave: `size` numbers for the place numbered `k`, from `at` of the output on. */
type Visit = (name: string, output: Feed, place: Place, scale: Scale, k: number) => void;

/** Inference over the networks in `artifacts`. */
export function createInference(dependencies: InferenceDependencies): Inference {
  const { artifacts, threads, providers, sessions = 4 } = dependencies;
  const cache = createSessionCache(artifacts, sessions, {
    ...(threads !== undefined && { threads }),
    ...(providers !== undefined && { providers }),
  });
  const over = <T>(uri: string, work: (network: LoadedNetwork) => Promise<T>): Promise<T> =>
    cache.use(uri, work);
  return {
    async predict(uri, windows, rows) {
      if (rows === 0) return new Float32Array(0);
      assert(windows.length % rows === 0, `${windows.length} values are no ${rows} windows`);
      const window = { data: windows, shape: [rows, windows.length / rows] };
      const outputs = await over(uri, ({ session }) => session.run({ window }));
      return outputs['forecast']!.data as Float32Array;
    },
    forecastPanel: ({ uri, horizon }, panel, origins) =>
      over(uri, async (network) => {
        assert(network.signature.horizon === horizon, `the network gives ${horizon} steps`);
        const result = new Float64Array(panel.ids.length * horizon).fill(Number.NaN);
        await runPanel(network, panel, origins, (name, { data }, { series }, scale, k) => {
          if (name !== 'forecast') return;
          for (let step = 0; step < horizon; step++) {
            const value = Number(data[k * horizon + step]);
            result[series * horizon + step] = bounded(value * scale.spread + scale.level);
          }
        });
        return result;
      }),
    forecastQuantiles: ({ uri }, panel, origins) =>
      over(uri, (network) => quantilesOf(network, panel, origins)),
    decompose: ({ uri }, panel, origins) =>
      over(uri, (network) => partsOf(network, panel, origins)),
    inspect: ({ uri }, panel, place) => over(uri, (network) => inspectAt(network, panel, place)),
    sample: ({ uri }, panel, rows) => over(uri, (network) => sampleOf(network, panel, rows)),
    close: () => cache.close(),
  };
}

async function sampleOf(
  { session, signature }: LoadedNetwork,
  panel: Panel,
  rows: number,
): Promise<Sample> {
  const ends = panel.ids
    .map((_, series) => ({ series, origin: seriesLength(panel, series) }))
    .filter((place) => hasHistory(panel, place, signature));
  const some = rowsOf(signature, panel, ends).slice(0, rows);
  const { feeds } = gatherHistory(signature, panel, some);
  const { forecast } = await session.run(feeds);
  assert(forecast?.data instanceof Float32Array, 'a network gives a forecast of float32');
  return { feeds, forecast: forecast.data };
}

async function quantilesOf(
  network: LoadedNetwork,
  panel: Panel,
  origins: Int32Array,
): Promise<PanelQuantiles | undefined> {
  const { horizon, levels, loss: name } = network.signature;
  const loss = findLoss(name);
  const { distribution } = loss;
  if (loss.quantiles === undefined && distribution === undefined) return undefined;
  const width = levels.length;
  const values = new Float64Array(panel.ids.length * horizon * width).fill(Number.NaN);
  await runPanel(network, panel, origins, (output, { data }, { series }, scale, k) => {
    const to = series * horizon * width;
    if (output === 'quantiles') {
      for (let i = 0; i < horizon * width; i++) {
        const value = Number(data[k * horizon * width + i]);
        values[to + i] = bounded(value * scale.spread + scale.level);
      }
    } else if (output === 'distribution' && distribution !== undefined) {
      // Such a network is given values in their own units, so that there is nothing to scale back.
      const { size } = distribution;
      for (let step = 0; step < horizon; step++) {
        const from = (k * horizon + step) * size;
        const parameters = Array.from({ length: size }, (_, i) => Number(data[from + i]));
        for (const [q, level] of levels.entries()) {
          values[to + step * width + q] = distribution.quantile(parameters, level);
        }
      }
    }
  });
  return { levels, values };
}

async function partsOf(
  network: LoadedNetwork,
  panel: Panel,
  origins: Int32Array,
): Promise<Record<string, Float64Array>> {
  const { horizon } = network.signature;
  const parts: Record<string, Float64Array> = {};
  await runPanel(network, panel, origins, (output, { data }, { series }, scale, k) => {
    if (!output.startsWith(partPrefix)) return;
    const name = output.slice(partPrefix.length);
    parts[name] ??= new Float64Array(panel.ids.length * horizon).fill(Number.NaN);
    const level = output === levelPart ? scale.level : 0;
    for (let step = 0; step < horizon; step++) {
      const value = Number(data[k * horizon + step]);
      parts[name][series * horizon + step] = value * scale.spread + level;
    }
  });
  return parts;
}

async function inspectAt(
  { session, signature }: LoadedNetwork,
  panel: Panel,
  place: Place,
): Promise<Record<string, Feed> | undefined> {
  const row = rowAt(signature, panel, place);
  if (!row.some((one) => hasHistory(panel, one, signature))) return undefined;
  const outputs = await session.run(gatherHistory(signature, panel, [row]).feeds);
  const inner = Object.entries(outputs).map(([name, { data, shape }]) => {
    const rest = shape.slice(1);
    return [name, { data: data.slice(0, sizeOf(rest)), shape: rest }] as const;
  });
  return Object.fromEntries(inner);
}

/** A place, or all series at its time where the network looks at all of them. Error: SERIES_SET_CHANGED. */
function rowAt({ layout }: NetworkSignature, panel: Panel, place: Place): Place[] {
  const { channels } = layout;
  if (channels === null) return [place];
  const got = panel.ids.length;
  if (got !== channels) fail('SERIES_SET_CHANGED', { needed: channels, got });
  return panel.ids.map((_, series) => ({ series, origin: place.origin }));
}

/** Runs the network at all places that have a history, in calls of bounded size. */
async function runPanel(
  { session, signature }: LoadedNetwork,
  panel: Panel,
  origins: Int32Array,
  visit: Visit,
): Promise<void> {
  const { lookBack, horizon, layout } = signature;
  assert(origins.length === panel.ids.length, 'there is one origin for each series');
  const wanted = panel.ids
    .map((_, series) => ({ series, origin: origins[series]! }))
    .filter((place) => place.origin >= 0 && hasHistory(panel, place, signature));
  const rows = rowsOf(signature, panel, wanted);
  const width = 1 + layout.future.length + layout.historical.length;
  const values = (lookBack + horizon) * width * (layout.channels ?? 1);
  const most = Math.max(1, Math.floor(mostValues / values));
  for (let from = 0; from < rows.length; from += most) {
    const some = rows.slice(from, from + most);
    const { feeds, scales } = gatherHistory(signature, panel, some);
    const outputs = await session.run(feeds);
    for (const [k, place] of some.flat().entries()) {
      // A series of a sample that was not asked for at this time is there for the others only.
      if (origins[place.series] !== place.origin) continue;
      if (layout.channels !== null && !hasHistory(panel, place, signature)) continue;
      for (const [name, output] of Object.entries(outputs))
        visit(name, output, place, scales[k]!, k);
    }
  }
}

/** One row for each place, or for each time at which a multivariate network is wanted and all its series have a history. */
function rowsOf(signature: NetworkSignature, panel: Panel, wanted: readonly Place[]): Place[][] {
  if (signature.layout.channels === null) return wanted.map((place) => [place]);
  const times = [...new Set(wanted.map(({ origin }) => origin))].sort((a, b) => a - b);
  return times
    .map((origin) => rowAt(signature, panel, { series: 0, origin }))
    .filter(
      (row) => signature.layout.masked || row.every((one) => hasHistory(panel, one, signature)),
    );
}
