/** Target treatments that a network may be trained on, each undone exactly on its forecasts. */
import type { Recipe } from '../state/run-state.ts';
import { bounded } from './bounded.ts';
import { createPanel, seriesLength, takeSeries, type Panel } from './panel.ts';

/**
 * The panel that a network sees: the same series, treated.
 * `log` needs values above zero; `seasonal-difference` shortens every series by one season from its beginning,
 * so positions counted from the end of a series keep their meaning. Exogenous columns stay what they are.
 */
export function applyRecipe(panel: Panel, recipe: Recipe, season: number): Panel {
  if (recipe === 'plain') return panel;
  if (recipe === 'log') return createPanel({ ...panel, y: panel.y.map(Math.log) });
  const treated = takeSeries(
    panel,
    panel.ids.map((_, series) => ({ series, skip: season })),
  );
  const y = new Float64Array(treated.y.length);
  for (let i = 0; i < panel.ids.length; i++) {
    const from = panel.offsets[i]! + season;
    const to = treated.offsets[i]!;
    for (let k = 0; k < seriesLength(treated, i); k++) {
      y[to + k] = panel.y[from + k]! - panel.y[from + k - season]!;
    }
  }
  return createPanel({ ...treated, y });
}

/** How many leading observations of a series the treatment uses up. */
export function recipeOffset(recipe: Recipe, season: number): number {
  return recipe === 'seasonal-difference' ? season : 0;
}

/**
 * Turns forecasts of the treated panel into forecasts of the panel, in place, within the range of a double.
 * `forecast` [series * horizon]; `origins` [series], positions in the untreated series (-1 = none), whose history ends there.
 */
export function undoRecipe(
  forecast: Float64Array,
  panel: Panel,
  origins: Int32Array,
  horizon: number,
  recipe: Recipe,
  season: number,
): Float64Array {
  if (recipe === 'plain') return forecast;
  if (recipe === 'log') {
    for (let k = 0; k < forecast.length; k++) forecast[k] = bounded(Math.exp(forecast[k]!));
    return forecast;
  }
  for (let i = 0; i < panel.ids.length; i++) {
    const origin = origins[i]!;
    if (origin < season) continue;
    for (let k = 0; k < horizon; k++) {
      const at = i * horizon + k;
      const previous =
        k < season ? panel.y[panel.offsets[i]! + origin + k - season]! : forecast[at - season]!;
      forecast[at] = bounded(forecast[at]! + previous);
    }
  }
  return forecast;
}

/**
 * How strongly the spread of a series grows with its level: the median over series of the slope of log(spread) on
 * log(level) across blocks of one season (Guerrero 1993; 0 = additive, 1 = multiplicative). Reads only observations
 * more than `stepsFromEnd` before the end. Undefined where a value is not above zero, blocks are too few or squares overflow.
 */
export function multiplicativeSlope(
  panel: Panel,
  season: number,
  stepsFromEnd: number,
  limit = 200,
): number | undefined {
  const block = Math.max(season, 4);
  const slopes: number[] = [];
  const stride = Math.max(1, Math.floor(panel.ids.length / limit));
  for (let i = 0; i < panel.ids.length; i += stride) {
    const end = panel.offsets[i + 1]! - stepsFromEnd;
    const slope =
      end > panel.offsets[i]!
        ? blockSlope(panel.y.subarray(panel.offsets[i], end), block)
        : undefined;
    if (slope === 'not-positive') return undefined;
    if (slope !== undefined) slopes.push(slope);
  }
  slopes.sort((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 2)];
}

function blockSlope(values: Float64Array, block: number): number | 'not-positive' | undefined {
  const levels: number[] = [];
  const spreads: number[] = [];
  if (values.some((value) => !(value > 0))) return 'not-positive';
  for (let end = values.length; end - block >= 0; end -= block) {
    const part = values.subarray(end - block, end);
    const level = part.reduce((sum, value) => sum + value, 0) / block;
    const spread = Math.sqrt(part.reduce((sum, value) => sum + (value - level) ** 2, 0) / block);
    if (spread > level * 1e-9 && Number.isFinite(spread)) {
      levels.push(Math.log(level));
      spreads.push(Math.log(spread));
    }
  }
  const count = levels.length;
  if (count < 4) return undefined;
  const meanLevel = levels.reduce((sum, value) => sum + value, 0) / count;
  const meanSpread = spreads.reduce((sum, value) => sum + value, 0) / count;
  let covariance = 0;
  let variance = 0;
  for (let k = 0; k < count; k++) {
    covariance += (levels[k]! - meanLevel) * (spreads[k]! - meanSpread);
    variance += (levels[k]! - meanLevel) ** 2;
  }
  return variance > 1e-12 ? covariance / variance : undefined;
}
