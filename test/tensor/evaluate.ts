/** Runs expressions through the real engine, for tests. */
import type { Expression } from '../../tensor/expression.ts';
import { emitOnnx } from '../../tensor/onnx.ts';
import { createSession } from '../../tensor/session.ts';
import type { ArrayValue, Feed } from '../../tensor/values.ts';

/** The value of `expression` for inputs given by name. */
export async function evaluate(
  expression: Expression,
  feeds: Readonly<Record<string, Feed>> = {},
): Promise<{ shape: readonly number[]; data: number[] }> {
  const session = await createSession(emitOnnx({ result: expression }), { threads: 1 });
  const { result } = await session.run(feeds);
  await session.release();
  return { shape: result!.shape, data: Array.from(result!.data, Number) };
}

/** A float32 feed from rows of numbers. */
export function feed(
  data: readonly number[],
  shape: readonly number[] = [data.length],
): ArrayValue {
  return { data: Float32Array.from(data), shape };
}
