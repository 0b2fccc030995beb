import { toMs } from "../core/duration.ts";
import { MillraceError } from "../core/errors.ts";
import type { AdmitMerge, AdmitRate } from "../store/store.ts";
import type { AnyAutomation, BatchRules, RunEvent } from "./automation.ts";
import { storedError } from "./error-record.ts";

/** What an automation's options say about the admission of one event. */
export interface Flow {
  readonly version: number;
  readonly priority: number;
  readonly concurrencyKey?: string;
  readonly rate?: AdmitRate;
  readonly merge?: AdmitMerge;
}

/** An event that is to join a batch. */
export interface BatchedEvent {
  readonly batch: BatchRules;
  readonly event: RunEvent;
}

/** Checks the options that need no event. Throws INPUT_INVALID with the field and the bad value. */
export function requireFlowRules({ name, options }: AnyAutomation): void {
  const { concurrency, rate, throttle, debounce, version, timeoutMs, priority } = options;
  const joined = options.on.some((trigger) => trigger.kind !== "cron" && trigger.batch !== undefined);
  const limits = Object.entries({ rate, throttle, debounce, batch: joined ? true : undefined });
  const given = limits.filter(([, rule]) => rule !== undefined).map(([field]) => field);
  if (given.length > 1) {
    throw new MillraceError("INPUT_INVALID", `${name} has ${given.join(" and ")}: only one of them can be.`, {
      advice: "Choose what should become of events that come too often: later, dropped, joined, or gathered.",
    });
  }
  if (concurrency !== undefined) requireWhole(name, "concurrency.limit", concurrency.limit);
  if (rate !== undefined) {
    requireWhole(name, "rate.limit", rate.limit);
    requirePeriod(name, "rate.per", rate.per);
  }
  if (throttle !== undefined) requirePeriod(name, "throttle.per", throttle.per);
  if (debounce !== undefined) requirePeriod(name, "debounce.for", debounce.for);
  if (debounce?.max !== undefined) requirePeriod(name, "debounce.max", debounce.max);
  if (version !== undefined) requireWhole(name, "version", version);
  if (timeoutMs !== undefined) requireWhole(name, "timeoutMs", timeoutMs);
  if (typeof priority === "number") requireInteger(name, priority);
}

/** What the options say about one event. Throws INPUT_INVALID when one of their functions throws or gives what cannot be stored. */
export function flowOf({ name, options }: AnyAutomation, event: RunEvent, batched?: BatchedEvent): Flow {
  const { concurrency, rate, throttle, debounce, version = 1, priority = 0 } = options;
  const keyOf = (what: string, key: ((event: never) => string) | undefined): string =>
    key === undefined ? "" : flowKey(`The ${what} key of ${name}`, () => key(event as never));
  return {
    version,
    priority: typeof priority === "number" ? priority : priorityOf(name, () => priority(event)),
    ...(concurrency === undefined ? {} : { concurrencyKey: keyOf("concurrency", concurrency.key) }),
    ...(rate === undefined
      ? {}
      : {
          rate: {
            key: keyOf("rate", rate.key),
            limit: rate.limit,
            perMs: toMs(rate.per),
            over: rate.over ?? "delay",
          },
        }),
    ...(throttle === undefined
      ? {}
      : { rate: { key: keyOf("throttle", throttle.key), limit: 1, perMs: toMs(throttle.per), over: "drop" } }),
    ...(debounce === undefined
      ? {}
      : {
          merge: {
            kind: "debounce",
            key: keyOf("debounce", debounce.key),
            forMs: toMs(debounce.for),
            maxMs: toMs(debounce.max ?? 10 * toMs(debounce.for)),
          },
        }),
    ...(batched === undefined ? {} : { merge: batchOf(name, batched) }),
  };
}

function batchOf(name: string, { batch: { key, max, waitMs }, event }: BatchedEvent): AdmitMerge {
  const own = key === undefined ? "" : flowKey(`The batch key of ${name}`, () => key(event));
  return { kind: "batch", key: own, max, waitMs };
}

/** Calls a function that gives a key. Throws INPUT_INVALID when it throws or gives no text that can be stored. */
export function flowKey(what: string, call: () => unknown): string {
  const key = called(what, call);
  if (typeof key === "string" && key.isWellFormed()) return key;
  throw new MillraceError("INPUT_INVALID", `${what} must be a text that can be stored, not ${typeof key}.`);
}

function priorityOf(name: string, call: () => unknown): number {
  const priority = called(`The priority of ${name}`, call);
  requireInteger(name, priority);
  return priority;
}

function called(what: string, call: () => unknown): unknown {
  try {
    return call();
  } catch (cause) {
    throw new MillraceError("INPUT_INVALID", `${what} could not be made: ${storedError(cause).message}`, { cause });
  }
}

function requireWhole(name: string, field: string, value: unknown): void {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return;
  throw new MillraceError(
    "INPUT_INVALID",
    `${field} of ${name} must be a whole number of at least 1, not ${String(value)}.`,
  );
}

function requirePeriod(name: string, field: string, value: number | string): void {
  if (toMs(value) > 0) return;
  throw new MillraceError("INPUT_INVALID", `${field} of ${name} must be longer than nothing.`);
}

function requireInteger(name: string, value: unknown): asserts value is number {
  if (Number.isSafeInteger(value)) return;
  throw new MillraceError("INPUT_INVALID", `The priority of ${name} must be a whole number, not ${String(value)}.`);
}
