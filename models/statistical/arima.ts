/**
 * ARIMA: the seasonally differenced series as a stationary process of its own past and past errors (Box and Jenkins 1976).
 *
 *   phi(B) Phi(B^m) (1 - B)^d (1 - B^m)^D y[t] = c + theta(B) Theta(B^m) e[t]
 *
 * B: one step back; m: the season; phi, Phi: autoregressive polynomials of orders p, P; theta, Theta: moving averages of orders
 * q, Q; c: a constant, if d + D <= 1. D follows from the strength of the season, d from the KPSS test, the rest from the corrected
 * Akaike criterion, in steps from model to better neighbour (Hyndman and Khandakar 2008).
 */
import { z } from 'zod';
import { type AutoArimaFit, autoArima } from '../autoregression/auto-arima.ts';
import type { ArmaPolynomials } from '../autoregression/polynomials.ts';
import type { LocalModel } from '../model.ts';
import { binaryScale, rescale } from '../numerics/scaling.ts';

const hyperparameters = z.strictObject({
  maxP: z.int().min(0).max(8).default(5).describe('Highest autoregressive order'),
  maxQ: z.int().min(0).max(8).default(5).describe('Highest moving-average order'),
  maxSeasonalP: z.int().min(0).max(3).default(2).describe('Highest seasonal autoregressive order'),
  maxSeasonalQ: z.int().min(0).max(3).default(2).describe('Highest seasonal moving-average order'),
  maxTotal: z
    .int()
    .min(0)
    .max(12)
    .default(5)
    .describe('Highest sum of the four orders where all models are compared'),
  stepwise: z
    .boolean()
    .default(true)
    .describe('Goes from model to better neighbour; otherwise all models are compared'),
  seasonal: z.boolean().default(true).describe('Whether seasonal terms are looked for'),
});

/** Settings of the search. */
export type ArimaHyperparameters = z.infer<typeof hyperparameters>;

/** Coefficients by their usual names: ar1, ma1, sar1, sma1, ... */
function coefficientsOf({ ar, ma, seasonalAr, seasonalMa }: ArmaPolynomials) {
  const sides = Object.entries({ ar, ma, sar: seasonalAr, sma: seasonalMa });
  return Object.fromEntries(
    sides.flatMap(([name, values]) => [...values].map((value, i) => [`${name}${i + 1}`, value])),
  );
}

const scaleOne = (value: number, scale: number): number =>
  rescale(Float64Array.of(value), scale)[0]!;

/** What was chosen and estimated, in the units of the series. */
function parametersOf(
  { order, estimate, variance, description }: AutoArimaFit,
  scale: number,
): Record<string, number | string> {
  const { p, d, q, seasonalP, seasonalD, seasonalQ, season, constant } = order;
  const orders = { kind: description, p, d, q, seasonalP, seasonalD, seasonalQ };
  if (estimate === undefined) return orders;
  const { filter, aicc } = estimate;
  const steps = seasonalD === 1 ? season : 1;
  const level = scaleOne(filter.mean / steps, scale);
  const criterion = aicc + 2 * filter.values.length * Math.log(scale);
  return {
    ...orders,
    ...coefficientsOf(filter.polynomials),
    ...(constant ? { [d + seasonalD === 0 ? 'mean' : 'drift']: level } : {}),
    sigma: scaleOne(Math.sqrt(variance), scale),
    ...(Number.isFinite(criterion) ? { aicc: criterion } : {}),
  };
}

/** Seasonal ARIMA whose orders are chosen by itself. */
export const arima: LocalModel<ArimaHyperparameters> = {
  name: 'arima',
  family: 'statistical',
  costly: true,
  summary: 'Seasonal autoregression and moving average of the differenced series, orders chosen',
  source: 'Box and Jenkins 1976; Hyndman and Khandakar 2008, Automatic time series forecasting',
  hyperparameters,
  searchSpace: {
    maxP: { kind: 'choice', values: [2, 3, 5] },
    maxQ: { kind: 'choice', values: [2, 3, 5] },
    seasonal: { kind: 'choice', values: [true, false] },
  },
  minimumLength: ({ season }) => Math.max(10, 3 * season),
  fit(history, { horizon, season }, options) {
    const scale = binaryScale(history);
    const scaled = history.map((value) => value / scale);
    const fit = autoArima(scaled, season, horizon, options);
    return {
      mean: rescale(fit.mean, scale),
      parameters: parametersOf(fit, scale),
      deviation: () => rescale(fit.deviation(), scale),
      components: () => ({
        fitted: rescale(fit.fitted(), scale),
        residual: rescale(fit.residual(), scale),
      }),
    };
  },
};
