/** Calibration: conformal intervals whose variant is chosen on validation folds, each judged on a fold that it has not seen. */
import { adaptLevels, type FoldSequence } from './adaptive.ts';
import { type Panel, seriesLength, seriesValues } from '../panel.ts';
import { isConstant } from '../statistics.ts';
import { conformalOffsets } from './offsets.ts';
import { learnSpread, type SpreadModel, type SpreadOptions } from './spread.ts';
import { spreadFeatureCount, spreadFeatures } from './spread-features.ts';
import { borrowFolds } from './borrowed-folds.ts';
import {
  concatenated,
  foldOf,
  type FoldResiduals,
  intervalScore,
  judgedLevels,
  offsetsOf,
  takeFolds,
  thinned,
} from './fold-residuals.ts';

/** Residuals of validation folds, and the series that they come from. */
export interface CalibrationTask {
  readonly panel: Panel;
  readonly season: number;
  readonly horizon: number;
  /** How many steps before each series' end the folds' origins lie, oldest first; `horizon` or more apart. */
  readonly stepsFromEnd: readonly number[];
  /** [fold][series][horizon], actual minus forecast in units of the series' scale; NaN where absent. */
  readonly residuals: Float64Array;
}

/** Intervals for any origin: point + scale of the series * its spread * offset of the step and level. */
export interface Calibration {
  /** What the intervals rest on, in words. */
  readonly variant: string;
  /** How many folds of stand-ins were added. */
  readonly standInFolds: number;
  /** How many residuals of the models they rest on. */
  readonly residualsUsed: number;
  /** Offsets [horizon * levels] of a series of spread 1; all NaN if there is no residual. */
  offsets(levels: readonly number[]): Float64Array;
  /** Spreads [series] of forecasts made this many steps before each series' end; 0 for the forecast that is served. */
  spreads(stepsFromEnd: number): Float64Array;
}

/** A variant must lower the interval score by this share to be taken in place of a simpler one. */
const worthUsing = 0.01;

/** The variants, simplest first. */
const variants: readonly { readonly name: string; readonly options: SpreadOptions }[] = [
  {
    name: 'one spread for all series',
    options: { fromFeatures: false, fromOwnResiduals: false },
  },
  {
    name: 'spreads from the histories',
    options: { fromFeatures: true, fromOwnResiduals: false },
  },
  {
    name: 'spreads from each series’ residuals',
    options: { fromFeatures: false, fromOwnResiduals: true },
  },
  {
    name: 'spreads from histories and residuals',
    options: { fromFeatures: true, fromOwnResiduals: true },
  },
];

/**
 * Calibrates intervals from residuals of validation folds, by split conformal prediction for each step of the horizon (Lei
 * et al. 2018), of residuals that are divided by their series' spread (locally weighted conformal prediction, ibid.).
 *
 * Series that miss together (a holiday, a crash) make one fold speak for one event only. How much that matters is asked
 * of simple forecasts at all earlier origins: where intervals from as few folds as the models have score clearly worse there
 * than intervals from many, the stand-in that resembles the models most lends its earlier residuals, scaled to the models'.
 *
 * Which spreads are used is decided by the interval score (Gneiting and Raftery 2007) at 80 % and 95 % on folds left out; with a
 * single fold none is left out, and all series have the same spread.
 *
 * What never moved has no scale to measure a miss by: residuals of histories that were constant at their origin are left out.
 */
export function calibrate(given: CalibrationTask): Calibration {
  const task = withoutConstant(given);
  const { panel, season, horizon, stepsFromEnd } = task;
  const residualsUsed = task.residuals.reduce((n, value) => n + (Number.isNaN(value) ? 0 : 1), 0);
  if (residualsUsed === 0) return uncalibrated(task);
  const borrowed = borrowFolds(task);
  const own = withFeatures(task, stepsFromEnd, task.residuals);
  const more = withFeatures(
    task,
    [...borrowed.stepsFromEnd, ...stepsFromEnd],
    concatenated(borrowed.residuals, task.residuals),
  );
  const { folds: all, variant } = betterFolds(own, more);
  const spread = learnSpread(all, variant.options);
  const divided = divideBySpread(all, spread);
  const sequence = sequenceOf(all, divided);
  const adapts = isWorthAdapting(sequenceOf(...thinnedWith(all, divided)), horizon);
  return {
    variant: adapts ? `${variant.name}, adapted levels` : variant.name,
    standInFolds: all.folds - own.folds,
    residualsUsed,
    offsets: (levels) =>
      conformalOffsets(
        divided,
        horizon,
        adapts ? adaptLevels(sequence, levels) : levels,
        borrowed.independence,
      ),
    spreads(at) {
      const features = featuresAt({ panel, season, horizon }, at);
      return Float64Array.from(panel.ids, (_, i) => spread.spreadOf(i, featuresOf(features, i)));
    },
  };
}

function withoutConstant(task: CalibrationTask): CalibrationTask {
  const { panel, horizon, stepsFromEnd } = task;
  const residuals = task.residuals.slice();
  for (const [fold, at] of stepsFromEnd.entries()) {
    for (let i = 0; i < panel.ids.length; i++) {
      const origin = seriesLength(panel, i) - at;
      if (origin < 1 || !isConstant(seriesValues(panel, i).subarray(0, origin))) continue;
      const row = fold * panel.ids.length + i;
      residuals.fill(Number.NaN, row * horizon, (row + 1) * horizon);
    }
  }
  return { ...task, residuals };
}

function uncalibrated({ panel, horizon }: CalibrationTask): Calibration {
  return {
    variant: 'no residuals',
    standInFolds: 0,
    residualsUsed: 0,
    offsets: (levels) => new Float64Array(horizon * levels.length).fill(Number.NaN),
    spreads: () => new Float64Array(panel.ids.length).fill(1),
  };
}

function featuresAt(
  { panel, season, horizon }: Pick<CalibrationTask, 'panel' | 'season' | 'horizon'>,
  stepsFromEnd: number,
): Float64Array {
  const features = new Float64Array(panel.ids.length * spreadFeatureCount);
  for (let i = 0; i < panel.ids.length; i++) {
    const origin = seriesLength(panel, i) - stepsFromEnd;
    if (origin < 1) continue;
    const history = seriesValues(panel, i).subarray(0, origin);
    features.set(spreadFeatures(history, season, horizon), i * spreadFeatureCount);
  }
  return features;
}

function featuresOf(features: Float64Array, row: number): Float64Array {
  return features.subarray(row * spreadFeatureCount, (row + 1) * spreadFeatureCount);
}

/** A variant, and its interval score on the folds that it was judged on. */
interface JudgedVariant {
  readonly variant: (typeof variants)[number];
  readonly score: number;
}

/**
 * The models' own folds, or these with the borrowed ones: whatever scores better on the models' own folds, each left out; with a
 * single one none can be, and what was borrowed is used.
 */
function betterFolds(
  own: FoldResiduals,
  more: FoldResiduals,
): { folds: FoldResiduals; variant: JudgedVariant['variant'] } {
  if (own.folds === 1) {
    const variant = more.folds === 1 ? variants[0]! : bestVariant(thinned(more), 0).variant;
    return { folds: more, variant };
  }
  const plain = bestVariant(thinned(own, more), 0);
  if (more.folds === own.folds) return { folds: own, variant: plain.variant };
  const borrowed = bestVariant(thinned(more), more.folds - own.folds);
  return borrowed.score < plain.score
    ? { folds: more, variant: borrowed.variant }
    : { folds: own, variant: plain.variant };
}

function withFeatures(
  task: CalibrationTask,
  stepsFromEnd: readonly number[],
  residuals: Float64Array,
): FoldResiduals {
  return {
    residuals,
    features: concatenated(...stepsFromEnd.map((at) => featuresAt(task, at))),
    folds: stepsFromEnd.length,
    series: task.panel.ids.length,
    horizon: task.horizon,
  };
}

/** The simplest variant that none beats clearly on the folds from `first` on, each left out. */
function bestVariant(folds: FoldResiduals, first: number): JudgedVariant {
  let best = variants[0]!;
  let bestScore = Number.POSITIVE_INFINITY;
  for (const variant of variants) {
    const spread = learnSpread(folds, variant.options);
    const divided = divideBySpread(folds, spread);
    let score = 0;
    for (let fold = first; fold < folds.folds; fold++) {
      const others = takeFolds(folds, divided, (at) => at !== fold);
      const spreads = Float64Array.from({ length: folds.series }, (_, i) =>
        spread.spreadOf(i, featuresOf(folds.features, fold * folds.series + i), fold),
      );
      const target = foldOf(folds, folds.residuals, fold);
      score += intervalScore(target, offsetsOf(others, folds), folds.horizon, spreads);
    }
    if (score < (1 - worthUsing) * bestScore) {
      best = variant;
      bestScore = score;
    }
  }
  return { variant: best, score: bestScore };
}

/** Residuals over the spread that their series has by its other folds. */
function divideBySpread(
  { residuals, features, folds, series, horizon }: FoldResiduals,
  spread: SpreadModel,
): Float64Array {
  const divided = new Float64Array(residuals.length);
  for (let row = 0; row < folds * series; row++) {
    const fold = Math.floor(row / series);
    const factor = spread.spreadOf(row % series, featuresOf(features, row), fold);
    for (let k = row * horizon; k < (row + 1) * horizon; k++) divided[k] = residuals[k]! / factor;
  }
  return divided;
}

function sequenceOf(folds: FoldResiduals, divided: Float64Array): FoldSequence {
  return {
    folds: Array.from({ length: folds.folds }, (_, fold) => foldOf(folds, divided, fold)),
    offsets: (some, levels) => conformalOffsets(concatenated(...some), folds.horizon, levels),
  };
}

function thinnedWith(folds: FoldResiduals, divided: Float64Array): [FoldResiduals, Float64Array] {
  const thin = thinned({ ...folds, residuals: divided });
  return [thin, thin.residuals];
}

/** Whether intervals of adapted levels, each made from earlier folds only, score better than those of the levels as they are. */
function isWorthAdapting(sequence: FoldSequence, horizon: number): boolean {
  let plain = 0;
  let adapted = 0;
  for (let fold = 3; fold < sequence.folds.length; fold++) {
    const folds = sequence.folds.slice(0, fold);
    const target = sequence.folds[fold]!;
    const levels = adaptLevels({ ...sequence, folds }, judgedLevels);
    plain += intervalScore(target, sequence.offsets(folds, judgedLevels), horizon);
    adapted += intervalScore(target, sequence.offsets(folds, levels), horizon);
  }
  return adapted < (1 - worthUsing) * plain;
}
