import type { Clock } from "../core/clock.ts";
import { toMs } from "../core/duration.ts";
import { MillraceError } from "../core/errors.ts";
import type { Factory, FactoryContext } from "./cache.ts";

/** What a factory made, and what it decided about its entry. */
export interface Made {
  readonly value: unknown;
  readonly ttlMs: number | undefined;
  readonly isKept: boolean;
}

export interface RunFactoryParams {
  readonly key: string;
  readonly factory: Factory<unknown>;
  readonly signal: AbortSignal;
  /** Tags that the factory finds are added here. */
  readonly tags: Set<string>;
  readonly timeoutMs: number | undefined;
  readonly clock: Clock;
}

/** Runs a factory until it ends, nobody waits any longer, or its time is up: then with CACHE_TIMEOUT. */
export async function runFactory({ key, factory, signal, tags, timeoutMs, clock }: RunFactoryParams): Promise<Made> {
  signal.throwIfAborted();
  let ttlMs: number | undefined;
  let isKept = true;
  const timeout = new AbortController();
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined);
  const onAbort = (): void => ended.reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  const timer =
    timeoutMs === undefined
      ? undefined
      : clock.after(timeoutMs, () => {
          const error = new MillraceError("CACHE_TIMEOUT", `The value of "${key}" took longer than ${timeoutMs} ms.`, {
            facts: { key, timeoutMs },
          });
          ended.reject(error);
          timeout.abort(error);
        });
  try {
    const context: FactoryContext = {
      signal: timeoutMs === undefined ? signal : AbortSignal.any([signal, timeout.signal]),
      tag: (...found: readonly string[]) => found.forEach((tag) => tags.add(tag)),
      setTtl: (ttl) => (ttlMs = toMs(ttl)),
      skipStore: () => (isKept = false),
    };
    const made = (async () => factory(context))();
    const value = await Promise.race([made, ended.promise]);
    return { value, ttlMs, isKept };
  } finally {
    timer?.cancel();
    signal.removeEventListener("abort", onAbort);
  }
}
