/** Values of the functions against their definitions in plain JavaScript, and the messages of misuse. */
import { describe, expect, it } from 'vitest';
import { constant, type Expression, input } from '../../tensor/expression.ts';
import * as f from '../../tensor/functions.ts';
import { createRandom } from '../../tensor/random.ts';
import { gradients } from '../../tensor/gradient.ts';
import { evaluate, feed } from './evaluate.ts';

const random = createRandom(3);
const draw = (count: number, scale = 2): number[] =>
  Array.from({ length: count }, () => Math.fround(scale * (2 * random.uniform() - 1)));

async function expectValues(expression: Expression, expected: readonly number[]): Promise<void> {
  const { data } = await evaluate(expression);
  expect(data).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, 5);
}

const oneArgument: [string, (x: Expression) => Expression, (x: number) => number][] = [
  ['neg', f.neg, (x) => -x],
  ['abs', f.abs, Math.abs],
  ['sign', f.sign, Math.sign],
  ['square', f.square, (x) => x * x],
  ['exp', f.exp, Math.exp],
  ['tanh', f.tanh, Math.tanh],
  ['sigmoid', f.sigmoid, (x) => 1 / (1 + Math.exp(-x))],
  ['relu', f.relu, (x) => Math.max(x, 0)],
  ['softplus', f.softplus, (x) => Math.log1p(Math.exp(x))],
  ['elu', f.elu, (x) => (x > 0 ? x : Math.expm1(x))],
  ['elu with alpha 0.3', (x) => f.elu(x, 0.3), (x) => (x > 0 ? x : 0.3 * Math.expm1(x))],
  ['sin', f.sin, Math.sin],
  ['cos', f.cos, Math.cos],
  ['sqrt of the absolute value', (x) => f.sqrt(f.abs(x)), (x) => Math.sqrt(Math.abs(x))],
  ['log of the absolute value', (x) => f.log(f.abs(x)), (x) => Math.log(Math.abs(x))],
];

const twoArguments: [
  string,
  (a: f.Operand, b: f.Operand) => Expression,
  (a: number, b: number) => number,
][] = [
  ['add', f.add, (a, b) => a + b],
  ['sub', f.sub, (a, b) => a - b],
  ['mul', f.mul, (a, b) => a * b],
  ['div', f.div, (a, b) => a / b],
  ['minimum', f.minimum, Math.min],
  ['maximum', f.maximum, Math.max],
  ['greater', (a, b) => f.cast(f.greater(a, b), 'float32'), (a, b) => Number(a > b)],
  ['less', (a, b) => f.cast(f.less(a, b), 'float32'), (a, b) => Number(a < b)],
  ['equal', (a, b) => f.cast(f.equal(a, b), 'float32'), (a, b) => Number(a === b)],
];

describe('elementwise functions', () => {
  it.each(oneArgument)('%s follows its definition', async (_, build, definition) => {
    const x = draw(7);
    await expectValues(build(constant(x)), x.map(definition));
  });

  it.each(twoArguments)('%s follows its definition', async (_, build, definition) => {
    const [a, b] = [draw(5), draw(5)];
    await expectValues(
      build(constant(a), constant(b)),
      a.map((x, i) => definition(x, b[i]!)),
    );
    await expectValues(
      build(constant(a), 0.5),
      a.map((x) => definition(x, 0.5)),
    );
  });

  it('broadcasts a row against a column', async () => {
    const product = f.mul(constant([1, 2], [2, 1]), constant([3, 4, 5], [1, 3]));
    expect(product.shape).toEqual([2, 3]);
    await expectValues(product, [3, 4, 5, 6, 8, 10]);
  });

  it('gives the same values for what was expanded before', async () => {
    const [a, b] = [f.expand(constant([1, 2, 3]), [2, 3]), f.expand(constant(2), [2, 3])];
    expect(f.mul(a, b).shape).toEqual([2, 3]);
    await expectValues(f.mul(a, b), [2, 4, 6, 2, 4, 6]);
    await expectValues(f.sub(a, constant([10, 20], [2, 1])), [-9, -8, -7, -19, -18, -17]);
  });

  it('computes softplus and its gradient where e^x leaves float32', async () => {
    await expectValues(f.softplus(constant([-200, 0, 200])), [0, Math.log(2), 200]);
    const x = input('x', 'float32', [3]);
    const [slope] = gradients(f.reduceSum(f.softplus(x)), [x]);
    const { data } = await evaluate(slope!, { x: feed([-200, 0, 200]) });
    expect(data).toEqual([0, 0.5, 1]);
  });

  it('computes gelu exactly', async () => {
    // x times the normal distribution function: Abramowitz and Stegun, table 26.1.
    const expected = [-2 * 0.0227501319, -0.1586552539, 0, 0.5 * 0.6914624613, 0.8413447461];
    await expectValues(f.gelu(constant([-2, -1, 0, 0.5, 1])), expected);
  });

  it('computes the logarithm of the gamma function', async () => {
    // Abramowitz and Stegun, tables 6.1 and 6.4; factorials.
    const known: [number, number][] = [
      [0.01, 4.599479878042022],
      [0.1, 2.252712651734206],
      [0.5, 0.5 * Math.log(Math.PI)],
      [1.5, 0.5 * Math.log(Math.PI / 4)],
      [2.5, Math.log((3 * Math.sqrt(Math.PI)) / 4)],
      [3, Math.log(2)],
      [4, Math.log(6)],
      [7, Math.log(720)],
      [11, Math.log(3628800)],
      [100, 359.1342053695754],
      [1000, 5905.220423209181],
      [10000, 82099.71749644238],
    ];
    const { data } = await evaluate(f.logGamma(constant(known.map(([x]) => x))));
    for (const [i, [, value]] of known.entries()) {
      expect(Math.abs(data[i]! / value - 1), `entry ${i}`).toBeLessThan(1e-5);
    }
    await expectValues(f.logGamma(constant([1, 2])), [0, 0]);
  });

  it('keeps the logarithm of the gamma function exact over its whole range', async () => {
    /** The same series from x + 10 on, in double precision. */
    const reference = (x: number): number => {
      let product = 1;
      for (let i = 0; i < 10; i++) product *= x + i;
      const z = x + 10;
      const tail = 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1260 * z ** 5) - 1 / (1680 * z ** 7);
      return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + tail - Math.log(product);
    };
    const xs = Array.from({ length: 2000 }, (_, i) => Math.fround(0.01 * 10 ** (i / 333)));
    const { data } = await evaluate(f.logGamma(constant(xs)));
    for (const [i, x] of xs.entries()) {
      const error = Math.abs(data[i]! - reference(x));
      // Around its zeros at 1 and 2, the error is one of the terms that cancel there.
      expect(error, `at ${x}`).toBeLessThan(1e-6 * Math.abs(reference(x)) + 1e-6);
    }
  });

  it('differentiates the logarithm of the gamma function', async () => {
    const x = input('x', 'float32', [4]);
    const [digamma] = gradients(f.reduceSum(f.logGamma(x)), [x]);
    const { data } = await evaluate(digamma!, { x: feed([0.5, 1, 2, 100]) });
    const gamma = 0.5772156649015329;
    const expected = [-gamma - 2 * Math.log(2), -gamma, 1 - gamma, 4.600161852738087];
    for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, 5);
  });

  it('computes erf to float32 precision', async () => {
    // Abramowitz and Stegun, table 7.1.
    await expectValues(
      f.erf(constant([0, 0.5, 1, 2])),
      [0, 0.5204998778, 0.8427007929, 0.995322265],
    );
  });
});

describe('reductions', () => {
  const x = draw(24);
  const tensor = constant(x, [2, 3, 4]);
  const at = (i: number, j: number, k: number): number => x[i * 12 + j * 4 + k]!;

  it('sums, averages and finds the largest along an axis', async () => {
    const rows = [0, 1].flatMap((i) => [0, 1, 2, 3].map((k) => [0, 1, 2].map((j) => at(i, j, k))));
    const sums = rows.map((row) => row.reduce((a, b) => a + b, 0));
    await expectValues(f.reduceSum(tensor, 1), sums);
    await expectValues(
      f.reduceMean(tensor, -2),
      sums.map((sum) => sum / 3),
    );
    await expectValues(
      f.reduceMax(tensor, [1], true),
      rows.map((row) => Math.max(...row)),
    );
  });

  it('reduces everything unless told otherwise', async () => {
    expect(f.reduceSum(tensor).shape).toEqual([]);
    await expectValues(f.reduceMean(tensor), [x.reduce((a, b) => a + b, 0) / 24]);
  });

  it('finds the smallest along an axis', async () => {
    const expected = [0, 1, 2].flatMap((j) =>
      [0, 1, 2, 3].map((k) => Math.min(at(0, j, k), at(1, j, k))),
    );
    await expectValues(f.reduceMin(tensor, 0), expected);
  });

  it.each([1, 2])('brings the last %i axes to mean 0 and variance 1', async (axisCount) => {
    const size = axisCount === 1 ? 4 : 12;
    const scale = draw(size);
    const bias = draw(size);
    const shape = axisCount === 1 ? [4] : [3, 4];
    const expected = x.map((value, i) => {
      const row = x.slice(i - (i % size), i - (i % size) + size);
      const mean = row.reduce((a, b) => a + b, 0) / size;
      const variance = row.reduce((sum, entry) => sum + (entry - mean) ** 2, 0) / size;
      const normalised = (value - mean) / Math.sqrt(variance + 1e-5);
      return normalised * scale[i % size]! + bias[i % size]!;
    });
    const [s, b] = [constant(scale, shape), constant(bias, shape)];
    await expectValues(f.layerNorm(tensor, s, b, axisCount), expected);
  });

  it('normalises a softmax along its axis', async () => {
    const expected = [0, 1].flatMap((i) =>
      [0, 1, 2].flatMap((j) =>
        [0, 1, 2, 3].map((k) => {
          const total = [0, 1, 2].reduce((sum, other) => sum + Math.exp(at(i, other, k)), 0);
          return Math.exp(at(i, j, k)) / total;
        }),
      ),
    );
    await expectValues(f.softmax(tensor, 1), expected);
  });
});

describe('matMul', () => {
  it('multiplies stacks of matrices by definition', async () => {
    const [a, b] = [draw(2 * 3 * 4), draw(4 * 5)];
    const expected = [0, 1].flatMap((s) =>
      [0, 1, 2].flatMap((i) =>
        [0, 1, 2, 3, 4].map((j) =>
          [0, 1, 2, 3].reduce((sum, k) => sum + a[s * 12 + i * 4 + k]! * b[k * 5 + j]!, 0),
        ),
      ),
    );
    await expectValues(f.matMul(constant(a, [2, 3, 4]), constant(b, [4, 5])), expected);
  });
});

describe('shape functions', () => {
  const tensor = constant([1, 2, 3, 4, 5, 6], [2, 3]);

  it('transposes', async () => {
    await expectValues(f.transpose(tensor), [1, 4, 2, 5, 3, 6]);
  });

  it('slices from either end', async () => {
    await expectValues(f.slice(tensor, 1, -1), [3, 6]);
    await expectValues(f.slice(tensor, 1, 0, -1), [1, 2, 4, 5]);
  });

  it('slices in steps, reverses, and slices from a position known at run time', async () => {
    const seven = constant([0, 1, 2, 3, 4, 5, 6]);
    await expectValues(f.slice(seven, 0, 1, undefined, 3), [1, 4]);
    await expectValues(f.slice(seven, 0, 0, -1, 2), [0, 2, 4]);
    await expectValues(f.flip(seven, 0), [6, 5, 4, 3, 2, 1, 0]);
    await expectValues(f.flip(tensor, -1), [3, 2, 1, 6, 5, 4]);
    const start = input('start', 'int64', []);
    for (const at of [0n, 3n]) {
      const from = { data: BigInt64Array.of(at), shape: [] };
      const { data, shape } = await evaluate(f.sliceAt(seven, start, 4), { start: from });
      expect(shape).toEqual([4]);
      expect(data).toEqual([0, 1, 2, 3].map((i) => i + Number(at)));
    }
  });

  it('splits and stacks', async () => {
    const [left, right] = f.split(tensor, [1, 2], 1);
    await expectValues(left!, [1, 4]);
    await expectValues(right!, [2, 3, 5, 6]);
    const both = f.stack([tensor, f.neg(tensor)], -1);
    expect(both.shape).toEqual([2, 3, 2]);
    await expectValues(both, [1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6]);
  });

  it('joins, pads, adds and removes axes', async () => {
    await expectValues(
      f.concat([tensor, f.neg(tensor)], 1),
      [1, 2, 3, -1, -2, -3, 4, 5, 6, -4, -5, -6],
    );
    await expectValues(f.pad(constant([1, 2]), [1], [2]), [0, 1, 2, 0, 0]);
    expect(f.unsqueeze(tensor, -1).shape).toEqual([2, 3, 1]);
    expect(f.squeeze(f.unsqueeze(tensor, 1), 1)).toMatchObject({ shape: [2, 3] });
  });

  it('looks up entries of vectors and rows of matrices', async () => {
    const indices = constant([2, 0, 1, 1], [2, 2], 'int64');
    await expectValues(f.gather(constant([10, 20, 30]), indices), [30, 10, 20, 20]);
    await expectValues(f.gather(tensor, constant([1], [1], 'int64')), [4, 5, 6]);
    await expectValues(f.gather(constant([10, 20, 30]), constant(2, [], 'int64')), [30]);
  });

  it('adds scattered updates, also where they meet', async () => {
    const indices = constant([1, 1, 0], [3], 'int64');
    await expectValues(f.scatterElements(f.zeros([2]), indices, constant([1, 2, 4])), [4, 3]);
  });
});

describe('misuse', () => {
  const x = input('x', 'float32', [2, 3]);

  it('names the operation and both shapes', () => {
    expect(() => f.add(x, input('y', 'float32', [4]))).toThrow(
      'Add cannot broadcast [2, 3] with [4]',
    );
    expect(() => f.matMul(x, x)).toThrow('MatMul does not fit: [2, 3] x [2, 3]');
    expect(() => f.reshape(x, [4, -1])).toThrow('Reshape of [2, 3] to [4, -1] does not divide');
    expect(() => f.reshape(x, [5])).toThrow('Reshape of [2, 3] to [5] changes the size');
    expect(() => f.concat([x, input('y', 'float32', [3, 2])], 0)).toThrow('Concat cannot join');
    expect(() => f.slice(x, 1, 2, 5)).toThrow('Slice takes [2, 5) of axis 1 of [2, 3]');
    expect(() => f.slice(x, 1, 2, 0, -1)).toThrow('flip reverses an axis');
    expect(() => f.split(x, [1, 1], 1)).toThrow('split of [2, 3] into [1, 1]');
    expect(() => f.expand(x, [3])).toThrow('Expand of [2, 3] to [3] shrinks it');
  });

  it('names the element types that do not go together', () => {
    expect(() => f.add(x, input('i', 'int64', [2, 3]))).toThrow('Add of float32 and int64');
    expect(() => f.where(x, x, x)).toThrow('Where with a condition of float32');
    expect(() => f.gather(x, x)).toThrow('Gather has indices of float32');
  });

  it('rejects constants and inputs with impossible shapes', () => {
    expect(() => constant([1, 2, 3], [2])).toThrow('constant has 3 elements for shape [2]');
    expect(() => input('x', 'float32', ['batch', 'time'])).toThrow(
      'more than one symbolic dimension',
    );
    expect(() => input('x', 'float32', [1.5])).toThrow('dimension 1.5');
  });
});
