/** Describes a series by its spectrum: how regular it is, at which periods, and where its power lies. */
import { powerSpectrum } from './fft.ts';

/** One peak of a spectrum. */
export interface SpectralPeak {
  /** In steps, not rounded. */
  readonly period: number;
  /** Share (0..1) of all power that lies in the peak. */
  readonly share: number;
}

/** Frequencies are in cycles per step, 0..0.5. A series without variation or of less than 4 values is all zeros. */
export interface SpectralDescription {
  /** Frequency of the greatest peak; 0 if there is none. */
  readonly dominantFrequency: number;
  /** Its period in steps; 0 if there is none. */
  readonly dominantPeriod: number;
  /** Shannon entropy of the normalised power, 0 (one line) to 1 (white). */
  readonly entropy: number;
  /** Mean frequency, weighted by power. */
  readonly centroid: number;
  /** Standard deviation of the frequency, weighted by power. */
  readonly bandwidth: number;
  /** Frequency below which 85 % of the power lies. */
  readonly rolloff: number;
  /** Geometric over arithmetic mean of the power, 0 (one line) to 1 (white). */
  readonly flatness: number;
  /** At most five, greatest share first; each at least 2 % of the power. */
  readonly peaks: readonly SpectralPeak[];
}

const noSpectrum: SpectralDescription = {
  dominantFrequency: 0,
  dominantPeriod: 0,
  entropy: 0,
  centroid: 0,
  bandwidth: 0,
  rolloff: 0,
  flatness: 0,
  peaks: [],
};

const shortest = 4;
const greatestPeaks = 5;
const leastShare = 0.02;
const rolloffShare = 0.85;

/**
 * Periodogram of `values` less their straight line, under a Hann window, padded with zeros to a power of two: [size / 2 + 1],
 * entry k at frequency k / size, scaled to sum 1 without entry 0. Undefined where nothing but rounding is left of
 * the values, or there are less than 4. O(n log n).
 */
export function periodogram(values: Float64Array): Float64Array | undefined {
  const n = values.length;
  const tapered = n < shortest ? undefined : detrended(values);
  if (tapered === undefined) return undefined;
  for (let t = 0; t < n; t++) {
    // Symmetric about the middle and nowhere 0, so that the first and the last value count.
    tapered[t]! *= Math.sin((Math.PI * (t + 0.5)) / n) ** 2;
  }
  const power = powerSpectrum(tapered);
  power[0] = 0;
  const total = power.reduce((sum, value) => sum + value, 0);
  return total > 0 ? power.map((value) => value / total) : undefined;
}

/** Values less their least-squares line, divided by their greatest size; undefined if they are that line to rounding. */
function detrended(values: Float64Array): Float64Array | undefined {
  const n = values.length;
  let size = 0;
  for (const value of values) size = Math.max(size, Math.abs(value));
  if (size === 0 || !Number.isFinite(size)) return undefined;
  const middle = (n - 1) / 2;
  let level = 0;
  let slope = 0;
  for (let t = 0; t < n; t++) {
    const value = values[t]! / size;
    level += value;
    slope += value * (t - middle);
  }
  level /= n;
  slope *= 12 / (n * (n * n - 1));
  const rest = values.map((value, t) => value / size - level - slope * (t - middle));
  const left = rest.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!(left > 64 * Number.EPSILON)) return undefined;
  return rest.map((value) => value / left);
}

/** Describes `values` (no missing ones) by their periodogram; scale and linear trend do not matter. */
export function describeSpectrum(values: Float64Array): SpectralDescription {
  const power = periodogram(values);
  if (power === undefined) return noSpectrum;
  const bins = power.length - 1;
  const frequencyOf = (k: number): number => k / (2 * bins);
  let entropy = 0;
  let centroid = 0;
  let logarithms = 0;
  let cumulative = 0;
  let rolloff = 0;
  for (let k = 1; k <= bins; k++) {
    const p = power[k]!;
    if (p > 0) entropy -= p * Math.log(p);
    centroid += p * frequencyOf(k);
    logarithms += Math.log(Math.max(p, Number.MIN_VALUE));
    if (cumulative < rolloffShare) rolloff = frequencyOf(k);
    cumulative += p;
  }
  let spread = 0;
  for (let k = 1; k <= bins; k++) spread += power[k]! * (frequencyOf(k) - centroid) ** 2;
  const peaks = findPeaks(power, values.length);
  const dominantPeriod = peaks[0]?.period ?? 0;
  return {
    dominantFrequency: dominantPeriod === 0 ? 0 : 1 / dominantPeriod,
    dominantPeriod,
    entropy: bins > 1 ? Math.min(1, entropy / Math.log(bins)) : 0,
    centroid,
    bandwidth: Math.sqrt(spread),
    rolloff,
    flatness: Math.min(1, Math.exp(logarithms / bins) * bins),
    peaks,
  };
}

/** Peaks of `power` from the greatest down, each with its lobe of the window, no two lobes overlapping. */
function findPeaks(power: Float64Array, length: number): SpectralPeak[] {
  const bins = power.length - 1;
  // Half the main lobe of a Hann window is 2 / length in frequency.
  const lobe = Math.max(1, Math.round((2 / length) * 2 * bins));
  const candidates = Uint32Array.from({ length: bins }, (_, i) => i + 1)
    .filter((k) => power[k]! >= (power[k - 1] ?? 0) && power[k]! >= (power[k + 1] ?? 0))
    .sort((a, b) => power[b]! - power[a]! || a - b);
  const taken = new Uint8Array(power.length);
  const peaks: SpectralPeak[] = [];
  for (const k of candidates.subarray(0, 4 * greatestPeaks)) {
    if (taken[k] === 1) continue;
    let share = 0;
    for (let j = Math.max(1, k - lobe); j <= Math.min(bins, k + lobe); j++) {
      if (taken[j] === 0) share += power[j]!;
      taken[j] = 1;
    }
    if (share >= leastShare) peaks.push({ period: (2 * bins) / vertex(power, k), share });
  }
  return peaks.sort((a, b) => b.share - a.share).slice(0, greatestPeaks);
}

/** Position of the top of the parabola through the logarithms of three neighbours of a peak. */
function vertex(power: Float64Array, k: number): number {
  if (k <= 1 || k >= power.length - 1) return k;
  const [left, top, right] = [power[k - 1]!, power[k]!, power[k + 1]!].map((value) =>
    Math.log(Math.max(value, Number.MIN_VALUE)),
  );
  const curvature = left! - 2 * top! + right!;
  if (!(curvature < 0)) return k;
  const shift = (left! - right!) / (2 * curvature);
  return k + Math.min(0.5, Math.max(-0.5, shift));
}
