/** Borrowed folds: residuals of stand-ins at earlier origins, where as few folds as the models have would mislead. */
import { seriesLength } from '../panel.ts';
import type { CalibrationTask } from './calibration.ts';
import { independentShare } from './dependence.ts';
import {
  concatenated,
  foldOf,
  type FoldResiduals,
  intervalScore,
  offsetsOf,
  takeFolds,
  thinned,
} from './fold-residuals.ts';
import { likeness, shortestHistory, standInResiduals, standIns } from './stand-in.ts';

/** Folds that intervals are to rest on; where the models were run on fewer, stand-ins are asked. */
const enoughFolds = 16;
/** Borrowed folds must lower the interval score by this share. */
const worthBorrowing = 0.02;

/** What the stand-in knows of times before the validation folds. */
export interface BorrowedFolds {
  /** Origins, oldest first; none where they would not help. */
  readonly stepsFromEnd: readonly number[];
  /** [fold][series][horizon], scaled to the models' residuals. */
  readonly residuals: Float64Array;
  /** Share (0..1) of its rows that a fold's residuals amount to, as its series miss together. */
  readonly independence: number;
}

/** Residuals of the stand-in that resembles the models most, at origins before the first validation fold. */
export function borrowFolds(task: CalibrationTask): BorrowedFolds {
  const { panel, season, horizon, stepsFromEnd } = task;
  const older = earlierOrigins(task);
  const { standIn, residuals, ratio } = mostAlike(task);
  const earlier = concatenated(...older.map((at) => standInResiduals(task, standIn, at)));
  const together: FoldResiduals = {
    residuals: concatenated(earlier, residuals),
    features: new Float64Array(0),
    folds: older.length + stepsFromEnd.length,
    series: panel.ids.length,
    horizon,
  };
  const independence = independentShare(together.residuals, together);
  const helps = needsMoreFolds(thinned(together), stepsFromEnd.length);
  return helps
    ? { stepsFromEnd: older, residuals: earlier.map((value) => value * ratio), independence }
    : { stepsFromEnd: [], residuals: new Float64Array(0), independence };

  function earlierOrigins({ stepsFromEnd: known }: CalibrationTask): number[] {
    const missing = Math.max(0, enoughFolds - known.length);
    return Array.from({ length: missing }, (_, k) => known[0]! + (k + 1) * horizon)
      .filter((at) => {
        const able = panel.ids.filter(
          (_, i) => seriesLength(panel, i) - at >= shortestHistory(season),
        );
        return able.length >= panel.ids.length / 2;
      })
      .toReversed();
  }
}

function mostAlike(task: CalibrationTask) {
  const [best] = standIns
    .filter((standIn) => task.season > 1 || !standIn.startsWith('seasonal'))
    .map((standIn) => {
      const residuals = concatenated(
        ...task.stepsFromEnd.map((at) => standInResiduals(task, standIn, at)),
      );
      return { standIn, residuals, ...likeness(task.residuals, residuals) };
    })
    .sort((a, b) => b.correlation - a.correlation);
  return best!;
}

/** Whether intervals from `few` neighbouring folds score clearly worse on the next than intervals from all others. */
function needsMoreFolds(folds: FoldResiduals, few: number): boolean {
  let fromFew = 0;
  let fromAll = 0;
  for (let fold = few; fold < folds.folds; fold++) {
    const target = foldOf(folds, folds.residuals, fold);
    const recent = takeFolds(folds, folds.residuals, (at) => at >= fold - few && at < fold);
    const others = takeFolds(folds, folds.residuals, (at) => at !== fold);
    fromFew += intervalScore(target, offsetsOf(recent, folds), folds.horizon);
    fromAll += intervalScore(target, offsetsOf(others, folds), folds.horizon);
  }
  return fromAll < (1 - worthBorrowing) * fromFew;
}
