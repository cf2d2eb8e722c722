/**
 * The recursions of exponential smoothing and their derivatives, over flat arrays: the inner loops of every fit.
 * Point forecasts do not depend on the kind of error, so that there is one recursion for each kind of season; a model
 * without trend has phi = beta = 0 and slope 0 (Hyndman et al. 2008, table 2.1 and chapter 2.5).
 */

/** Smoothing weights, as in the recursions: `beta` and `gamma` are not divided by `alpha` or 1 - `alpha`. */
export interface Weights {
  alpha: number;
  beta: number;
  gamma: number;
  phi: number;
}

/** A series and the states that a pass over it leaves behind. */
export interface Pass {
  /** Values [n]. */
  readonly y: Float64Array;
  /** Season length; 1 where there is none. */
  readonly period: number;
  /** [n + 1], the state before each value and after the last one; the first is the initial one. */
  readonly level: Float64Array;
  /** [n + 1], likewise. */
  readonly slope: Float64Array;
  /** [n + period]: entry t is in force at value t; the first `period` ones are initial. */
  readonly season: Float64Array;
  /** Forecasts one step ahead [n]. */
  readonly fitted: Float64Array;
  /** In the backward pass, the derivatives by the forecasts [n], then scratch. */
  readonly slopeOfFitted: Float64Array;
  /** Out of the backward pass, the derivatives by the initial seasonal states [period]. */
  readonly slopeOfSeason: Float64Array;
}

/** Derivatives by the weights and the first level and slope. */
export interface WeightSlopes extends Weights {
  level: number;
  slope: number;
}

/** States of a multiplicative season below this, in units of the series' size, are not allowed. */
const leastState = 1e-8;

/** Room for passes over `y`. */
export function createPass(y: Float64Array, period: number): Pass {
  const n = y.length;
  return {
    y,
    period,
    level: new Float64Array(n + 1),
    slope: new Float64Array(n + 1),
    season: new Float64Array(n + period),
    fitted: new Float64Array(n),
    slopeOfFitted: new Float64Array(n),
    slopeOfSeason: new Float64Array(period),
  };
}

/** Recursion from the initial states in the arrays; whether all states stayed where they are allowed. */
export type Forward = (pass: Pass, weights: Weights) => boolean;

/** Derivatives of what has the derivatives `slopeOfFitted` by the forecasts, after a forward pass with the same weights. */
export type Backward = (pass: Pass, weights: Weights, slopes: WeightSlopes) => void;

function forwardPlain(pass: Pass, { alpha, beta, phi }: Weights): boolean {
  const { y, level, slope, fitted } = pass;
  let l = level[0]!;
  let b = slope[0]!;
  for (let t = 0; t < y.length; t++) {
    b *= phi;
    const q = l + b;
    const e = y[t]! - q;
    fitted[t] = q;
    l = q + alpha * e;
    b += beta * e;
    level[t + 1] = l;
    slope[t + 1] = b;
  }
  return true;
}

function backwardPlain(pass: Pass, weights: Weights, slopes: WeightSlopes): void {
  const { alpha, beta, phi } = weights;
  const { y, slope, fitted, slopeOfFitted } = pass;
  let byLevel = 0;
  let bySlope = 0;
  let byAlpha = 0;
  let byBeta = 0;
  let byPhi = 0;
  for (let t = y.length - 1; t >= 0; t--) {
    const e = y[t]! - fitted[t]!;
    byAlpha += byLevel * e;
    byBeta += bySlope * e;
    byLevel += slopeOfFitted[t]! - alpha * byLevel - beta * bySlope;
    bySlope += byLevel;
    byPhi += bySlope * slope[t]!;
    bySlope *= phi;
  }
  slopes.alpha = byAlpha;
  slopes.beta = byBeta;
  slopes.gamma = 0;
  slopes.phi = byPhi;
  slopes.level = byLevel;
  slopes.slope = bySlope;
}

function forwardAdditive(pass: Pass, { alpha, beta, gamma, phi }: Weights): boolean {
  const { y, period, level, slope, season, fitted } = pass;
  let l = level[0]!;
  let b = slope[0]!;
  for (let t = 0; t < y.length; t++) {
    b *= phi;
    const q = l + b;
    const s = season[t]!;
    const forecast = q + s;
    const e = y[t]! - forecast;
    fitted[t] = forecast;
    l = q + alpha * e;
    b += beta * e;
    level[t + 1] = l;
    slope[t + 1] = b;
    season[t + period] = s + gamma * e;
  }
  return true;
}

function backwardAdditive(pass: Pass, weights: Weights, slopes: WeightSlopes): void {
  const { alpha, beta, gamma, phi } = weights;
  const { y, period, slope, fitted, slopeOfFitted, slopeOfSeason } = pass;
  const n = y.length;
  let byLevel = 0;
  let bySlope = 0;
  let byAlpha = 0;
  let byBeta = 0;
  let byGamma = 0;
  let byPhi = 0;
  slopeOfSeason.fill(0);
  let place = n % period;
  for (let t = n - 1; t >= 0; t--) {
    place = place === 0 ? period - 1 : place - 1;
    const e = y[t]! - fitted[t]!;
    const bySeason = slopeOfSeason[place]!;
    byAlpha += byLevel * e;
    byBeta += bySlope * e;
    byGamma += bySeason * e;
    const byFitted = slopeOfFitted[t]! - alpha * byLevel - beta * bySlope - gamma * bySeason;
    slopeOfSeason[place] = bySeason + byFitted;
    byLevel += byFitted;
    bySlope += byLevel;
    byPhi += bySlope * slope[t]!;
    bySlope *= phi;
  }
  slopes.alpha = byAlpha;
  slopes.beta = byBeta;
  slopes.gamma = byGamma;
  slopes.phi = byPhi;
  slopes.level = byLevel;
  slopes.slope = bySlope;
}

function forwardMultiplicative(pass: Pass, { alpha, beta, gamma, phi }: Weights): boolean {
  const { y, period, level, slope, season, fitted } = pass;
  let l = level[0]!;
  let b = slope[0]!;
  let least = Infinity;
  for (let t = 0; t < y.length; t++) {
    b *= phi;
    const q = l + b;
    const s = season[t]!;
    const forecast = q * s;
    const e = y[t]! - forecast;
    fitted[t] = forecast;
    const u = e / s;
    least = Math.min(least, q, s);
    l = q + alpha * u;
    b += beta * u;
    level[t + 1] = l;
    slope[t + 1] = b;
    season[t + period] = s + (gamma * e) / q;
  }
  return least > leastState;
}

function backwardMultiplicative(pass: Pass, weights: Weights, slopes: WeightSlopes): void {
  const { alpha, beta, gamma, phi } = weights;
  const { y, period, level, slope, season, fitted, slopeOfFitted, slopeOfSeason } = pass;
  const n = y.length;
  let byLevel = 0;
  let bySlope = 0;
  let byAlpha = 0;
  let byBeta = 0;
  let byGamma = 0;
  let byPhi = 0;
  slopeOfSeason.fill(0);
  let place = n % period;
  for (let t = n - 1; t >= 0; t--) {
    place = place === 0 ? period - 1 : place - 1;
    const s = season[t]!;
    const q = level[t]! + phi * slope[t]!;
    const e = y[t]! - fitted[t]!;
    const u = e / s;
    const v = e / q;
    const bySeason = slopeOfSeason[place]!;
    byAlpha += byLevel * u;
    byBeta += bySlope * u;
    byGamma += bySeason * v;
    const byU = (alpha * byLevel + beta * bySlope) / s;
    const byV = (gamma * bySeason) / q;
    const byFitted = slopeOfFitted[t]! - byU - byV;
    slopeOfSeason[place] = bySeason + byFitted * q - byU * u;
    byLevel += byFitted * s - byV * v;
    bySlope += byLevel;
    byPhi += bySlope * slope[t]!;
    bySlope *= phi;
  }
  slopes.alpha = byAlpha;
  slopes.beta = byBeta;
  slopes.gamma = byGamma;
  slopes.phi = byPhi;
  slopes.level = byLevel;
  slopes.slope = bySlope;
}

/** The recursion of each kind of season. */
export const forward: Readonly<Record<'N' | 'A' | 'M', Forward>> = {
  N: forwardPlain,
  A: forwardAdditive,
  M: forwardMultiplicative,
};

/** The derivatives of each kind of season. */
export const backward: Readonly<Record<'N' | 'A' | 'M', Backward>> = {
  N: backwardPlain,
  A: backwardAdditive,
  M: backwardMultiplicative,
};
