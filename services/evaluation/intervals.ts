/** Intervals of backtests: conformal offsets around point forecasts, as `series/conformal` makes them. */
export { applyOffsets, conformalOffsets, naiveOffsets } from '../../series/conformal/offsets.ts';
