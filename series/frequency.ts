/** Sampling frequency: its names, its calendar arithmetic and its detection from timestamps. */

export const frequencyUnits = [
  'second',
  'minute',
  'hour',
  'day',
  'business-day',
  'week',
  'month',
  'quarter',
  'year',
  'index',
] as const;
export type FrequencyUnit = (typeof frequencyUnits)[number];

/** `count` units between neighbours; months, quarters and years fall on the start or the end of the period. */
export interface Frequency {
  readonly unit: FrequencyUnit;
  readonly count: number;
  readonly anchor: 'start' | 'end';
}
