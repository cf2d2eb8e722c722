/** Lanes: several pieces of work at once, begun in their order. */

/**
 * Serves `items` in their order, at most `count` at once, and gives what each came to. The first error, or an abort of `signal`,
 * aborts the signal that all are served with, and no further one begins; it is thrown when none is being served any more.
 */
export async function inLanes<T, R>(
  count: number,
  items: readonly T[],
  serve: (item: T, signal: AbortSignal, index: number) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  const stop = new AbortController();
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const results: R[] = [];
  const waiting = items.entries();
  const serveAll = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      either.throwIfAborted();
      results[index] = await serve(item, either, index);
    }
  };
  const lanes = Math.max(1, Math.min(count, items.length));
  const stopOthers = (error: unknown): void => stop.abort(error);
  await Promise.all(Array.from({ length: lanes }, () => serveAll().catch(stopOthers)));
  signal?.throwIfAborted();
  stop.signal.throwIfAborted();
  return results;
}
