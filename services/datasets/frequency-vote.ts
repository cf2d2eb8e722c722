/** The frequency of a file: each series has a vote, the majority wins. */
import { detectFrequency, formatFrequency, type Frequency } from '../../series/frequency.ts';
import { fixedUnitMs } from '../../series/calendar.ts';
import { fail } from '../../state/errors.ts';

/** Finds frequencies of single series; times that came before are not looked at again. */
export interface FrequencyDetector {
  /** Of times in rising order; jitter of seconds, minutes or hours around a coarser grid is seen through. */
  detect(sorted: Float64Array): Frequency | undefined;
}

const jitterUnits = ['second', 'minute', 'hour', 'day'] as const;

/** A detector for times on the calendar or, with `isPositions`, for positions. */
export function createFrequencyDetector(isPositions: boolean): FrequencyDetector {
  const known = new WeakMap<Float64Array, { readonly frequency: Frequency | undefined }>();
  const detectAnew = (sorted: Float64Array): Frequency | undefined => {
    const found = detectFrequency(sorted);
    if (isPositions) return found && asIndex(found);
    return found && found.unit !== 'index' ? found : detectThroughJitter(sorted);
  };
  return {
    detect(sorted) {
      let entry = known.get(sorted);
      if (!entry) known.set(sorted, (entry = { frequency: detectAnew(sorted) }));
      return entry.frequency;
    },
  };
}

/** Positions 1000 apart look like seconds in milliseconds. */
function asIndex({ unit, count }: Frequency): Frequency {
  const step = Object.hasOwn(fixedUnitMs, unit) ? fixedUnitMs[unit as keyof typeof fixedUnitMs] : 1;
  return { unit: 'index', count: count * step, anchor: 'start' };
}

function detectThroughJitter(sorted: Float64Array): Frequency | undefined {
  if (sorted.length < 4) return undefined;
  const steps = sorted
    .slice(1)
    .map((at, k) => at - sorted[k]!)
    .sort();
  const median = steps[steps.length >> 1]!;
  for (const unit of jitterUnits) {
    const grain = fixedUnitMs[unit];
    if (grain * 2 > median && grain !== fixedUnitMs.second) break;
    const found = detectFrequency(sorted.map((at) => Math.round(at / grain) * grain));
    if (found && found.unit !== 'index') return found;
  }
  return undefined;
}

/**
 * The frequency that most series have, among equals the one with more observations. Fails with FREQUENCY_UNDETECTED if none
 * has any.
 */
export function voteFrequency(
  ids: readonly string[],
  sortedTimes: (i: number) => Float64Array,
  detector: FrequencyDetector,
): Frequency {
  const votes = new Map<string, { frequency: Frequency; series: number; observations: number }>();
  for (let i = 0; i < ids.length; i++) {
    const frequency = detector.detect(sortedTimes(i));
    if (!frequency) continue;
    const name = formatFrequency(frequency);
    const vote = votes.get(name) ?? { frequency, series: 0, observations: 0 };
    vote.series += 1;
    vote.observations += sortedTimes(i).length;
    votes.set(name, vote);
  }
  const [winner] = [...votes.values()].sort(
    (a, b) => b.series - a.series || b.observations - a.observations,
  );
  return winner?.frequency ?? fail('FREQUENCY_UNDETECTED', { why: whyNone(ids, sortedTimes) });
}

function whyNone(ids: readonly string[], sortedTimes: (i: number) => Float64Array): string {
  for (let i = 0; i < ids.length; i++) {
    const times = sortedTimes(i);
    const steps = times
      .slice(1)
      .map((at, k) => at - times[k]!)
      .filter((step) => step > 0)
      .sort();
    if (steps.length > 0) {
      return `the steps between the times of series "${ids[i]}" vary from ${duration(steps[0]!)} to ${duration(steps.at(-1)!)}`;
    }
  }
  return 'no series has two different times; is the id column the right one?';
}

function duration(ms: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
  ] as const;
  const [name, length] = units.find(([, length]) => ms >= length) ?? ['millisecond', 1];
  const number = Number((ms / length).toPrecision(3));
  return `${number} ${name}${number === 1 ? '' : 's'}`;
}
