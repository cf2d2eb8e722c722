/** Order statistics: quantiles of a growing sample, each in the logarithm of its greatest size. */

/** A sample that values of a known list are added to one by one. */
export interface GrowingSample {
  /** Adds the value at `place` of the list; a missing one is left out. */
  add(place: number): void;
  /** Quantile (0..1) of what was added, interpolated as type 7 of Hyndman and Fan (1996); NaN of nothing. */
  quantile(level: number): number;
  /** How many were added. */
  size(): number;
}

/** A sample of members of `values`, kept as counts by rank (Fenwick 1994): only what was added is ever told. */
export function createGrowingSample(values: Float64Array): GrowingSample {
  const places = Uint32Array.from(values, (_, i) => i)
    .filter((i) => !Number.isNaN(values[i]!))
    .sort((a, b) => values[a]! - values[b]! || a - b);
  const ranks = new Uint32Array(values.length);
  for (const [rank, place] of places.entries()) ranks[place] = rank + 1;
  const counts = new Uint32Array(places.length + 1);
  const top = 2 ** Math.floor(Math.log2(Math.max(1, places.length)));
  let size = 0;
  /** The k-th least of what was added, 0 the least. */
  const select = (k: number): number => {
    let at = 0;
    let left = k + 1;
    for (let width = top; width >= 1; width /= 2) {
      const next = at + width;
      if (next < counts.length && counts[next]! < left) {
        at = next;
        left -= counts[next]!;
      }
    }
    return values[places[at]!]!;
  };
  return {
    add(place) {
      if (Number.isNaN(values[place]!)) return;
      size++;
      for (let rank = ranks[place]!; rank < counts.length; rank += rank & -rank) counts[rank]!++;
    },
    quantile(level) {
      if (size === 0) return Number.NaN;
      const at = level * (size - 1);
      const low = Math.floor(at);
      const below = select(low);
      const weight = at - low;
      return weight === 0 ? below : (1 - weight) * below + weight * select(low + 1);
    },
    size: () => size,
  };
}
