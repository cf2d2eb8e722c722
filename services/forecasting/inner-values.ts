/** Inner values: what a network selects and attends to when it forecasts one series, under the names of the data. */
import type { ExogenousKind } from '../../models/model.ts';
import { formatTime } from '../../series/format-time.ts';
import { seriesTimes } from '../../series/panel.ts';
import { assert } from '../../state/errors.ts';
import type { Feed } from '../../tensor/values.ts';
import type { Inference } from '../inference/inference.ts';
import { partPrefix } from '../inference/inspection.ts';
import { type InspectedPlace, treatedPlace } from './parts.ts';

/** How much each variable counts, mean over the steps. */
export interface VariableShares {
  /** What the variables are of: each step of the look-back, each step of the horizon, or the series as a whole. */
  readonly of: 'look-back' | 'horizon' | 'series';
  /** In the order in which the model takes them; the weights add up to 1. The series itself is of kind `series`. */
  readonly variables: readonly {
    readonly name: string;
    readonly kind: ExogenousKind | 'series';
    readonly weight: number;
  }[];
}

/** What the steps of the horizon attend to, mean over them; all weights add up to 1. */
export interface AttentionShares {
  /** All steps of the look-back from the last on, lag 1; the time is null before the series begins. */
  readonly lags: readonly {
    readonly lag: number;
    readonly time: string | null;
    readonly weight: number;
  }[];
  /** Weight of the steps of the horizon itself. */
  readonly horizon: number;
}

/** What a network shows beside the parts of its forecast. */
export interface Inside {
  readonly variables: readonly VariableShares[];
  readonly attention: AttentionShares | null;
  /** Names and shapes of what has no meaning that is known here. */
  readonly others: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

type Variable = VariableShares['variables'][number];

/** Variables that a model selects among. */
interface Selection extends Pick<VariableShares, 'of'> {
  /** In the order in which the model takes them. */
  readonly kinds: readonly Variable['kind'][];
}

/** By the name under which a model shows the weights. */
const selections: Readonly<Record<string, Selection>> = {
  'selection:historical': { of: 'look-back', kinds: ['series', 'historical', 'future'] },
  'selection:future': { of: 'horizon', kinds: ['future'] },
  'selection:static': { of: 'series', kinds: ['static', 'categories'] },
};

/** Runs the network, from the file of `buildInspection` at `uri`, at the end of the series and reads what it shows. */
export async function readInside(
  inference: Inference,
  place: InspectedPlace,
  uri: string,
): Promise<Inside> {
  const { series, horizon, network } = place;
  const { treated, origin } = treatedPlace(place);
  const reference = { uri, lookBack: network.lookBack, horizon };
  const shown = await inference.inspect(reference, treated, { series, origin });
  const values = Object.entries(shown ?? {}).filter(
    ([name]) => name !== 'forecast' && !name.startsWith(partPrefix),
  );
  const variables: VariableShares[] = [];
  const others: { name: string; shape: readonly number[] }[] = [];
  let attention: AttentionShares | null = null;
  for (const [name, feed] of values) {
    const selection = selections[name];
    if (selection !== undefined) {
      variables.push(selectionOf(place, selection, feed));
    } else if (name === 'attention') {
      attention = attentionOf(place, feed);
    } else {
      others.push({ name, shape: feed.shape });
    }
  }
  return { variables, attention, others };
}

function selectionOf(
  { network }: InspectedPlace,
  { of, kinds }: Selection,
  feed: Feed,
): VariableShares {
  const names = kinds.flatMap((kind): Omit<Variable, 'weight'>[] => {
    if (kind === 'series') return [{ kind, name: 'the series itself' }];
    const own = (network.columns ?? []).filter((column) => column.startsWith(`${kind}:`));
    return own.map((column) => ({ kind, name: column.slice(kind.length + 1) }));
  });
  const means = columnMeans(feed);
  assert(means.length === names.length, `there is a weight for each of ${names.length} variables`);
  return { of, variables: names.map((name, i) => ({ ...name, weight: means[i]! })) };
}

/** `feed` [horizon, lookBack + horizon]: how much each step of the horizon attends to each step up to itself. */
function attentionOf(place: InspectedPlace, feed: Feed): AttentionShares {
  const { panel, series, horizon, network } = place;
  const { lookBack } = network;
  const means = columnMeans(feed);
  assert(means.length === lookBack + horizon, 'the horizon attends to look-back and horizon');
  const times = seriesTimes(panel, series);
  const lags = Array.from({ length: lookBack }, (_, k) => {
    const time = times.at(-1 - k);
    return {
      lag: k + 1,
      time: time === undefined ? null : formatTime(time, panel.frequency),
      weight: means[lookBack - 1 - k]!,
    };
  });
  return { lags, horizon: means.slice(lookBack).reduce((sum, weight) => sum + weight, 0) };
}

/** Mean over all but the last axis. */
function columnMeans({ data, shape }: Feed): number[] {
  const width = shape.at(-1)!;
  const rows = data.length / width;
  return Array.from({ length: width }, (_, column) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += Number(data[row * width + column]);
    return sum / rows;
  });
}
