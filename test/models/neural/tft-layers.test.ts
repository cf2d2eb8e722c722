/** The layers of the Temporal Fusion Transformer against plain JavaScript by their definitions. */
import { describe, expect, it } from 'vitest';
import { interpretableAttention } from '../../../models/layers/tft-attention.ts';
import { gatedResidual, type LayerContext } from '../../../models/layers/tft-layers.ts';
import { alikeInSteps } from '../../../models/layers/tft-steps.ts';
import { scalarVariables, variableSelection } from '../../../models/layers/tft-selection.ts';
import { constant, type Expression, input, parameter } from '../../../tensor/expression.ts';
import { mul, reshape } from '../../../tensor/functions.ts';
import { createProgram } from '../../../tensor/program.ts';
import { createRandom } from '../../../tensor/random.ts';
import { type ArrayValue, type Feed, sizeOf } from '../../../tensor/values.ts';

async function run(
  outputs: Readonly<Record<string, Expression>>,
  feeds: Readonly<Record<string, Feed>>,
): Promise<Record<string, Float32Array>> {
  const program = await createProgram(outputs, { threads: 1 });
  const results = await program.run(feeds);
  await program.release();
  return results;
}

const width = 4;

/** A layer context that keeps what is declared, with normal values for it. */
function layerContext() {
  const random = createRandom(11, 'layers');
  const values: Record<string, ArrayValue> = {};
  const context: LayerContext = {
    width,
    drop: (x) => x,
    declare(name, shape) {
      const data = Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
      values[name] = { shape, data };
      return parameter(name, shape);
    },
  };
  return { context, values, random };
}

type Rows = readonly (readonly number[])[];
type Row = readonly number[];

/** Plain arithmetic on one row; weights by name, of variable `at` where each has its own. */
function plain(values: Readonly<Record<string, ArrayValue>>) {
  const array = (name: string, at: number, from: number): Rows => {
    const { shape, data } = values[name]!;
    const to = shape.at(-1)!;
    return Array.from({ length: from }, (_, j) =>
      Array.from({ length: to }, (__, k) => data[(at * from + j) * to + k]!),
    );
  };
  const product = (x: Row, w: Rows): Row =>
    w[0]!.map((_, k) => x.reduce((sum, value, j) => sum + value * w[j]![k]!, 0));
  const plus = (a: Row, b: Row): Row => a.map((value, k) => value + b[k]!);
  const linear = (x: Row, name: string, at = 0): Row =>
    plus(product(x, array(`${name}.weight`, at, x.length)), array(`${name}.bias`, at, 1)[0]!);
  const elu = (x: Row): Row => x.map((v) => (v > 0 ? v : Math.exp(v) - 1));
  const gate = (x: Row, skip: Row, name: string, at = 0): Row => {
    const open = linear(x, `${name}.gate`, at).map((v) => 1 / (1 + Math.exp(-v)));
    const value = linear(x, `${name}.value`, at);
    const sum = skip.map((v, k) => v + open[k]! * value[k]!);
    const mean = sum.reduce((a, b) => a + b) / sum.length;
    const variance = sum.reduce((a, b) => a + (b - mean) ** 2, 0) / sum.length;
    const [scale] = array(`${name}.scale`, at, 1);
    const [shift] = array(`${name}.shift`, at, 1);
    return sum.map((v, k) => ((v - mean) / Math.sqrt(variance + 1e-3)) * scale![k]! + shift![k]!);
  };
  const rest = (first: Row, skip: Row, name: string, at = 0): Row =>
    gate(linear(elu(first), `${name}.second`, at), skip, name, at);
  return { array, product, plus, linear, rest };
}

const softmaxOf = (x: Row): Row => {
  const powers = x.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
};

describe('layers of the Temporal Fusion Transformer', () => {
  it('compute a gated residual network with context by its definition', async () => {
    const { context, values, random } = layerContext();
    const a = input('a', 'float32', [3, width]);
    const c = input('c', 'float32', [3, width]);
    const y = gatedResidual(context, 'grn', c)(a);
    const feeds = Object.fromEntries(
      ['a', 'c'].map((name) => [
        name,
        { shape: [3, width], data: Float32Array.from({ length: 3 * width }, random.normal) },
      ]),
    );
    const { y: found } = await run({ y }, { ...values, ...feeds });
    const { array, product, plus, linear, rest } = plain(values);
    const rowOf = (name: string, i: number): Row =>
      Array.from(feeds[name]!.data.slice(i * width, (i + 1) * width));
    for (let i = 0; i < 3; i++) {
      const side = product(rowOf('c', i), array('grn.context.weight', 0, width));
      const first = plus(linear(rowOf('a', i), 'grn.first'), side);
      const wanted = rest(first, rowOf('a', i), 'grn');
      for (const [k, value] of wanted.entries())
        expect(found![i * width + k]).toBeCloseTo(value, 4);
    }
  });

  it('compute a variable selection of embedded numbers by its definition', async () => {
    const { context, values } = layerContext();
    const count = 3;
    const numbers = [0.3, -1.2, 2];
    const x = input('x', 'float32', [count, 1, 1]);
    const select = variableSelection(context, 'v', count);
    const { selected, weights } = select(scalarVariables(context, 'e', count)(x));
    const feeds = { x: { shape: [count, 1, 1], data: Float32Array.from(numbers) } };
    const found = await run({ selected, weights: weights! }, { ...values, ...feeds });
    const { array, product, plus, linear, rest } = plain(values);
    const embedded = numbers.map((number, j) =>
      plus(
        array('e.slope', j, 1)[0]!.map((slope) => number * slope),
        array('e.offset', j, 1)[0]!,
      ),
    );
    // Side by side, the embeddings meet one matrix [variables * H, to].
    const all = embedded.flat();
    const joint = plus(
      product(all, array('v.joint.first.weight', 0, count * width)),
      array('v.joint.first.bias', 0, 1)[0]!,
    );
    const skip = product(all, array('v.joint.skip.weight', 0, count * width));
    const shares = softmaxOf(rest(joint, skip, 'v.joint'));
    const each = embedded.map((e, j) => rest(linear(e, 'v.each.first', j), e, 'v.each', j));
    for (const [j, share] of shares.entries()) expect(found['weights']![j]).toBeCloseTo(share, 4);
    for (let k = 0; k < width; k++) {
      const wanted = each.reduce((sum, row, j) => sum + shares[j]! * row[k]!, 0);
      expect(found['selected']![k]).toBeCloseTo(wanted, 4);
    }
  });

  it('attend by the definition: own keys for each head, shared values, no look ahead', async () => {
    const [rows, steps, heads, size] = [2, 5, 2, 2];
    const random = createRandom(13, 'attention');
    const shapes = { q: [rows, 1, width], k: [steps, 1, width], v: [steps, 1, size] };
    const leaves = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, input(name, 'float32', shape)]),
    );
    const feeds = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [
        name,
        { shape, data: Float32Array.from({ length: sizeOf(shape) }, random.normal) },
      ]),
    );
    const attention = { queries: leaves['q']!, keys: leaves['k']!, values: leaves['v']! };
    const { mixed } = interpretableAttention(attention, heads, (x) => x);
    const { mixed: found } = await run({ mixed }, feeds);
    const at = (name: string, i: number): number => feeds[name]!.data[i]!;
    for (let row = 0; row < rows; row++) {
      const visible = steps - rows + row + 1;
      const byHead = Array.from({ length: heads }, (_, head) =>
        softmaxOf(
          Array.from({ length: visible }, (__, step) => {
            const parts = Array.from({ length: size }, (___, d) => {
              const column = head * size + d;
              return at('q', row * width + column) * at('k', step * width + column);
            });
            return parts.reduce((a, b) => a + b) / Math.sqrt(size);
          }),
        ),
      );
      for (let d = 0; d < size; d++) {
        const wanted = byHead
          .flatMap((weights) => weights.map((weight, step) => weight * at('v', step * size + d)))
          .reduce((a, b) => a + b);
        expect(found![row * size + d]).toBeCloseTo(wanted / heads, 5);
      }
    }
  });

  it('drop the same units of a sample in all steps', async () => {
    const [batch, size] = [3, 2];
    const factors = [0, 2, 2, 0, 0, 2];
    const drop = (x: Expression): Expression =>
      mul(x, reshape(constant([...factors, ...factors.toReversed()], [2, 6]), x.shape));
    const alone = (x: Expression): Expression =>
      mul(x, reshape(constant(factors, [batch, size]), x.shape));
    const [one, four] = [1, 4].map((steps) => input(`x${steps}`, 'float32', [steps * batch, size]));
    const both = input('xs', 'float32', [2, 4 * batch, size]);
    const ones = (count: number): Float32Array => new Float32Array(count).fill(1);
    const found = await run(
      {
        one: alikeInSteps(one!, batch, alone),
        four: alikeInSteps(four!, batch, alone),
        both: alikeInSteps(both, batch, drop),
      },
      {
        x1: { shape: [3, 2], data: ones(6) },
        x4: { shape: [12, 2], data: ones(24) },
        xs: { shape: [2, 12, 2], data: ones(48) },
      },
    );
    const repeated = (some: readonly number[]): number[] => [some, some, some, some].flat();
    expect([...found['one']!]).toEqual(factors);
    expect([...found['four']!]).toEqual(repeated(factors));
    expect([...found['both']!]).toEqual([...repeated(factors), ...repeated(factors.toReversed())]);
  });
});
