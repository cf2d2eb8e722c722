/** Conformance suite of losses: every loss of the list passes all of it. */
import { describe, expect, it } from 'vitest';
import { losses } from '../../../../services/training/losses/index.ts';
import { createRandom } from '../../../../tensor/random.ts';
import { runLoss } from './run-loss.ts';

const settings = { level: 0.3, levels: [0.05, 0.5, 0.8], season: 2 };

describe.each(losses)('loss $name', (loss) => {
  const width = loss.outputs(settings);
  const rowsOf = (values: readonly number[]) =>
    values.map((value) => Array.from({ length: width }, (_, i) => value + i / 10));

  it('has a unique kebab-case name, a source, and no more locations than outputs', () => {
    expect(loss.name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(losses.filter(({ name }) => name === loss.name).length).toBe(1);
    expect(loss.source).toMatch(/\d{4}/);
    expect(loss.locations(settings)).toBeLessThanOrEqual(width);
    expect(loss.quantiles && loss.distribution).toBeUndefined();
  });

  it('and its gradient are finite at extremes', async () => {
    const extremes = [0, 1, -1, 1e-7, 40, -40, 1e3, -1e3];
    const actual = loss.countsOnly ? [0, 1, 3, 1e6] : [0, -1e-7, 1e6, -1e6];
    const pairs = extremes.flatMap((output) => actual.map((value) => [output, value] as const));
    const results = await runLoss(loss, {
      settings,
      outputs: rowsOf(pairs.map(([output]) => output)),
      target: pairs.map(([, value]) => value),
    });
    for (const [name, values] of Object.entries(results)) {
      expect(values.every(Number.isFinite), name).toBe(true);
    }
  });

  it('has the gradient that differences show', async () => {
    const { normal } = createRandom(1, loss.name);
    const outputs = Array.from({ length: 5 }, () => Array.from({ length: width }, () => normal()));
    const target = [1, 4, 0, 2, 7];
    const window = [2, 5, 1, 4];
    const given = { settings, window, level: 3, spread: 2, outputs, target };
    const { gradient } = await runLoss(loss, given);
    const step = 1e-2;
    for (let i = 0; i < width; i++) {
      const moved = (by: number) =>
        runLoss(loss, {
          ...given,
          outputs: outputs.map((row) => row.map((value, j) => value + (j === i ? by : 0))),
        });
      const [up, down] = await Promise.all([moved(step), moved(-step)]);
      for (let k = 0; k < 5; k++) {
        const slope = (up.losses![k]! - down.losses![k]!) / (2 * step);
        expect(Math.abs(gradient![k * width + i]! - slope)).toBeLessThan(0.02);
      }
    }
  });

  it('gives rising quantiles around its point forecast', async () => {
    if (!loss.quantiles && !loss.distribution) return;
    const { normal } = createRandom(2, loss.name);
    const outputs = Array.from({ length: 20 }, () => Array.from({ length: width }, () => normal()));
    const window = [2, 5, 1, 4];
    const target = Array.from({ length: 20 }, () => 3);
    const given = { settings, window, level: 3, spread: 2, outputs, target };
    const { quantiles, distribution, point } = await runLoss(loss, given);
    const count = settings.levels.length;
    const at = (step: number): number[] =>
      quantiles
        ? [...quantiles.subarray(step * count, (step + 1) * count)]
        : settings.levels.map((level) => {
            const { size, quantile } = loss.distribution!;
            return quantile(distribution!.subarray(step * size, (step + 1) * size), level);
          });
    for (let step = 0; step < 20; step++) {
      const [low, middle, high] = at(step);
      expect(low).toBeLessThanOrEqual(middle!);
      expect(middle).toBeLessThanOrEqual(high!);
      const expected = loss.pointIs === 'median' ? middle! : point![step]!;
      expect(point![step]).toBeCloseTo(expected, 4);
    }
  });
});
