/** What a seasonal ARIMA model is called: its orders, and how they are counted and written. */

/** Orders of ARIMA(p, d, q)(P, D, Q) with a season, as Box and Jenkins name them. */
export interface ArimaOrder {
  readonly p: number;
  readonly d: number;
  readonly q: number;
  /** Seasonal autoregressive, differencing and moving-average orders. */
  readonly seasonalP: number;
  readonly seasonalD: number;
  readonly seasonalQ: number;
  /** Steps of one season; 1 if there is none, and then the seasonal orders are 0. */
  readonly season: number;
  /** Whether the differenced series has a mean: a level if nothing was differenced, a drift if once. */
  readonly constant: boolean;
}

/** How many coefficients of polynomials there are: p + q + P + Q. */
export function polynomialCount({ p, q, seasonalP, seasonalQ }: ArimaOrder): number {
  return p + q + seasonalP + seasonalQ;
}

/** How many values differencing costs: d + D m. */
export function lostValues({ d, seasonalD, season }: ArimaOrder): number {
  return d + seasonalD * season;
}

/** The order as it is written in textbooks, such as `(0,1,1)(0,1,1)[12] with drift`. */
export function formatOrder(order: ArimaOrder): string {
  const { p, d, q, seasonalP, seasonalD, seasonalQ, season, constant } = order;
  const seasonal =
    seasonalP + seasonalD + seasonalQ > 0
      ? `(${seasonalP},${seasonalD},${seasonalQ})[${season}]`
      : '';
  const mean = d + seasonalD === 0 ? ' with mean' : ' with drift';
  return `(${p},${d},${q})${seasonal}${constant ? mean : ''}`;
}
