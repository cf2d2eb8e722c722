/** ONNX files: what is in them, that they are the same each time, and that symbolic sizes stay open. */
import { fromBinary } from '@bufbuild/protobuf';
import * as fc from 'fast-check';
import { ModelProtoSchema } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import {
  constant,
  type Dimension,
  type Expression,
  input,
  parameter,
} from '../../tensor/expression.ts';
import * as f from '../../tensor/functions.ts';
import { gradients } from '../../tensor/gradient.ts';
import { lstm } from '../../tensor/lstm.ts';
import { emitOnnx } from '../../tensor/onnx.ts';
import { createSession } from '../../tensor/session.ts';
import { sizeOf } from '../../tensor/values.ts';
import { feed } from './evaluate.ts';

const decode = (bytes: Uint8Array) => fromBinary(ModelProtoSchema, bytes);
const nodesOf = (bytes: Uint8Array): string[] =>
  decode(bytes).graph!.node.map(({ opType }) => opType);

function network(): Record<string, Expression> {
  const x = input('x', 'float32', ['batch', 3]);
  const hidden = f.tanh(f.add(f.matMul(x, parameter('w', [3, 2])), parameter('b', [2])));
  return { forecast: f.reshape(hidden, [-1, 2, 1]), total: f.reduceSum(hidden, 1) };
}

const parameters = {
  w: { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  b: { shape: [2], data: Float32Array.of(-1, 1) },
};

describe('an ONNX file', () => {
  it('is the same, byte for byte, for the same graph', () => {
    const metadata = { horizon: '2', frequency: 'h' };
    const first = emitOnnx(network(), { parameters, metadata });
    const again = emitOnnx(network(), { parameters, metadata: { frequency: 'h', horizon: '2' } });
    expect(again).toEqual(first);
  });

  it('keeps names, open sizes and metadata', () => {
    const model = decode(emitOnnx(network(), { parameters, metadata: { horizon: '2' } }));
    expect(model.graph!.input.map(({ name }) => name)).toEqual(['x']);
    expect(model.graph!.output.map(({ name }) => name)).toEqual(['forecast', 'total']);
    expect(model.metadataProps).toMatchObject([{ key: 'horizon', value: '2' }]);
    const type = model.graph!.input[0]!.type!.value;
    const shape = type.case === 'tensorType' ? type.value.shape : undefined;
    expect(shape?.dim.map(({ value }) => value.value)).toEqual(['batch', 3n]);
  });

  it('has one node for all results of an operator', async () => {
    const x = input('x', 'float32', [2, 'batch', 1]);
    const weights = { input: constant([1, 1, 1, 1], [1, 4]), bias: constant([0, 0, 0, 0]) };
    const start = f.squeeze(f.slice(x, 0, 0, 1), 0);
    const recurrent = constant([1, 2, 3, 4], [1, 4]);
    const { outputs, cell } = lstm(x, { ...weights, recurrent }, { h: start, c: start });
    const file = emitOnnx({ outputs, cell });
    expect(nodesOf(file).filter((op) => op === 'LSTM')).toHaveLength(1);
    const session = await createSession(file, { threads: 1 });
    const found = await session.run({ x: feed([1, -1, 0.5, 2], [2, 2, 1]) });
    await session.release();
    expect(found['outputs']!.shape).toEqual([2, 2, 1]);
    expect(found['cell']!.shape).toEqual([2, 1]);
  });

  it('takes parameters as inputs unless it is given their values', () => {
    const model = decode(emitOnnx(network()));
    expect(model.graph!.input.map(({ name }) => name)).toEqual(['x', 'w', 'b']);
  });

  it('computes an expression once, however often it is used or written', () => {
    const x = input('x', 'float32', [2]);
    const shared = f.exp(x);
    expect(nodesOf(emitOnnx({ y: f.add(shared, shared) }))).toEqual(['Exp', 'Add']);
    expect(nodesOf(emitOnnx({ y: f.add(f.exp(x), f.exp(x)) }))).toEqual(['Exp', 'Add']);
  });

  it('holds equal constants once', () => {
    const x = input('x', 'float32', [2]);
    const model = decode(emitOnnx({ y: f.add(f.mul(x, constant([1, 2])), constant([1, 2])) }));
    expect(model.graph!.initializer).toHaveLength(1);
  });

  it('computes nothing that the outputs do not need', () => {
    const [x, y] = [input('x', 'float32', [2]), input('y', 'float32', [2])];
    const [gradient] = gradients(f.reduceSum(f.mul(x, y)), [x]);
    expect(nodesOf(emitOnnx({ gradient: gradient! }))).not.toContain('ReduceSum');
  });

  it('gives outputs their names also where they are inputs, constants or one another', async () => {
    const x = input('x', 'float32', [2]);
    const y = f.neg(x);
    const session = await createSession(
      emitOnnx({ x2: x, one: constant(1), y, again: y, z: f.neg(y) }),
    );
    const outputs = await session.run({ x: feed([1, -2]) });
    await session.release();
    const values = Object.fromEntries(
      Object.entries(outputs).map(([k, { data }]) => [k, [...data]]),
    );
    expect(values).toEqual({ x2: [1, -2], one: [1], y: [-1, 2], again: [-1, 2], z: [1, -2] });
  });

  it('rejects two inputs of one name', () => {
    const sum = f.add(input('x', 'float32', [2]), input('x', 'float32', [2]));
    expect(() => emitOnnx({ sum })).toThrow('two inputs or parameters are named "x"');
  });
});

describe('a symbolic size', () => {
  it('takes any value at run time, as shape inference says', async () => {
    const session = await createSession(emitOnnx(network(), { parameters }));
    for (const batch of [1, 5]) {
      const x = { data: new Float32Array(3 * batch).fill(0.1), shape: [batch, 3] };
      const { forecast, total } = await session.run({ x });
      expect(forecast!.shape).toEqual([batch, 2, 1]);
      expect(total!.shape).toEqual([batch]);
    }
    await session.release();
  });

  it('survives merging with other axes and splitting again', async () => {
    const x = input('x', 'float32', ['batch', 4, 3]);
    const merged = f.reshape(x, [-1, 3]);
    expect(merged.shape).toEqual(['batch*4', 3]);
    const result = f.reshape(f.matMul(merged, constant(Array(6).fill(1), [3, 2])), [-1, 4, 2]);
    expect(result.shape).toEqual(['batch', 4, 2]);
    const session = await createSession(emitOnnx({ result }));
    const outputs = await session.run({
      x: { data: new Float32Array(24).fill(1), shape: [2, 4, 3] },
    });
    await session.release();
    expect(outputs['result']).toMatchObject({ shape: [2, 4, 2] });
    expect([...outputs['result']!.data]).toEqual(Array(16).fill(3));
  });

  it('goes through attention over channels and heads, merged with the batch or beside it', async () => {
    const x = input('x', 'float32', ['batch', 2, 4, 6]); // Channels, steps, features.
    const weight = constant(
      Array.from({ length: 36 }, (_, i) => Math.sin(i)),
      [6, 6],
    );
    const attend = (tokens: Expression): Expression => {
      const [lead, heads] = [tokens.shape.slice(0, -2), 3];
      const rank = lead.length + 3;
      const exchange = Array.from({ length: rank }, (_, i) => i)
        .with(rank - 3, rank - 2)
        .with(rank - 2, rank - 3);
      const project = (y: Expression): Expression =>
        f.transpose(f.reshape(f.matMul(y, weight), [...lead, 4, heads, 2]), exchange);
      const [query, key] = [project(tokens), project(f.tanh(tokens))];
      const turned = f.transpose(key, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
      const mixed = f.matMul(f.softmax(f.matMul(query, turned)), key);
      return f.reshape(f.transpose(mixed, exchange), [...lead, 4, 6]);
    };
    const beside = attend(x);
    const merged = f.reshape(attend(f.reshape(x, [-1, 4, 6])), ['batch', 2, 4, 6]);
    expect(beside.shape).toEqual(merged.shape);
    const session = await createSession(emitOnnx({ beside, merged }));
    const data = Float32Array.from({ length: 3 * 48 }, (_, i) => Math.cos(i));
    const outputs = await session.run({ x: { data, shape: [3, 2, 4, 6] } });
    await session.release();
    expect(outputs['beside']!.shape).toEqual([3, 2, 4, 6]);
    expect(outputs['merged']).toEqual(outputs['beside']);
  });

  it('gives, whatever the batch, the rows that each would give alone', async () => {
    const session = await createSession(emitOnnx({ y: network()['forecast']! }, { parameters }));
    const rows = fc.array(
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 }),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    const run = async (x: number[][]): Promise<number[]> => {
      const { y } = await session.run({
        x: feed(
          x.flat().map((v) => v / 10),
          [x.length, 3],
        ),
      });
      return Array.from(y!.data, Number);
    };
    const property = fc.asyncProperty(rows, async (x) => {
      const alone = await Promise.all(x.map((row) => run([row])));
      for (const [i, value] of (await run(x)).entries()) {
        expect(value).toBeCloseTo(alone.flat()[i]!, 5);
      }
    });
    await fc.assert(property, { numRuns: 10 });
    await session.release();
  });

  it('cannot be the size of a mean whose gradient is asked for, and the message says so', () => {
    const x = input('x', 'float32', ['batch', 3]);
    expect(() => gradients(f.reduceMean(x), [x])).toThrow('needs known sizes');
  });

  it('is never confused with another size', () => {
    const x = input('x', 'float32', ['batch', 3]);
    expect(() => f.add(x, input('y', 'float32', [4, 3]))).toThrow(
      'Add cannot broadcast [batch, 3]',
    );
    expect(() => f.reshape(x, ['time', 3])).toThrow('changes the size');
    const shape: readonly Dimension[] = f.add(x, constant([1], [1])).shape;
    expect(shape).toEqual(['batch', 3]);
    expect(sizeOf([2, 3])).toBe(6);
  });
});
