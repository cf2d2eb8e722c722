/** Feature shares: what a table model's forecast of one series owes to each feature, in the units of the series. */
import { seriesValues } from '../../series/panel.ts';
import { applyRecipe } from '../../series/recipe.ts';
import type { Recipe } from '../../state/run-state.ts';
import type { Artifacts } from '../artifacts/artifacts.ts';
import { type Breakdown, exponentiate } from '../tabular/breakdown.ts';
import type { TableContributions } from '../tabular/table-explanation.ts';
import type { Tabular } from '../tabular/tabular.ts';
import { addUp, type InspectedPlace } from './parts.ts';

/** A forecast taken apart by features: at each step `start`, all features and `bounds` add up to it. */
export interface FeatureShares {
  /** What the model forecasts changes from: nothing, the recent mean, the last value, the last one at its place in the season. */
  readonly baseline: TableContributions['baseline'];
  /** Where the forecast starts from at each step: the baseline and the average change. */
  readonly start: readonly number[];
  /** What moves the forecast most comes first. */
  readonly features: readonly FeatureShare[];
  /** What the bounds of what the model may forecast put in or take off; mostly 0. */
  readonly bounds: readonly number[];
  /** What counts in the model as a whole, whatever the series; each kind adds up to 1. */
  readonly importance: readonly {
    readonly kind: string;
    /** The greatest share first. */
    readonly features: readonly { readonly name: string; readonly share: number }[];
  }[];
}

/** What a forecast owes to one feature. */
export interface FeatureShare {
  readonly name: string;
  /** Mean over the horizon of what it moves the forecast by, up or down. */
  readonly size: number;
  /** At each step. */
  readonly values: readonly number[];
}

/** Explains the forecast from the end of the series. Errors: ARTIFACT_MISSING, and those of the forecast. */
export async function readFeatures(
  services: { tabular: Tabular; artifacts: Artifacts },
  { panel, series, horizon, network: { artifact, recipe, season } }: InspectedPlace,
): Promise<FeatureShares> {
  const bytes = await services.artifacts.get(artifact);
  const treated = applyRecipe(panel, recipe, season);
  const found = await services.tabular.explainSeries(bytes, treated, series);
  const steps = Array.from({ length: horizon }, (_, step): Breakdown => {
    const parts = [...found.features.map(({ values }) => values[step]!), found.bounds[step]!];
    return { start: found.start[step]!, parts: Float64Array.from(parts) };
  });
  const last = Array.from(seriesValues(panel, series).subarray(-season));
  const own = untreated(steps, recipe, last);
  const features = found.features.map(({ name }, j) => {
    const values = own.map(({ parts }) => parts[j]!);
    return { name, size: values.reduce((sum, v) => sum + Math.abs(v), 0) / horizon, values };
  });
  return {
    baseline: found.baseline,
    start: own.map(({ start }) => start),
    features: features.toSorted((a, b) => b.size - a.size),
    bounds: own.map(({ parts }) => parts[found.features.length]!),
    importance: Object.entries(found.importance).map(([kind, shares]) => ({
      kind,
      features: Object.entries(shares)
        .map(([name, share]) => ({ name, share }))
        .toSorted((a, b) => b.share - a.share),
    })),
  };
}

/** Breakdowns of what a treated series is forecast to be, as those of the series itself, of which `last` is the last season. */
function untreated(
  steps: readonly Breakdown[],
  recipe: Recipe,
  last: readonly number[],
): readonly Breakdown[] {
  if (recipe === 'plain') return steps;
  if (recipe === 'log') return steps.map(exponentiate);
  const season = last.length;
  const starts = addUp(
    steps.map(({ start }) => start),
    season,
  );
  const columns = Array.from(steps[0]!.parts, (_, j) =>
    addUp(
      steps.map(({ parts }) => parts[j]!),
      season,
    ),
  );
  return steps.map((_, step) => ({
    start: last[step % season]! + starts[step]!,
    parts: Float64Array.from(columns, (column) => column[step]!),
  }));
}
