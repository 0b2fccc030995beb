import type { Clock } from "../core/clock.ts";
import type { AttemptBudget } from "./attempt-budget.ts";

/** One of the two attempts. */
export interface HedgeAttempt {
  /** 1, or 2 for the one that was sent beside it. */
  readonly number: 1 | 2;
  /** Fires when the other one won, or with the caller's signal. */
  readonly signal: AbortSignal;
}

/** What became of an attempt that did not win: it was aborted, but it may have cost something all the same. */
export interface HedgeLoss<T> {
  readonly number: 1 | 2;
  readonly ms: number;
  readonly outcome: PromiseSettledResult<T>;
}

export interface HedgeOptions<T> {
  readonly clock: Clock;
  /**
   * When the second attempt goes, in milliseconds after the first: the 95th percentile of what such calls take (`createQuantiles`).
   * Undefined, as long as too little is known: then there is no second attempt.
   */
  readonly afterMs: () => number | undefined;
  /** Bounds second attempts to a share of all calls; 5 % is usual. */
  readonly budget: AttemptBudget;
  readonly signal?: AbortSignal;
  /** Hears of each loser when it has come to its end, so that what it cost is counted. It must not throw. */
  readonly onLoss?: (loss: HedgeLoss<T>) => void;
}

/**
 * Runs the work, and beside it once more when the first answer is late ("hedged requests", Dean and Barroso, "The Tail at Scale", 2013).
 * The first good answer wins and the other attempt is aborted. A failure before the second attempt is thrown as it is; once both are out, one
 * failure waits for the other attempt, and if both fail the later error is thrown. Only for work that may happen twice.
 */
export async function hedge<T>(
  work: (attempt: HedgeAttempt) => Promise<T>,
  { clock, afterMs, budget, signal, onLoss }: HedgeOptions<T>,
): Promise<T> {
  signal?.throwIfAborted();
  budget.count();
  const delayMs = afterMs();
  const attempts: { readonly number: 1 | 2; readonly startedAt: number; readonly controller: AbortController }[] = [];
  let failures = 0;
  let hasEnded = false;

  return await new Promise<T>((resolve, reject) => {
    const timer = delayMs === undefined ? undefined : clock.after(delayMs, () => void (budget.take() && start(2)));
    signal?.addEventListener("abort", onAbort, { once: true });
    start(1);

    function start(number: 1 | 2): void {
      const controller = new AbortController();
      const attempt = { number, startedAt: clock.monotonic(), controller };
      attempts.push(attempt);
      run(work, { number, signal: controller.signal }).then(
        (value) => settle(attempt, { status: "fulfilled", value }),
        (reason: unknown) => settle(attempt, { status: "rejected", reason }),
      );
    }
    function settle(attempt: (typeof attempts)[number], outcome: PromiseSettledResult<T>): void {
      const { number, startedAt } = attempt;
      const lose = (): void => onLoss?.({ number, ms: clock.monotonic() - startedAt, outcome });
      if (hasEnded) {
        lose();
      } else if (outcome.status === "fulfilled") {
        end();
        for (const other of attempts)
          if (other !== attempt) other.controller.abort(new DOMException("the other attempt won", "AbortError"));
        resolve(outcome.value);
      } else {
        failures += 1;
        if (failures < attempts.length) return lose();
        end();
        reject(outcome.reason);
      }
    }
    function onAbort(): void {
      end();
      for (const { controller } of attempts) controller.abort(signal?.reason);
      reject(signal?.reason);
    }
    function end(): void {
      hasEnded = true;
      timer?.cancel();
      signal?.removeEventListener("abort", onAbort);
    }
  });
}

/** Also what throws before its first wait is a rejection. */
async function run<T>(work: (attempt: HedgeAttempt) => Promise<T>, attempt: HedgeAttempt): Promise<T> {
  return await work(attempt);
}
