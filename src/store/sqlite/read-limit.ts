import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import type { HeavyReadOptions, HeavyReads, Row } from "../store.ts";

const TIMEOUT_MS = 60_000;
const MOST_ROWS = 100_000;

/** What ends a heavy read. */
export interface ReadLimit {
  readonly signal: AbortSignal;
  end(): void;
}

/** Its signal fires with the caller's, when the time is up, and when the store closes. */
export function limitOf(
  { signal, timeoutMs = TIMEOUT_MS }: HeavyReadOptions,
  { clock, closing }: { readonly clock: Clock; readonly closing: AbortSignal },
): ReadLimit {
  const abort = new AbortController();
  function onAbort(): void {
    abort.abort(new MillraceError("CALL_ABORTED", "The read was aborted.", { cause: signal?.reason }));
  }
  function onClosing(): void {
    abort.abort(closing.reason);
  }
  if (signal?.aborted === true) onAbort();
  if (closing.aborted) onClosing();
  signal?.addEventListener("abort", onAbort, { once: true });
  closing.addEventListener("abort", onClosing, { once: true });
  const timer = clock.after(timeoutMs, () => abort.abort(late(timeoutMs)));
  return {
    signal: abort.signal,
    end() {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
      closing.removeEventListener("abort", onClosing);
    },
  };
}

/** Waits for an answer, and no longer than the signal lets. */
export function unlessOver<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    function onAbort(): void {
      reject(signal.reason);
    }
    signal.addEventListener("abort", onAbort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function late(timeoutMs: number): MillraceError {
  return new MillraceError("READ_TIMEOUT", `A heavy read took longer than ${timeoutMs} ms.`, {
    advice: "Give the statement an index (the log tells its plan), use its rows faster, or raise `timeoutMs`.",
  });
}

/** Gathers chunks: all rows, or CAPACITY_REACHED when there are too many. */
export function allOf(chunks: HeavyReads["chunks"]): HeavyReads["all"] {
  return async (sql, params, { mostRows = MOST_ROWS, ...options } = {}) => {
    const rows: Row[] = [];
    for await (const chunk of chunks(sql, params, options)) {
      for (const row of chunk) rows.push(row);
      if (rows.length > mostRows) throw tooMany(mostRows, sql);
    }
    return rows;
  };
}

function tooMany(mostRows: number, sql: string): MillraceError {
  return new MillraceError("CAPACITY_REACHED", `A heavy read gives more than ${mostRows} rows.`, {
    facts: { sql },
    advice: "Read them with `heavy.chunks`, or give the statement a limit.",
    isRetryable: false,
  });
}
