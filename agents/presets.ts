/** Presets: which models are worth their time on which data, one rule for each model. */
import { models } from '../models/index.ts';
import type { PanelFacts } from '../series/panel-facts.ts';
import { type Preset, presets } from '../state/request.ts';

/** What the rules look at. */
export interface Situation extends PanelFacts {
  readonly horizon: number;
  readonly season: number;
  readonly seasons: readonly number[];
  /** Series long and varied enough to learn from. */
  readonly trainable: number;
  /** How often a local model is fitted to each series: once a fold, and once to serve. */
  readonly fits: number;
  readonly threads: number;
}

/** When a preset takes a model. */
interface PresetRule {
  readonly model: string;
  /** The least preset that takes it; those above do as well. */
  readonly from: Preset;
  /** Why it is of no use on this data; undefined if it may be. */
  readonly unless?: (situation: Situation) => string | undefined;
  /** Milliseconds for a fit to one history of `n` values with season `m`, measured on one core; models trained once have none. */
  readonly fitMs?: (n: number, m: number) => number;
}

const onlyIntermittent = ({ intermittent }: Situation): string | undefined =>
  intermittent >= 0.2 ? undefined : 'few series have intermittent demand';
const onlySmooth = ({ intermittent }: Situation): string | undefined =>
  intermittent < 0.8 ? undefined : 'nearly all series have intermittent demand';
const onlySeasonal = ({ season }: Situation): string | undefined =>
  season > 1 ? undefined : 'there is no season';
const onlyTrainable = ({ trainable }: Situation): string | undefined =>
  trainable > 0 ? undefined : 'no series is long and varied enough to learn from';

/** The rules, cheapest model first. */
const presetRules: readonly PresetRule[] = [
  { model: 'naive', from: 'fast' },
  { model: 'seasonal-naive', from: 'fast' },
  { model: 'drift', from: 'fast' },
  { model: 'window-average', from: 'balanced', fitMs: (n) => 0.005 + n / 1e6 },
  {
    model: 'seasonal-window-average',
    from: 'balanced',
    unless: onlySeasonal,
    fitMs: (n) => 0.005 + n / 1e6,
  },
  { model: 'croston', from: 'best', unless: onlyIntermittent, fitMs: (n) => 0.01 + n / 7e4 },
  { model: 'croston-sba', from: 'fast', unless: onlyIntermittent, fitMs: (n) => 0.01 + n / 7e4 },
  { model: 'tsb', from: 'balanced', unless: onlyIntermittent, fitMs: (n) => 0.01 + n / 2e5 },
  { model: 'adida', from: 'balanced', unless: onlyIntermittent, fitMs: (n) => 0.01 + n / 5e4 },
  { model: 'imapa', from: 'balanced', unless: onlyIntermittent, fitMs: (n) => 0.02 + n / 2e4 },
  { model: 'theta', from: 'balanced', fitMs: (n) => 0.02 + n / 3500 },
  { model: 'dynamic-theta', from: 'fast', fitMs: (n) => 0.02 + n / 3500 },
  { model: 'damped-trend', from: 'best', unless: onlySmooth, fitMs: (n) => 0.1 + n / 1000 },
  { model: 'ets', from: 'fast', unless: onlySmooth, fitMs: (n, m) => 0.2 + (n * (m + 4)) / 5000 },
  { model: 'ces', from: 'balanced', unless: onlySmooth, fitMs: (n, m) => 0.1 + (n * m) / 3500 },
  { model: 'mstl', from: 'fast', unless: onlySeasonal, fitMs: (n) => 0.2 + n / 300 },
  {
    model: 'arima',
    from: 'balanced',
    unless: onlySmooth,
    fitMs: (n, m) => 1 + (n * (m + 2)) / 130,
  },
  { model: 'nlinear', from: 'fast', unless: onlyTrainable },
  { model: 'dlinear', from: 'fast', unless: onlyTrainable },
  { model: 'rlinear', from: 'balanced', unless: onlyTrainable },
  { model: 'gradient-boosting', from: 'balanced', unless: onlyTrainable },
  { model: 'ridge', from: 'best', unless: onlyTrainable },
  { model: 'random-forest', from: 'best', unless: onlyTrainable },
  { model: 'nhits', from: 'best', unless: onlyTrainable },
  { model: 'nbeats', from: 'best', unless: onlyTrainable },
];

/** Seconds that fitting and judging one local model may take. */
const secondsPerModel: Readonly<Record<Preset, number>> = {
  fast: 5,
  balanced: 120,
  best: 3600,
};

/**
 * Most rows that models of tables learn from with `seconds` left: 200,000, with `best` 500 a second up to a million. On the
 * validation folds of M4 Hourly boosting came to a MASE of 0.736 with a million and to 0.753 with 200,000; on those of M4
 * Weekly to 2.818 and 2.810.
 */
export function tableRows(preset: Preset, seconds: number): number {
  const affordable = preset === 'best' ? Math.round(500 * seconds) : 0;
  return Math.min(1_000_000, Math.max(200_000, affordable));
}

/** Seconds that a local model takes to be judged and served; 0 where a rule knows no cost. */
function secondsFor({ fitMs }: PresetRule, situation: Situation): number {
  const { medianLength, seasons, series, fits, threads } = situation;
  return fitMs === undefined
    ? 0
    : (fitMs(medianLength, seasons[0] ?? 1) * series * fits) / threads / 1000;
}

/** All models that `preset` may take on some data. */
export function modelsOfPreset(preset: Preset): readonly string[] {
  return presetRules.filter((rule) => isIn(rule, preset)).map(({ model }) => model);
}

/** Whether `preset` may take the model. */
function isIn({ from }: PresetRule, preset: Preset): boolean {
  return presets.indexOf(from) <= presets.indexOf(preset);
}

/** Which models `preset` takes in this situation, and why not the others; `limit` is a bound on the seconds of each. */
export function judgeModels(preset: Preset, situation: Situation, limit: number) {
  const taken: string[] = [];
  const leftOut: { model: string; whyNot: string }[] = [];
  for (const { name } of models) {
    const rule = presetRules.find(({ model }) => model === name);
    const whyNot = rule === undefined ? notInPresets : objection(rule, preset, situation, limit);
    if (whyNot === undefined) taken.push(name);
    else leftOut.push({ model: name, whyNot });
  }
  return { taken, leftOut };
}

const notInPresets = 'it is tried only where a request names it';

function objection(
  rule: PresetRule,
  preset: Preset,
  situation: Situation,
  limit: number,
): string | undefined {
  if (!isIn(rule, preset)) return `it belongs to the preset ${rule.from}`;
  const useless = rule.unless?.(situation);
  if (useless !== undefined) return useless;
  const seconds = secondsFor(rule, situation);
  const allowed = Math.min(secondsPerModel[preset], limit);
  return seconds > allowed
    ? `its fits would take about ${seconds.toPrecision(2)} s, more than ${allowed.toPrecision(2)} s`
    : undefined;
}
