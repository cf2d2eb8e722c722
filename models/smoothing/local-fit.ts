/** Exponential smoothing as the models of the list give it: means, what was estimated, deviations and states. */
import type { LocalContext, LocalFit } from '../model.ts';
import { type EtsOptions, fitEts } from './ets.ts';
import { formatKind } from './kind.ts';

/** Fits one of the kinds (all usual ones if left out) and names what was estimated. */
export function fitSmoothing(
  history: Float64Array,
  { horizon, season }: LocalContext,
  options: EtsOptions = {},
): LocalFit {
  const fit = fitEts(history, season, options);
  const { kind, weights, aicc, reason } = fit;
  return {
    mean: fit.mean(horizon),
    parameters: {
      kind: formatKind(kind),
      alpha: weights.alpha,
      ...(kind.trend === 'N' ? {} : { beta: weights.beta }),
      ...(kind.season === 'N' ? {} : { gamma: weights.gamma }),
      ...(kind.trend === 'Ad' ? { phi: weights.phi } : {}),
      ...(Number.isFinite(aicc) ? { aicc } : {}),
      ...(reason === undefined ? {} : { reason }),
    },
    deviation: () => fit.deviation(horizon),
    components: () => fit.states(),
  };
}
