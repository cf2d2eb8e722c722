/** The methods of combining forecasts, simplest first. */
import { bestMember } from './best-member.ts';
import { greedy } from './greedy.ts';
import { greedyPerSeries } from './greedy-per-series.ts';
import { inverseError } from './inverse-error.ts';
import { mean } from './mean.ts';
import { median } from './median.ts';
import type { EnsembleMethod } from './method.ts';
import { stacking } from './stacking.ts';
import { trimmedMean } from './trimmed-mean.ts';

/** A method is preferred to a later one that is hardly better. */
export const ensembleMethods: readonly EnsembleMethod[] = [
  bestMember,
  mean,
  median,
  trimmedMean,
  inverseError,
  stacking,
  greedy,
  greedyPerSeries,
];
