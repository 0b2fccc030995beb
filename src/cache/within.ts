import type { Clock } from "../core/clock.ts";

/** Waits at most so long for something that cannot be called off. Rejects with a TimeoutError, or with the signal's reason. */
export function within<T>(
  promise: Promise<T>,
  {
    ms,
    clock,
    what,
    signal,
  }: { readonly ms: number; readonly clock: Clock; readonly what: string; readonly signal?: AbortSignal | undefined },
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = clock.after(ms, () =>
      settle(() => reject(new DOMException(`${what} took longer than ${ms} ms.`, "TimeoutError"))),
    );
    const onAbort = (): void => settle(() => reject(signal?.reason as Error));
    function settle(then: () => void): void {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
      then();
    }
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    promise.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
