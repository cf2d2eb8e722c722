/** Conformance suite of scalers, and each of them against its definition. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nlinear } from '../../../../models/neural/nlinear.ts';
import { findScaler, scalers } from '../../../../services/training/scalers/index.ts';
import { input, parameter } from '../../../../tensor/expression.ts';
import { createProgram } from '../../../../tensor/program.ts';
import { createRandom } from '../../../../tensor/random.ts';
import { definitionOf, freshWeights, runNetwork } from '../../../models/neural/run-network.ts';

/** What a scaler fitted to `window`, in which `observed` says what is there, makes of `probe` and back. */
async function runScaler(
  name: string,
  window: readonly number[],
  probe: readonly number[],
  observed?: readonly number[],
): Promise<{ scaled: Float32Array; back: Float32Array }> {
  const shape = [1, window.length];
  const scale = findScaler(name).fit({
    window: input('window', 'float32', shape),
    ...(observed && { observed: input('observed', 'float32', shape) }),
    constantUpTo: 0,
    channels: 1,
    declare: (leaf, sizes) => parameter(leaf, sizes),
  });
  const values = input('probe', 'float32', [1, probe.length]);
  const scaled = scale.scale(values);
  const { learned } = scale;
  const seen = learned ? learned.leave(learned.enter(scaled)) : scaled;
  const program = await createProgram({ scaled, back: scale.unscale(seen) }, { threads: 1 });
  const results = await program.run({
    window: { data: Float32Array.from(window), shape },
    observed: { data: Float32Array.from(observed ?? []), shape },
    probe: { data: Float32Array.from(probe), shape: [1, probe.length] },
    'scaler.weight': { data: Float32Array.of(1.5), shape: [1] },
    'scaler.bias': { data: Float32Array.of(-0.5), shape: [1] },
  });
  await program.release();
  return { scaled: results['scaled']!, back: results['back']! };
}

const { normal } = createRandom(4, 'scalers');
const window = Array.from({ length: 15 }, () => 5 + 3 * normal());
const probe = [-4, 0, 2.5, 30];

describe.each(scalers)('scaler $name', ({ name, equivariant, source }) => {
  it('has a source, and undoes what it does', async () => {
    expect(source).toMatch(/\d{4}/);
    const { back } = await runScaler(name, window, probe);
    for (const [k, value] of back.entries()) expect(value).toBeCloseTo(probe[k]!, 4);
  });

  it('looks at observed values only', async () => {
    const gaps = window.flatMap((value, k) => (k % 3 === 1 ? [0, value, 0] : [value]));
    const observed = window.flatMap((_, k) => (k % 3 === 1 ? [0, 1, 0] : [1]));
    const { scaled } = await runScaler(name, gaps, probe, observed);
    const expected = await runScaler(name, window, probe);
    for (const [k, value] of scaled.entries()) expect(value).toBeCloseTo(expected.scaled[k]!, 5);
  });

  it('stays finite where nothing was observed, or all is the same', async () => {
    const none = await runScaler(name, [0, 0, 0], probe, [0, 0, 0]);
    const same = await runScaler(name, [7, 7, 7], probe);
    for (const { scaled, back } of [none, same]) {
      expect([...scaled, ...back].every(Number.isFinite)).toBe(true);
    }
  });

  it.runIf(equivariant)('leads to the same forecast at every level and size', async () => {
    const definition = { ...definitionOf(nlinear, 15, 4), scaler: name };
    const weights = freshWeights(definition, 3);
    const plain = await runNetwork(definition, weights, [window]);
    for (const [size, level] of [
      [10, 40],
      [0.01, -2],
      [1e15, 0],
    ] as const) {
      const moved = window.map((value) => size * value + level);
      const forecast = await runNetwork(definition, weights, [moved]);
      for (const [k, value] of forecast.entries()) {
        expect((value - level) / size).toBeCloseTo(plain[k]!, 2);
      }
    }
  });

  it.runIf(equivariant)('makes the forecast of a constant look-back its value', async () => {
    const definition = { ...definitionOf(nlinear, 15, 4), scaler: name };
    const constant = Array.from({ length: 15 }, () => 42);
    const forecast = await runNetwork(definition, freshWeights(definition), [constant]);
    expect([...forecast]).toEqual([42, 42, 42, 42]);
  });
});

const sorted = [...window].sort((a, b) => a - b);
const mean = window.reduce((sum, value) => sum + value, 0) / window.length;
const deviation = Math.sqrt(
  window.reduce((sum, value) => sum + (value - mean) ** 2, 0) / window.length,
);
const median = sorted[7]!;
const spread = window.map((value) => Math.abs(value - median)).sort((a, b) => a - b)[7]!;

describe('the definition', () => {
  it.each([
    ['standard', (x: number) => (x - mean) / deviation],
    ['window', (x: number) => (x - mean) / deviation],
    ['revin', (x: number) => (x - mean) / deviation],
    ['minmax', (x: number) => (x - sorted[0]!) / (sorted[14]! - sorted[0]!)],
    ['robust', (x: number) => (x - median) / spread],
    ['asinh', (x: number) => Math.asinh((x - median) / spread)],
    ['none', (x: number) => x],
  ])('of %s', async (name, define) => {
    const { scaled } = await runScaler(name, window, probe);
    for (const [k, value] of scaled.entries()) expect(value).toBeCloseTo(define(probe[k]!), 4);
  });

  it('of the robust spread falls back to the deviation where most values are equal', async () => {
    const equal = [1, 1, 1, 1, 1, 6];
    const { scaled } = await runScaler('robust', equal, [2]);
    const wide = Math.sqrt((5 * (5 / 6) ** 2 + (25 / 6) ** 2) / 6);
    expect(scaled[0]).toBeCloseTo(1 / (0.6745 * wide), 4);
  });

  it('of the median holds for any values', async () => {
    const lengths = fc.array(fc.integer({ min: -1000, max: 1000 }), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(lengths, async (values) => {
        const order = [...values].sort((a, b) => a - b);
        const middle = order[Math.ceil(order.length / 2) - 1]!;
        const { scaled } = await runScaler('robust', values, [middle, middle + 1]);
        expect(scaled[0]).toBe(0);
        expect(scaled[1]).toBeGreaterThan(0);
      }),
      { numRuns: 30 },
    );
  });
});
