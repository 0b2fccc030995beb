import { AsyncLocalStorage } from "node:async_hooks";
import { MillraceError } from "../core/errors.ts";

/** Work that others wait for and that may itself wait for other such work. */
export interface Waiting {
  readonly key: string;
  /** What its factory waits for at the moment; twice where it waits twice. */
  readonly waitsFor: Set<Wait>;
}

interface Wait {
  readonly of: Waiting;
}

/** Whose factory runs here. It travels by the asynchronous context: a factory need not say in whose name it asks. */
const running = new AsyncLocalStorage<Waiting>();

/** Runs a factory in the name of its flight. */
export function runFor<T>(flight: Waiting, factory: () => T): T {
  return running.run(flight, factory);
}

/** Waits for a flight; with CACHE_CYCLE when that flight waits, over however many others, for the one whose factory asks. */
export async function waitFor<T>(flight: Waiting, wait: () => Promise<T>): Promise<T> {
  const asker = running.getStore();
  if (asker === undefined) return await wait();
  const way = wayTo(asker, flight, new Set());
  if (way !== undefined) {
    const keys = [asker, ...way.toReversed()].map(({ key }) => `"${key}"`);
    throw new MillraceError(
      "CACHE_CYCLE",
      `The value of ${keys.join(" needs that of ")}: none of them could ever be made.`,
      { isRetryable: false },
    );
  }
  const waiting: Wait = { of: flight };
  asker.waitsFor.add(waiting);
  try {
    return await wait();
  } finally {
    asker.waitsFor.delete(waiting);
  }
}

/** The flights from `goal` back to `from`, both named; undefined when there is no such way. */
function wayTo(goal: Waiting, from: Waiting, seen: Set<Waiting>): Waiting[] | undefined {
  if (from === goal) return [from];
  seen.add(from);
  for (const { of: next } of from.waitsFor) {
    const way = seen.has(next) ? undefined : wayTo(goal, next, seen);
    if (way !== undefined) return [...way, from];
  }
  return undefined;
}
