import type { Clock } from "../core/clock.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { EventMap, Events } from "../core/events.ts";
import type { CallLedger, CallRecord } from "./ledger.ts";
import type { Reply } from "./pipeline.ts";
import type { Spent } from "./tally.ts";
import type { TrailStep } from "./trail.ts";

/** What became of a call. */
export interface ToldCall {
  readonly runId: string;
  readonly automation: string | undefined;
  readonly tenant: string | undefined;
  readonly model: string;
  readonly source: CallRecord["source"];
  readonly error?: ErrorCode;
  readonly spent: Spent;
  readonly reply: Pick<Reply, "origin" | "similar"> | undefined;
  readonly key: string | undefined;
  readonly ms: number;
  readonly isBackground: boolean;
  /** Default: none. */
  readonly trail?: readonly TrailStep[];
}

export interface TellCallOptions {
  readonly events: Events;
  readonly clock: Clock;
  readonly ledger: Pick<CallLedger, "record"> | undefined;
}

/** Tells of calls: those that were answered to whoever listens, all of them to the ledger. */
export function createTellCall({ events, clock, ledger }: TellCallOptions): (call: ToldCall) => void {
  return (call) => {
    const { spent, reply, source, ms } = call;
    const { known, usage } = spent;
    const at = clock.now();
    const origin = reply?.origin ?? null;
    const ageMs = origin === null ? null : Math.max(0, at - origin.at);
    const savedUsd = origin === null ? 0 : origin.usd;
    const similarity = reply?.similar?.similarity ?? null;
    ledger?.record({
      at,
      runId: call.runId,
      automation: call.automation ?? null,
      tenant: call.tenant ?? null,
      model: call.model,
      source,
      error: call.error ?? null,
      key: call.key ?? null,
      requests: spent.requests,
      ...spent.usage,
      usd: spent.usd,
      savedUsd,
      ageMs,
      similarity,
      waitMs: Math.round(spent.waitMs),
      providerMs: Math.round(spent.providerMs),
      ms,
      isBackground: call.isBackground,
      trail: call.trail ?? [],
    });
    if (source === "failed" || !events.hears("call-end")) return;
    const event: { -readonly [field in keyof EventMap["call-end"]]: EventMap["call-end"][field] } = {
      runId: call.runId,
      model: call.model,
      source,
      inputTokens: known.inputTokens,
      outputTokens: known.outputTokens,
      ms,
      at,
    };
    if (usage.cacheReadTokens > 0) event.cacheReadTokens = usage.cacheReadTokens;
    if (usage.cacheWriteTokens > 0) event.cacheWriteTokens = usage.cacheWriteTokens;
    if (usage.reasoningTokens > 0) event.reasoningTokens = usage.reasoningTokens;
    if (spent.usd !== null) event.usd = spent.usd;
    if (call.key !== undefined) event.key = call.key;
    if (ageMs !== null) event.ageMs = ageMs;
    if (origin !== null && savedUsd !== null) event.savedUsd = savedUsd;
    if (similarity !== null) event.similarity = similarity;
    if (call.isBackground) event.isBackground = true;
    events.emit("call-end", event);
  };
}
