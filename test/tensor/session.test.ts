/** Sessions and programs: runs beside the event loop, errors, kept feeds, reuse. */
import { describe, expect, it } from 'vitest';
import { constant, input, parameter } from '../../tensor/expression.ts';
import * as f from '../../tensor/functions.ts';
import { emitOnnx } from '../../tensor/onnx.ts';
import { createProgram } from '../../tensor/program.ts';
import { createSession } from '../../tensor/session.ts';
import { feed } from './evaluate.ts';

const x = input('x', 'float32', ['n']);
const doubled = emitOnnx({ y: f.mul(x, 2) });

describe('a session', () => {
  it('leaves the event loop free while it computes', async () => {
    let product = input('m', 'float32', [400, 400]);
    for (let i = 0; i < 20; i++) product = f.tanh(f.matMul(product, product));
    const session = await createSession(emitOnnx({ total: f.reduceSum(product) }));
    let turns = 0;
    let done = false;
    const turn = (): void => {
      turns++;
      if (!done) setImmediate(turn);
    };
    turn();
    await session.run({ m: feed(Array(160_000).fill(0.01), [400, 400]) });
    done = true;
    await session.release();
    expect(turns).toBeGreaterThan(20);
  });

  it('runs while another one computes', async () => {
    let product = input('m', 'float32', [300, 300]);
    for (let i = 0; i < 100; i++) product = f.tanh(f.matMul(product, product));
    const busy = await createSession(emitOnnx({ total: f.reduceSum(product) }), { threads: 1 });
    const other = await createSession(doubled, { threads: 1 });
    const order: string[] = [];
    const long = busy
      .run({ m: feed(Array(90_000).fill(0.01), [300, 300]) })
      .then(() => order.push('long'));
    for (let run = 0; run < 3; run++) await other.run({ x: feed([1]) });
    order.push('short');
    await long;
    for (const session of [busy, other]) await session.release();
    expect(order).toEqual(['short', 'long']);
  });

  it('answers runs that were started together in their order', async () => {
    const session = await createSession(doubled);
    const runs = [1, 2, 3].map((value) => session.run({ x: feed([value]) }));
    const answers = (await Promise.all(runs)).map(({ y }) => y!.data[0]);
    await session.release();
    expect(answers).toEqual([2, 4, 6]);
  });

  it('sends an array that it keeps only when it is another array', async () => {
    const sum = emitOnnx({ y: f.add(x, input('c', 'float32', ['n'])) });
    const session = await createSession(sum, { kept: ['c'] });
    const c = feed([10, 20]);
    const run = async (kept: typeof c): Promise<number[]> =>
      Array.from((await session.run({ x: feed([1, 2]), c: kept }))['y']!.data, Number);
    expect(await run(c)).toEqual([11, 22]);
    expect(await run({ ...c })).toEqual([11, 22]);
    expect(await run(feed([100, 200]))).toEqual([101, 202]);
    expect(await run(c)).toEqual([11, 22]);
    await session.release();
  });

  it('takes large arrays, also at once, and leaves them to their owner', async () => {
    const session = await createSession(doubled);
    const sizes = [20_000, 50_000, 20_000, 10];
    const arrays = sizes.map((size, i) => feed(Array(size).fill(i + 1)));
    for (let round = 0; round < 2; round++) {
      const runs = arrays.map((array) => session.run({ x: array }));
      for (const [i, { y }] of (await Promise.all(runs)).entries()) {
        expect(y!.data).toEqual(new Float32Array(sizes[i]!).fill(2 * (i + 1)));
        expect(arrays[i]!.data).toEqual(new Float32Array(sizes[i]!).fill(i + 1));
      }
    }
    await session.release();
  });

  it('still has what it keeps after handing it out', async () => {
    const passing = emitOnnx({ same: x, twice: f.reshape(x, [-1, 1]), y: f.mul(x, 2) });
    const session = await createSession(passing, { kept: ['x'] });
    const kept = feed([1, 2]);
    for (let run = 0; run < 3; run++) {
      const { same, twice, y } = await session.run({ x: kept });
      expect([...same!.data, ...twice!.data, ...y!.data]).toEqual([1, 2, 1, 2, 2, 4]);
    }
    expect([...kept.data]).toEqual([1, 2]);
    await session.release();
  });

  it('says what is wrong with a run and goes on working', async () => {
    const session = await createSession(doubled);
    await expect(session.run({ x: feed([1, 2], [2, 1]) })).rejects.toThrow(
      'Invalid rank for input: x',
    );
    await expect(session.run({})).rejects.toThrow("input 'x' is missing");
    expect((await session.run({ x: feed([4]) }))['y']!.data[0]).toBe(8);
    await session.release();
  });

  it('rejects what is no model', async () => {
    await expect(createSession(Uint8Array.of(1, 2, 3))).rejects.toThrow('protobuf');
  });

  it('does not run once it is released', async () => {
    const session = await createSession(doubled);
    await session.release();
    await expect(session.run({ x: feed([1]) })).rejects.toThrow('a released session does not run');
  });
});

describe('a program', () => {
  const outputs = { y: f.add(f.mul(x, parameter('w', [1])), parameter('b', [1])) };
  const parameters = {
    w: { shape: [1], data: Float32Array.of(3) },
    b: { shape: [1], data: Float32Array.of(1) },
  };

  it('takes new weights without a new session', async () => {
    const program = await createProgram(outputs);
    const run = async (w: number): Promise<number[]> => [
      ...(await program.run({ x: feed([1, 2]), ...parameters, w: feed([w]) }))['y']!,
    ];
    expect(await run(3)).toEqual([4, 7]);
    expect(await run(-1)).toEqual([0, -1]);
    await program.release();
  });

  it('computes the same with parameters baked in, and hands out that model', async () => {
    const program = await createProgram(outputs, { parameters, bakeParameters: true });
    expect([...(await program.run({ x: feed([1, 2]) }))['y']!]).toEqual([4, 7]);
    await program.release();
    const session = await createSession(program.onnx);
    expect([...(await session.run({ x: feed([5]) }))['y']!.data]).toEqual([16]);
    await session.release();
  });

  it('ignores feeds that its outputs do not depend on and names those that it misses', async () => {
    const program = await createProgram({ y: f.mul(x, 2) });
    expect([...(await program.run({ x: feed([1]), z: feed([1]) }))['y']!]).toEqual([2]);
    await expect(program.run({})).rejects.toThrow('input "x" is given');
    await program.release();
    await expect(createProgram({ y: constant(1, [], 'int64') })).rejects.toThrow('is float32');
  });
});
