export interface ParallelOptions {
  /** How many run at once, at most. Default 5. */
  readonly parallel?: number;
  /** When aborted, no further item is started; those in flight are awaited. */
  readonly signal?: AbortSignal;
}

/**
 * Runs `work` over all items as a true pool: a free place takes the next item at once, nobody waits
 * for a slow neighbour. Outcomes stand in the items' order; items never started because of the signal are rejected
 * with its reason.
 */
export async function mapParallel<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
  { parallel = 5, signal }: ParallelOptions = {},
): Promise<PromiseSettledResult<R>[]> {
  if (!Number.isInteger(parallel) || parallel < 1)
    throw new RangeError(`parallel must be a whole number of at least 1, got ${parallel}`);
  const outcomes = new Array<PromiseSettledResult<R>>(items.length);
  let next = 0;
  async function place(): Promise<void> {
    for (let index = next++; index < items.length; index = next++) {
      try {
        signal?.throwIfAborted();
        outcomes[index] = { status: "fulfilled", value: await work(items[index] as T, index) };
      } catch (reason) {
        outcomes[index] = { status: "rejected", reason };
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, place));
  return outcomes;
}
