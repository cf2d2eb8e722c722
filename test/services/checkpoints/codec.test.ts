/** The state codec: every plain value comes back as it was, as data, and everything else is refused by its path. */
import { isDeepStrictEqual } from 'node:util';
import { DeltaSnapshot } from '@langchain/langgraph-checkpoint';
import { Overwrite, Send } from '@langchain/langgraph';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeState, encodeState } from '../../../services/checkpoints/codec.ts';

const roundTrip = (value: unknown): unknown => decodeState(encodeState(value, 'state'), 'store');

const names = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'lc', 'lg_name', '~'),
);
const texts = fc.oneof(
  fc.string(),
  fc.string().map((text) => `~${text}`),
  fc.constantFrom('~', '~~', '~NaN', '~~NaN', '~Infinity', '~-Infinity', '~-0', '\ud800', '\0'),
);
const { plain } = fc.letrec((tie) => ({
  plain: fc.oneof(
    { maxDepth: 4 },
    texts,
    fc.double(),
    fc.constantFrom(NaN, Infinity, -Infinity, -0, 0, null, true, false, Number.MAX_VALUE, 5e-324),
    fc.array(tie('plain'), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie('plain')), { maxLength: 4 }).map((e) => Object.fromEntries(e)),
  ),
}));

describe('encodeState and decodeState', () => {
  it('return any plain value deep-equal, numbers to the last bit', () => {
    const property = fc.property(plain, (value) => {
      expect(isDeepStrictEqual(roundTrip(value), value)).toBe(true);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it('leave the value that is encoded as it was', () => {
    const property = fc.property(plain, (value) => {
      const before = structuredClone(value);
      encodeState(value, 'state');
      expect(isDeepStrictEqual(value, before)).toBe(true);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it.each([
    [{ lc: 1, type: 'constructor', id: ['langchain', 'x'], kwargs: {} }],
    [{ lc: 1, type: 'secret', id: ['HOME'] }],
    [{ lc: 2, type: 'constructor', id: ['Map'], method: null, args: [[[1, 2]]] }],
    [{ lc: 2, type: 'undefined' }],
    [{ lc: 2, type: 'delta_snapshot', value: 1 }],
    [{ lg_name: 'Command', goto: 'x', update: {} }],
    [{ lg_name: 'Send', node: 'x', args: 1 }],
    [
      JSON.parse(
        '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": 1}}}',
      ),
    ],
    [JSON.parse('{"__proto__": "~text", "deep": {"__proto__": null}}')],
  ])('revive no marker and pollute nothing: %j', (payload) => {
    const found = roundTrip(payload);
    expect(isDeepStrictEqual(found, payload)).toBe(true);
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
  });

  it('keep an own __proto__ that needs an escape inside', () => {
    const value = JSON.parse('{"__proto__": {"a": 1}}') as Record<string, unknown>;
    (Object.getOwnPropertyDescriptor(value, '__proto__')!.value as { a: number }).a = NaN;
    const found = roundTrip(value) as object;
    expect(Object.keys(found)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
    expect(isDeepStrictEqual(found, value)).toBe(true);
  });

  it('drop undefined properties, as JSON does', () => {
    expect(roundTrip({ a: 1, b: undefined })).toStrictEqual({ a: 1 });
  });

  it("write LangGraph's own carriers as the plain data that it knows them by", () => {
    expect(roundTrip(new Send('train', { rate: NaN }))).toStrictEqual({
      lg_name: 'Send',
      node: 'train',
      args: { rate: NaN },
    });
    expect(roundTrip(new Overwrite([-0]))).toStrictEqual({
      lg_name: 'Overwrite',
      __overwrite__: [-0],
    });
    expect(roundTrip(new DeltaSnapshot(['~']))).toStrictEqual({
      lg_name: 'DeltaSnapshot',
      value: ['~'],
    });
  });

  class Point {
    x = 1;
  }
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  let deep: unknown = 0;
  for (let level = 0; level < 1001; level++) deep = [deep];

  it.each<[unknown, string, string]>([
    [{ a: [{ b: new Date(0) }] }, 'state.a[0].b', 'an instance of Date'],
    [{ y: new Float64Array(2) }, 'state.y', 'an instance of Float64Array'],
    [[new Map()], 'state[0]', 'an instance of Map'],
    [{ f: () => 1 }, 'state.f', 'a function'],
    [{ n: 1n }, 'state.n', 'a bigint'],
    [{ s: Symbol('s') }, 'state.s', 'a symbol'],
    [{ [Symbol('s')]: 1 }, 'state', 'a property named by a symbol'],
    [[1, undefined], 'state[1]', 'undefined'],
    // eslint-disable-next-line no-sparse-arrays
    [[1, , 2], 'state[1]', 'undefined'],
    [undefined, 'state', 'undefined'],
    [{ p: new Point() }, 'state.p', 'an instance of Point'],
    [{ p: Object.assign(new Point(), { lg_name: 'Command' }) }, 'state.p', 'an instance of Point'],
    [new Error('x'), 'state', 'an instance of Error'],
    [Object.create({ inherited: 1 }), 'state', 'an instance of Object'],
    [{ toJSON: () => 'other' }, 'state.toJSON', 'a function'],
    [cycle, 'state.self', 'a reference to an object around it'],
    [deep, `state${'[0]'.repeat(1000)}`, 'more than 1000 nested levels'],
  ])('refuse %o', (value, path, found) => {
    expect(() => encodeState(value, 'state')).toThrow(
      expect.objectContaining({ code: 'STATE_NOT_PLAIN', details: { path, found } }),
    );
  });

  it('store one object twice where it is met twice, which is no cycle', () => {
    const shared = { a: NaN };
    expect(roundTrip([shared, shared])).toStrictEqual([{ a: NaN }, { a: NaN }]);
  });

  it.each(['', '{', '["~sth"]', '"~"'])('refuse the stored text %j', (text) => {
    expect(() => decodeState(text, 'store')).toThrow(
      expect.objectContaining({ code: 'STORE_CORRUPT' }),
    );
  });
});
