import { MillraceError } from "../core/errors.ts";
import type { Random } from "../core/random.ts";
import type { RetryPolicy } from "./automation.ts";

/** A retry policy with its defaults filled in. */
export type RetryRules = Required<RetryPolicy>;

const DEFAULTS: RetryRules = { attempts: 3, backoffMs: 1_000, maxBackoffMs: 60_000 };

/** Fills in a policy; later ones win field by field. Throws INPUT_INVALID with the bad value. */
export function retryRules(...policies: readonly (RetryPolicy | undefined)[]): RetryRules {
  const rules: RetryRules = Object.assign({}, DEFAULTS, ...policies);
  if (!Number.isInteger(rules.attempts) || rules.attempts < 1) {
    throw badRule("attempts", rules.attempts, "a whole number of at least 1");
  }
  for (const field of ["backoffMs", "maxBackoffMs"] as const) {
    if (!Number.isFinite(rules[field]) || rules[field] < 0) {
      throw badRule(field, rules[field], "milliseconds, 0 or more");
    }
  }
  return rules;
}

function badRule(field: string, value: unknown, wanted: string): MillraceError {
  return new MillraceError("INPUT_INVALID", `retry.${field} must be ${wanted}, not ${String(value)}.`);
}

export interface RetryDelayParams {
  readonly error: unknown;
  /** How many tries were made, this one included. */
  readonly attempt: number;
  readonly rules: RetryRules;
  readonly random: Random;
}

/**
 * How long to wait before the next try, in milliseconds; undefined when there is none. The wait doubles from try to try and is drawn
 * between half of it and all of it, so that many that failed together do not come back together. An error may end the tries
 * (`isRetryable: false`) or ask for a longer wait (`retryAfterMs`).
 */
export function retryDelayMs({ error, attempt, rules, random }: RetryDelayParams): number | undefined {
  if (attempt >= rules.attempts || fieldOf(error, "isRetryable") === false) return undefined;
  const longest = Math.min(rules.maxBackoffMs, rules.backoffMs * 2 ** (attempt - 1));
  const drawn = Math.round(longest * (0.5 + random.next() / 2));
  const asked = fieldOf(error, "retryAfterMs");
  return typeof asked === "number" && asked > drawn ? Math.ceil(asked) : drawn;
}

function fieldOf(error: unknown, field: string): unknown {
  if (typeof error !== "object" || error === null) return undefined;
  try {
    return Reflect.get(error, field);
  } catch {
    return undefined; // a getter that throws
  }
}
