import { toMs } from "../core/duration.ts";
import type { Random } from "../core/random.ts";
import { type Backoff, exponentialBackoff } from "../resilience/backoff.ts";
import type { CallsConfig } from "./config.ts";

/** How long is waited between attempts, as `calls.retry` says. */
export function toBackoff({ base, max }: NonNullable<CallsConfig["retry"]> = {}, random: Random): Backoff {
  return exponentialBackoff({
    random,
    ...(base === undefined ? {} : { baseMs: toMs(base) }),
    ...(max === undefined ? {} : { maxMs: toMs(max) }),
  });
}
