/** Lanes: order, width, results, and how they end. */
import { describe, expect, it } from 'vitest';
import { inLanes } from '../../services/workers/lanes.ts';

/** Pieces of work that end when they are told to. */
function gates(count: number) {
  const begun: number[] = [];
  const open: (() => void)[] = [];
  const shut: ((error: Error) => void)[] = [];
  const serve = (k: number): Promise<number> =>
    new Promise((resolve, reject) => {
      begun.push(k);
      open[k] = () => resolve(10 * k);
      shut[k] = reject;
    });
  return { items: Array.from({ length: count }, (_, k) => k), begun, open, shut, serve };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('lanes', () => {
  it('begin in order, as many at once as there are lanes, with results in the order of the items', async () => {
    const { items, begun, open, serve } = gates(4);
    const all = inLanes(2, items, serve);
    await settled();
    expect(begun).toEqual([0, 1]);
    open[1]!();
    await settled();
    expect(begun).toEqual([0, 1, 2]);
    for (const k of [2, 0]) open[k]!();
    await settled();
    open[3]!();
    expect(await all).toEqual([0, 10, 20, 30]);
  });

  it('end with the first error once nothing is under way, having told the others', async () => {
    const { items, begun, open, shut, serve } = gates(4);
    const signals: AbortSignal[] = [];
    let over = false;
    const all = inLanes(2, items, (k, signal) => {
      signals.push(signal);
      return serve(k);
    }).finally(() => {
      over = true;
    });
    all.catch(() => undefined);
    await settled();
    shut[0]!(new Error('first'));
    await settled();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(over).toBe(false);
    open[1]!();
    await expect(all).rejects.toThrow('first');
    expect(begun).toEqual([0, 1]);
  });

  it('begin nothing more after an abort, whose reason is thrown', async () => {
    const { items, begun, open, serve } = gates(3);
    const stop = new AbortController();
    const all = inLanes(1, items, serve, stop.signal);
    all.catch(() => undefined);
    await settled();
    stop.abort(new Error('enough'));
    open[0]!();
    await expect(all).rejects.toThrow('enough');
    expect(begun).toEqual([0]);
  });

  it('have nothing to do for nothing', async () => {
    expect(await inLanes(3, [], () => Promise.resolve(1))).toEqual([]);
  });
});
