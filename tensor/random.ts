/** Seeded random numbers in named streams: the same seed and stream give the same numbers on every machine. */
import { assert } from '../state/errors.ts';

/** One stream of random numbers. */
export interface Random {
  /** Uniform on [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform on the integers 0 to `below` - 1; `below` is at most 2^32. */
  integer(below: number): number;
  /** A random order of 0 to `n` - 1. */
  permutation(n: number): Uint32Array;
}

/** Opens the stream named by `stream` under `seed`; streams of different names are independent of one another. */
export function createRandom(seed: number, ...stream: readonly (number | string)[]): Random {
  const next = sfc32(hash(JSON.stringify([seed, ...stream])));
  const uniform = (): number => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
  const integer = (below: number): number => {
    assert(Number.isInteger(below) && below > 0 && below <= 2 ** 32, `no integer below ${below}`);
    // Rejection keeps every integer equally likely.
    const limit = 2 ** 32 - (2 ** 32 % below);
    for (;;) {
      const draw = next();
      if (draw < limit) return draw % below;
    }
  };
  return {
    uniform,
    integer,
    normal() {
      // Ratio of uniforms with the quadratic bounds of Leva (1992), ACM TOMS 18(4), 449-453. The logarithm only
      // decides on rejection, so that its last bit, which machines may disagree on, does not reach the value.
      for (;;) {
        const u = 1 - uniform();
        const v = 1.7156 * (uniform() - 0.5);
        const x = u - 0.449871;
        const y = Math.abs(v) + 0.386595;
        const q = x * x + y * (0.196 * y - 0.25472 * x);
        if (q < 0.27597) return v / u;
        if (q <= 0.27846 && v * v <= -4 * u * u * Math.log(u)) return v / u;
      }
    },
    permutation(n) {
      const order = Uint32Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = integer(i + 1);
        const swapped = order[i]!;
        order[i] = order[j]!;
        order[j] = swapped;
      }
      return order;
    },
  };
}

/** Four 32-bit words from a text: one FNV-1a hash per lane, each finished by Murmur3's mixer. */
function hash(text: string): readonly [number, number, number, number] {
  const lane = (index: number): number => {
    let state = (2166136261 ^ Math.imul(index + 1, 0x9e3779b9)) >>> 0;
    for (let i = 0; i < text.length; i++) {
      state = Math.imul(state ^ text.charCodeAt(i), 16777619);
    }
    state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
    return (state ^ (state >>> 16)) >>> 0;
  };
  return [lane(0), lane(1), lane(2), lane(3)];
}

/** Doty-Humphrey's small fast counting generator (PractRand), 32-bit words. */
function sfc32(seed: readonly [number, number, number, number]): () => number {
  let [a, b, c, counter] = seed;
  const next = (): number => {
    const word = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + word;
    return word >>> 0;
  };
  for (let i = 0; i < 16; i++) next();
  return next;
}
