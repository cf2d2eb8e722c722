/**
 * Influence: how much each step of the look-back moves a network's forecast, by occlusion (Zeiler and Fergus 2014,
 * "Visualizing and Understanding Convolutional Networks", section 4.2). It needs nothing but forecasts, and so works
 * for every network that sees one series at a time.
 */
import { formatTime } from '../../series/format-time.ts';
import { createPanel, seriesLength, seriesTimes, takeSeries } from '../../series/panel.ts';
import type { Inference } from '../inference/inference.ts';
import { addUp, type InspectedPlace, treatedPlace } from './parts.ts';

/** What the forecast owes to one step of the look-back: how it would change back, were the step at the look-back's mean. */
export interface LagInfluence {
  /** 1 for the last observation. */
  readonly lag: number;
  readonly time: string;
  /** Size of the change, mean over the horizon, in the units of the series. */
  readonly size: number;
  /** Step of the horizon, from 1 on, that it moves most, and by how much: above zero where the step raises it. */
  readonly most: { readonly step: number; readonly change: number };
}

/**
 * The influence of each step that the network sees of a series, the last one first. Where the network sees the treated
 * series, it is the treated value that is set to the mean of the treated look-back.
 */
export async function readInfluence(
  inference: Inference,
  place: InspectedPlace,
): Promise<LagInfluence[]> {
  const { panel, series, horizon, network } = place;
  const { lookBack, recipe, season } = network;
  const { treated, origin } = treatedPlace(place);
  const skip = Math.max(0, seriesLength(treated, series) - lookBack);
  const length = origin - skip;
  const copies = Array.from({ length: length + 1 }, () => ({ series, skip }));
  const same = takeSeries(treated, copies);
  const y = same.y.slice();
  const seen = y.subarray(0, length);
  const mean = seen.reduce((sum, value) => sum + value / length, 0);
  // Copy `lag` lacks the observation of that lag; copy 0 lacks none.
  for (let lag = 1; lag <= length; lag++) y[(lag + 1) * length - lag] = mean;
  const forecasts = await inference.forecastPanel(
    { uri: network.artifact, lookBack, horizon },
    createPanel({ ...same, y }),
    new Int32Array(length + 1).fill(length),
  );
  const of = (copy: number): number[] => {
    const values = [...forecasts.subarray(copy * horizon, (copy + 1) * horizon)];
    if (recipe === 'log') return values.map(Math.exp);
    // What the differences are added to is the same in all copies.
    return recipe === 'plain' ? values : addUp(values, season);
  };
  const whole = of(0);
  const times = seriesTimes(panel, series);
  return Array.from({ length }, (_, k) => {
    const changes = of(k + 1).map((value, step) => whole[step]! - value);
    return {
      lag: k + 1,
      time: formatTime(times.at(-1 - k)!, panel.frequency),
      ...summaryOf(changes),
    };
  });
}

function summaryOf(changes: readonly number[]): Pick<LagInfluence, 'size' | 'most'> {
  const sizes = changes.map(Math.abs);
  const step = sizes.indexOf(Math.max(...sizes));
  const size = sizes.reduce((sum, value) => sum + value, 0) / sizes.length;
  return { size, most: { step: step + 1, change: changes[step]! } };
}
