/** The kinds of exponential smoothing, by error, trend and season (Hyndman et al. 2008, chapter 2). */

/** Error, trend and season: N none, A additive, M multiplicative, Ad additive and damped. */
export interface EtsKind {
  readonly error: 'A' | 'M';
  readonly trend: 'N' | 'A' | 'Ad';
  readonly season: 'N' | 'A' | 'M';
}

/** As in "M,Ad,N". */
export const formatKind = ({ error, trend, season }: EtsKind): string =>
  `${error},${trend},${season}`;

/** How many numbers are estimated: smoothing weights, initial states (those of a season add up to a known sum) and the variance. */
export function parameterCount({ trend, season }: EtsKind, period: number): number {
  const ofTrend = trend === 'N' ? 0 : trend === 'A' ? 2 : 3;
  return 3 + ofTrend + (season === 'N' ? 0 : period);
}

const trends = ['N', 'A', 'Ad'] as const;

/**
 * Kinds that an automatic choice looks at, simple ones first. Left out are those of chapter 2 whose recursion divides by
 * states that may come near zero (a multiplicative season with additive errors) and, where a value is not positive, all
 * multiplicative ones.
 */
export function usualKinds(positive: boolean, seasonal: boolean): EtsKind[] {
  return (seasonal ? (['N', 'A', 'M'] as const) : (['N'] as const))
    .flatMap((season) =>
      trends.flatMap((trend) =>
        (positive ? (['A', 'M'] as const) : (['A'] as const))
          .filter((error) => season !== 'M' || error === 'M')
          .map((error) => ({ error, trend, season })),
      ),
    )
    .filter(({ season }) => positive || season !== 'M');
}
