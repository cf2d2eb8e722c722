/** Detection of the sampling frequency from timestamps. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addSteps,
  detectFrequency,
  formatFrequency,
  parseFrequency,
} from '../../series/frequency.ts';

const times = (...texts: string[]): Float64Array => Float64Array.from(texts, (t) => Date.parse(t));
const detected = (values: Float64Array): string | undefined => {
  const frequency = detectFrequency(values);
  return frequency === undefined ? undefined : formatFrequency(frequency);
};
const regular = (name: string, from: string, length: number, anchorDay?: number): Float64Array => {
  const frequency = parseFrequency(name);
  const start = Date.parse(from);
  return Float64Array.from({ length }, (_, i) => addSteps(start, frequency, i, anchorDay));
};

describe('detectFrequency', () => {
  it.each([
    ['s', '2024-01-01T00:00:00Z'],
    ['10s', '2024-01-01T00:00:00Z'],
    ['min', '2024-01-01T00:00:00Z'],
    ['15min', '2024-01-01T00:07:00Z'],
    ['h', '2024-01-01T00:00:00Z'],
    ['6h', '2024-01-01T00:00:00Z'],
    ['D', '2024-01-01T00:00:00Z'],
    ['B', '2024-01-01T00:00:00Z'],
    ['W', '2024-01-07T00:00:00Z'],
    ['2W', '2024-01-07T00:00:00Z'],
    ['MS', '2024-01-01T00:00:00Z'],
    ['ME', '2024-01-31T00:00:00Z'],
    ['QS', '2024-02-01T00:00:00Z'],
    ['QE', '2024-03-31T00:00:00Z'],
    ['YS', '1990-01-01T00:00:00Z'],
    ['YE', '1990-12-31T00:00:00Z'],
    ['5YS', '1950-01-01T00:00:00Z'],
    ['2MS', '2024-01-01T00:00:00Z'],
  ])('finds %s', (name, from) => {
    expect(detected(regular(name, from, 30))).toBe(name);
    expect(detected(regular(name, from, 9))).toBe(name);
  });

  it('finds it again with up to a third of the timestamps missing', () => {
    const names = fc.constantFrom('10s', '15min', 'h', 'D', 'W', 'MS', 'ME', 'QS', 'YS');
    const starts: Record<string, string> = { ME: '2020-01-31', W: '2020-01-05' };
    fc.assert(
      fc.property(
        names,
        fc.array(fc.integer({ min: 0, max: 58 }), { maxLength: 3 }),
        (name, gaps) => {
          const all = regular(name, starts[name] ?? '2020-01-01', 60);
          const kept = all.filter((_, i) => !gaps.includes(i) && i % 6 !== 3);
          expect(detected(kept)).toBe(name);
        },
      ),
    );
  });

  it('takes business days only where a weekend was passed over', () => {
    expect(detected(times('2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04'))).toBe('D');
    const daily = regular('D', '2024-01-01', 40);
    expect(detected(daily)).toBe('D');
    const holidays = regular('B', '2024-01-01', 60).filter((_, i) => i % 17 !== 5);
    expect(detected(holidays)).toBe('B');
  });

  it('takes months by calendar on any day, clamped to short months', () => {
    expect(detected(regular('MS', '2024-01-15', 20))).toBe('MS');
    expect(detected(regular('MS', '2024-01-30', 20, 30))).toBe('MS');
    expect(detected(times('2024-01-31', '2024-02-29'))).toBe('ME');
    expect(detected(times('2023-02-28', '2023-03-28', '2023-04-28'))).toBe('MS');
  });

  it('takes last trading days as month ends', () => {
    const lastFridays = times(
      '2024-01-31',
      '2024-02-29',
      '2024-03-28',
      '2024-04-30',
      '2024-05-31',
      '2024-06-28',
    );
    expect(detected(lastFridays)).toBe('ME');
  });

  it('takes small whole numbers as positions', () => {
    expect(detected(Float64Array.from({ length: 10 }, (_, i) => i))).toBe('index');
    expect(detected(Float64Array.from([0, 5, 10, 15]))).toBe('5index');
  });

  it('gives up where there is no common step', () => {
    expect(detectFrequency(new Float64Array(0))).toBeUndefined();
    expect(detectFrequency(times('2024-01-01'))).toBeUndefined();
    expect(detectFrequency(times('2024-01-01', '2024-01-01'))).toBeUndefined();
    expect(
      detectFrequency(times('2024-01-01', '2024-01-02', '2024-01-05', '2024-01-15', '2024-02-03')),
    ).toBeUndefined();
  });
});
