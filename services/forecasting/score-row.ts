/** Score rows: what of a backtest's score the state of a run keeps. */
import type { ScoreRow } from '../../state/run-state.ts';
import type { Score } from '../evaluation/evaluation.ts';

const finite = (value: number | null): number | null =>
  value !== null && Number.isFinite(value) ? value : null;

/** Null stands for what could not be scored. */
export function toScoreRow(score: Score): ScoreRow {
  return {
    model: score.model,
    kind: score.kind,
    mae: finite(score.mae),
    rmse: finite(score.rmse),
    mase: finite(score.mase),
    smape: finite(score.smape),
    coverage80: finite(score.coverage80),
    coverage95: finite(score.coverage95),
    msis: finite(score.msis),
    wql: finite(score.wql),
  };
}
