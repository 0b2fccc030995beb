import { type Clock, MillraceError } from "millrace";

/** What can go wrong with a request, on purpose. */
export const FAULTS = [
  /** 429 with a retry-after. */
  "rate-limit",
  /** 429 without one. */
  "rate-limit-bare",
  /** 500. */
  "server-error",
  /** 503 in OpenAI's lane, 529 in Anthropic's. */
  "overloaded",
  /** 401. */
  "unauthorized",
  /** The account's money is out: 429 insufficient_quota, or 402 billing_error. */
  "quota",
  /** The connection is reset before any header. */
  "reset",
  /** 60 % of the declared body, or half of a stream, then the connection is cut. */
  "truncated",
  /** The body is not JSON, or an event of a stream is not. */
  "broken-body",
  /** The object that was asked for is broken JSON. Only for the first turn of a conversation. */
  "malformed",
  /** The object that was asked for does not fit its schema. Only for the first turn of a conversation. */
  "schema",
  /** Accepted, then nothing, until the client leaves or the simulator stops. */
  "silent",
  /** The model refuses. */
  "refusal",
] as const;

export type Fault = (typeof FAULTS)[number];

/** Faults that a good client gets over; what `faultRate` alone means. */
const PASSING_FAULTS: readonly Fault[] = ["rate-limit", "server-error", "overloaded", "reset", "truncated"];

/** A time in milliseconds: always the same, or log-normal around a median. */
export type Latency = number | { readonly p50: number; readonly p95: number };

export interface SimulatorOptions {
  /** Default 0: any free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Time to the first byte of an answer. Default 0. */
  readonly latencyMs?: Latency;
  /** Share of requests that fail, from 0 to 1. Default 0. */
  readonly faultRate?: number;
  /** Which faults these are, in equal parts. Default those that a good client gets over. */
  readonly faults?: readonly Fault[];
  /** What happens to the first requests, one each, in the order of arrival, before chance takes over. Default none. */
  readonly script?: readonly (Fault | "none")[];
  /** What a 429 asks for, in seconds. Default 1. */
  readonly retryAfterSeconds?: number;
  /** Same seed, same requests: same answers, delays and faults, in whatever order they arrive. Default 1. */
  readonly seed?: number;
  /** The only key that is taken. Default: any. */
  readonly apiKey?: string;
  /** What `GET /v1/models` lists; any other name is answered all the same. */
  readonly models?: readonly string[];
  /** Whether `response_format: json_schema` is understood, as it is not by some local servers. Default true. */
  readonly structuredOutputs?: boolean;
  readonly clock?: Clock;
}

/** What can be changed while the simulator runs. */
export interface Behaviour {
  readonly latencyMs: Latency;
  readonly faultRate: number;
  readonly faults: readonly Fault[];
  readonly script: readonly (Fault | "none")[];
  readonly retryAfterSeconds: number;
}

/** Checks and completes the changeable part. Throws INPUT_INVALID with the bad value. */
export function toBehaviour(options: Partial<Readonly<Record<keyof Behaviour, unknown>>>): Behaviour {
  const { latencyMs = 0, faultRate = 0, faults = PASSING_FAULTS, script = [], retryAfterSeconds = 1 } = options;
  if (!isLatency(latencyMs)) {
    throw mistake(
      "latencyMs",
      latencyMs,
      "milliseconds of at least 0, or { p50, p95 } with p50 above 0 and p95 not below it",
    );
  }
  if (!isAmount(faultRate) || faultRate > 1) throw mistake("faultRate", faultRate, "a number from 0 to 1");
  if (!isListOf(faults, isFault) || faults.length === 0) {
    throw mistake("faults", faults, `a list of: ${FAULTS.join(", ")}`);
  }
  if (!isListOf(script, isFaultOrNone)) throw mistake("script", script, `a list of: none, ${FAULTS.join(", ")}`);
  if (!isAmount(retryAfterSeconds)) throw mistake("retryAfterSeconds", retryAfterSeconds, "seconds of at least 0");
  return { latencyMs, faultRate, faults, script, retryAfterSeconds };
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isLatency(value: unknown): value is Latency {
  if (typeof value !== "object" || value === null) return isAmount(value);
  return (
    "p50" in value &&
    "p95" in value &&
    isAmount(value.p50) &&
    isAmount(value.p95) &&
    value.p50 > 0 &&
    value.p95 >= value.p50
  );
}

function isFault(value: unknown): value is Fault {
  return FAULTS.some((fault) => fault === value);
}

function isFaultOrNone(value: unknown): value is Fault | "none" {
  return value === "none" || isFault(value);
}

function isListOf<T>(value: unknown, is: (entry: unknown) => entry is T): value is readonly T[] {
  return Array.isArray(value) && value.every((entry) => is(entry));
}

function mistake(name: string, found: unknown, wanted: string): MillraceError {
  return new MillraceError("INPUT_INVALID", `${name} of the simulator is ${JSON.stringify(found)}.`, {
    facts: { name, found },
    advice: `Give ${wanted}.`,
  });
}
