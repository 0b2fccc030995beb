import type { FaultRule } from "./fault.ts";

/** The models that the failover tests ask, and their fallbacks. */
export const FAILOVER_MODELS = [
  "fb-ok",
  "fb-ok-noprefill",
  "fb-s01-429-retry-after",
  "fb-s02-429-persistent",
  "fb-s03-500-then-200",
  "fb-s04-503-persistent",
  "fb-s05-reset",
  "fb-s06-no-response",
  "fb-s07-slow-ttft",
  "fb-s08-stream-cut",
  "fb-s09-stream-stall",
  "fb-s10-malformed-chunk",
  "fb-s11-no-done",
  "fb-s12-context-length",
  "fb-s13-content-filter",
  "fb-s14-stream-cut",
  "fb-s15-flap",
  "fb-s16-503-persistent",
] as const;

/** How long the failover tests' faults last. */
export type FailoverTimings = "full" | "fast";

interface Timings {
  readonly tokenMs: number;
  readonly firstTokenMs: number;
  readonly stallMs: number;
  readonly silenceMs: number;
  readonly outageMs: number;
}

/** Those of failoverbench, methodology 0.1. */
export const FAILOVER_TIMINGS: Readonly<Record<FailoverTimings, Timings>> = {
  full: { tokenMs: 15, firstTokenMs: 20_000, stallMs: 30_000, silenceMs: 120_000, outageMs: 60_000 },
  fast: { tokenMs: 5, firstTokenMs: 3_000, stallMs: 4_000, silenceMs: 15_000, outageMs: 6_000 },
};

/** Sixty words, each a token: a cut answer shows. */
export const FAILOVER_ANSWER =
  "When a model server fails the caller should never notice more than a short delay because a careful client waits as long as it was told tries again only where that can help moves on to another model when it cannot and never passes off half an answer as a whole one since nobody downstream can tell the two apart";

/** Asks whether a model is one of the failover tests': they answer with fixed words at a fixed pace. */
export function isFailoverModel(model: string): boolean {
  return model.startsWith("fb-");
}

/** The failover tests' faults as rules, by model; a name counts up to its number: `fb-s04` is enough. */
export function failoverRules(timings: FailoverTimings): readonly FaultRule[] {
  const { firstTokenMs, stallMs, silenceMs, outageMs } = FAILOVER_TIMINGS[timings];
  return [
    { model: "fb-ok-noprefill*", fault: "no-prefill" },
    { model: "fb-s01*", fault: "rate-limit", retryAfterSeconds: 2, first: 1 },
    { model: "fb-s02*", fault: "rate-limit-bare" },
    { model: "fb-s03*", fault: "server-error", first: 1 },
    { model: "fb-s04*", fault: "unavailable" },
    { model: "fb-s05*", fault: "reset", first: 1 },
    { model: "fb-s06*", fault: "silent", delayMs: silenceMs },
    { model: "fb-s07*", fault: "slow-first-token", delayMs: firstTokenMs },
    { model: "fb-s08*", fault: "truncated", afterTokens: 40 },
    { model: "fb-s09*", fault: "stall", afterTokens: 20, delayMs: stallMs },
    { model: "fb-s10*", fault: "broken-body", afterTokens: 8 },
    { model: "fb-s11*", fault: "no-done" },
    { model: "fb-s12*", fault: "context-length" },
    { model: "fb-s13*", fault: "content-policy" },
    { model: "fb-s14*", fault: "truncated", afterTokens: 40 },
    { model: "fb-s15*", fault: "unavailable", untilMs: outageMs },
    { model: "fb-s16*", fault: "unavailable" },
  ];
}
