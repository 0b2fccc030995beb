import type { Clock } from "../../core/clock.ts";

/** Asks something that understands, a small model or an NLI model, whether two questions want the same answer. */
export type Verifier = (
  pair: { readonly stored: string; readonly asked: string },
  signal: AbortSignal,
) => Promise<boolean>;

export interface VerifierOptions {
  readonly verify: Verifier;
  readonly clock: Clock;
  /** Longest wait for a verdict in milliseconds; past it there is none. */
  readonly timeoutMs: number;
  /** Verdicts asked for per minute at most. */
  readonly perMinute: number;
}

const MOST_VERDICTS = 2000;

/** Gives yes only where the verifier said so in time and within its budget: error, silence and an empty budget are a no. Verdicts are kept. */
export function createVerifying({
  verify,
  clock,
  timeoutMs,
  perMinute,
}: VerifierOptions): (stored: string, asked: string) => Promise<boolean> {
  const verdicts = new Map<string, boolean>();
  let minute = 0;
  let asked = 0;
  return async (stored, question) => {
    const key = JSON.stringify([stored, question]);
    const known = verdicts.get(key);
    if (known !== undefined) return known;
    const now = Math.floor(clock.now() / 60_000);
    if (now !== minute) [minute, asked] = [now, 0];
    if (asked >= perMinute) return false;
    asked++;
    const verdict = await withinTime((signal) => verify({ stored, asked: question }, signal), clock, timeoutMs);
    if (verdict === undefined) return false;
    if (verdicts.size >= MOST_VERDICTS) verdicts.clear();
    verdicts.set(key, verdict);
    return verdict;
  };
}

/** Undefined for an error and past the time. */
async function withinTime(
  ask: (signal: AbortSignal) => Promise<boolean>,
  clock: Clock,
  timeoutMs: number,
): Promise<boolean | undefined> {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = clock.after(timeoutMs, () => {
    controller.abort();
    resolve(undefined);
  });
  try {
    const verdict = await Promise.race([ask(controller.signal), promise]);
    return typeof verdict === "boolean" ? verdict : undefined;
  } catch {
    return undefined;
  } finally {
    timer.cancel();
  }
}
