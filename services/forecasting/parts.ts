/** Parts: what a network's forecast of one series adds up from, brought back from the treated series to the series. */
import { seriesLength, seriesValues, type Panel } from '../../series/panel.ts';
import { applyRecipe, recipeOffset } from '../../series/recipe.ts';
import type { Candidate } from '../../state/run-state.ts';
import type { Inference } from '../inference/inference.ts';

/** A forecast taken apart. */
export interface ForecastParts {
  /** `units`: they add up to the forecast in the units of the series; `log`: to its natural logarithm. */
  readonly scale: 'units' | 'log';
  /** The level, or where the forecast starts from, comes first; one value for each step. */
  readonly parts: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** A network, and the series that it is looked at with: at its end. */
export interface InspectedPlace {
  readonly panel: Panel;
  readonly series: number;
  readonly horizon: number;
  readonly network: Pick<Candidate, 'artifact' | 'lookBack' | 'season' | 'recipe' | 'columns'>;
}

/** The part that a forecast of seasonal differences is added to. */
export const seasonBefore = 'season before';

/** The panel as the network sees it, and the end of the series there. */
export function treatedPlace({ panel, series, network: { recipe, season } }: InspectedPlace) {
  return {
    treated: applyRecipe(panel, recipe, season),
    origin: seriesLength(panel, series) - recipeOffset(recipe, season),
  };
}

/**
 * The parts of the forecast, or null where the model does not take it apart; `uri` is a file of `buildInspection`. Differences from the season before are added
 * up over the seasons of the horizon, part by part, so that with `season before` the parts add up in the units of the series.
 */
export async function readParts(
  inference: Inference,
  place: InspectedPlace,
  uri: string,
): Promise<ForecastParts | null> {
  const { panel, series, horizon, network } = place;
  const { treated, origin } = treatedPlace(place);
  const reference = { uri, lookBack: network.lookBack, horizon };
  const origins = new Int32Array(panel.ids.length).fill(-1);
  origins[series] = origin;
  const found = await inference.decompose(reference, treated, origins);
  const { level, ...others } = found;
  if (level === undefined) return null;
  const parts = Object.entries({ level, ...others }).map(([name, values]) => ({
    name,
    values: [...values.subarray(series * horizon, (series + 1) * horizon)],
  }));
  const { recipe, season } = network;
  if (recipe === 'log') return { scale: 'log', parts };
  if (recipe === 'plain') return { scale: 'units', parts };
  const last = seriesValues(panel, series).slice(-season);
  const start = Array.from({ length: horizon }, (_, step) => last[step % season]!);
  const summed = parts.map(({ name, values }) => ({ name, values: addUp(values, season) }));
  return { scale: 'units', parts: [{ name: seasonBefore, values: start }, ...summed] };
}

/** Each value with those one season, two seasons, ... before it. */
export function addUp(values: readonly number[], season: number): number[] {
  const sums = [...values];
  for (let step = season; step < sums.length; step++) sums[step]! += sums[step - season]!;
  return sums;
}
