/** Layers of networks written out in double precision on nested arrays, as oracles of the graphs. */

/** Parameters by name, flat, row-major. */
export type PlainWeights = Readonly<Record<string, Float64Array>>;
/** Rows of equal length. */
export type Matrix = readonly (readonly number[])[];

const weight = (w: PlainWeights, name: string): Float64Array => {
  const found = w[name];
  if (found === undefined)
    throw new Error(`no parameter ${name} among ${Object.keys(w).join(' ')}`);
  return found;
};

/** Each row times `<name>.weight`, plus `<name>.bias` where there is one. */
export function linear(w: PlainWeights, name: string, rows: Matrix): number[][] {
  const matrix = weight(w, `${name}.weight`);
  const from = rows[0]!.length;
  const to = matrix.length / from;
  const bias = w[`${name}.bias`] ?? new Float64Array(to);
  return rows.map((row) =>
    Array.from(bias, (b, k) => row.reduce((sum, value, i) => sum + value * matrix[i * to + k]!, b)),
  );
}

/** Entry by entry. */
export const map = (rows: Matrix, change: (value: number) => number): number[][] =>
  rows.map((row) => row.map(change));
/** Sum of two matrices. */
export const sum = (a: Matrix, b: Matrix): number[][] =>
  a.map((row, i) => row.map((value, k) => value + b[i]![k]!));
/** Rows and columns exchanged. */
export const transposed = (rows: Matrix): number[][] =>
  rows[0]!.map((_, k) => rows.map((row) => row[k]!));
/** max(x, 0). */
export const relu = (x: number): number => Math.max(x, 0);

/** x times the standard normal distribution function, by the power series of the error function. */
export function gelu(x: number): number {
  const z = x / Math.SQRT2;
  if (Math.abs(z) > 5) return x > 0 ? x : 0;
  let term = z;
  let series = z;
  for (let n = 1; n < 120; n++) {
    term *= (-z * z) / n;
    series += term / (2 * n + 1);
  }
  return x * 0.5 * (1 + (2 / Math.sqrt(Math.PI)) * series);
}

/** e^x over its sum. */
export function softmax(row: readonly number[]): number[] {
  const largest = Math.max(...row);
  const exponentials = row.map((value) => Math.exp(value - largest));
  const total = exponentials.reduce((a, b) => a + b);
  return exponentials.map((value) => value / total);
}

/** Mean and variance of those values whose weight is 1. */
export function moments(values: readonly number[], seen = values.map(() => 1)) {
  const count = Math.max(
    1,
    seen.reduce((a, b) => a + b),
  );
  const mean = values.reduce((total, value, i) => total + value * seen[i]!, 0) / count;
  const squares = values.reduce((total, value, i) => total + (value - mean) ** 2 * seen[i]!, 0);
  return { mean, variance: squares / count };
}

/** Each row with mean 0 and variance 1, times `<name>.scale`, plus `<name>.shift`. */
export function layerNorm(w: PlainWeights, name: string, rows: Matrix): number[][] {
  return rows.map((row) => {
    const { mean, variance } = moments(row);
    return row.map(
      (value, k) =>
        ((value - mean) / Math.sqrt(variance + 1e-5)) * weight(w, `${name}.scale`)[k]! +
        weight(w, `${name}.shift`)[k]!,
    );
  });
}

/** Each column with mean 0 and variance 1, over the rows or by the running statistics, then scaled and shifted. */
export function batchNorm(
  w: PlainWeights,
  name: string,
  rows: Matrix,
  training: boolean,
  epsilon: number,
): number[][] {
  const columns = transposed(rows).map((column, k) => {
    const { mean, variance } = training
      ? moments(column)
      : { mean: weight(w, `${name}.mean`)[k]!, variance: weight(w, `${name}.variance`)[k]! };
    return column.map(
      (value) =>
        ((value - mean) / Math.sqrt(variance + epsilon)) * weight(w, `${name}.scale`)[k]! +
        weight(w, `${name}.shift`)[k]!,
    );
  });
  return transposed(columns);
}

/** Self-attention among `tokens`; returns the scores of each head besides. */
export function selfAttention(
  w: PlainWeights,
  name: string,
  tokens: Matrix,
  heads: number,
  previous?: readonly Matrix[],
): { output: number[][]; scores: number[][][] } {
  const [query, key, value] = ['query', 'key', 'value'].map((part) =>
    linear(w, `${name}.${part}`, tokens),
  ) as [number[][], number[][], number[][]];
  const size = tokens[0]!.length / heads;
  const joined = tokens.map((): number[] => []);
  const scores = Array.from({ length: heads }, (_, head) => {
    const own = (row: readonly number[]): number[] => row.slice(head * size, (head + 1) * size);
    const ofHead = query.map((q, i) =>
      key.map((k, j) => {
        const product = own(q).reduce((total, entry, d) => total + entry * own(k)[d]!, 0);
        return product / Math.sqrt(size) + (previous?.[head]![i]![j] ?? 0);
      }),
    );
    for (const [i, row] of ofHead.entries()) {
      const shares = softmax(row);
      const mixed = own(value[0]!).map((_unused, d) =>
        shares.reduce((total, share, j) => total + share * own(value[j]!)[d]!, 0),
      );
      joined[i]!.push(...mixed);
    }
    return ofHead;
  });
  return { output: linear(w, `${name}.output`, joined), scores };
}

/** Rows of `flat`, each of `width`. */
export function rowsOf(flat: ArrayLike<number>, width: number): number[][] {
  return Array.from({ length: flat.length / width }, (_, i) =>
    Array.from({ length: width }, (_unused, k) => flat[i * width + k]!),
  );
}
