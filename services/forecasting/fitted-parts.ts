/** Fitted parts: what a model of one series estimated of it, and what it takes the series to be made of. */
import type { LocalModel } from '../../models/model.ts';
import { formatTime } from '../../series/format-time.ts';
import { type Panel, seriesTimes, seriesValues } from '../../series/panel.ts';
import type { LocalForecasts } from '../local/local-forecasts.ts';
import { seasonsFor } from './local-seasons.ts';

/** A fit to the whole of a series; all lists of figures have one entry for each observation. */
export interface FittedParts {
  /** What was estimated or chosen, by name. */
  readonly parameters: Readonly<Record<string, number | string>>;
  /** Season length in steps that the model was told of, 1 if none. */
  readonly season: number;
  readonly times: readonly string[];
  readonly observed: readonly (number | null)[];
  /** `fitted`, the forecasts one step ahead, `level`, `trend`, `season`, ...; null where the model says nothing. */
  readonly components: readonly {
    readonly name: string;
    readonly values: readonly (number | null)[];
  }[];
}

/** A series of a panel, and the seasons that models of it were told of. */
export interface FittedPlace {
  readonly panel: Panel;
  readonly series: number;
  readonly horizon: number;
  readonly season: number;
  readonly seasons?: readonly number[];
}

/** Fits `model` again, which gives the fit that was served, and takes it apart. */
export async function readFit(
  locals: LocalForecasts,
  { panel, series, horizon, ...told }: FittedPlace,
  model: LocalModel,
): Promise<{ forecast: number[]; fit: FittedParts }> {
  const seasons = seasonsFor(model, told);
  const history = seriesValues(panel, series);
  const { mean, parameters, components } = await locals.describe(model, history, {
    horizon,
    ...seasons,
  });
  return {
    forecast: [...mean],
    fit: {
      parameters,
      season: seasons.season,
      times: Array.from(seriesTimes(panel, series), (time) => formatTime(time, panel.frequency)),
      observed: numbersOf(history),
      components: Object.entries(components).map(([name, values]) => ({
        name,
        values: numbersOf(values),
      })),
    },
  };
}

const numbersOf = (values: Float64Array): (number | null)[] =>
  Array.from(values, (value) => (Number.isFinite(value) ? value : null));
