/**
 * Aborts a controller with the reason of whichever signal fires first; call what it returns to stop. Unlike AbortSignal.any it leaves nothing
 * with a signal that outlives many followers until the garbage collector comes by.
 */
export function followSignals(follower: AbortController, signals: readonly AbortSignal[]): () => void {
  const onAbort = (event: Event): void => follower.abort((event.target as AbortSignal).reason);
  for (const signal of signals) {
    if (signal.aborted) follower.abort(signal.reason);
    else signal.addEventListener("abort", onAbort, ONCE);
  }
  return () => {
    for (const signal of signals) signal.removeEventListener("abort", onAbort);
  };
}

const ONCE = { once: true } as const;
