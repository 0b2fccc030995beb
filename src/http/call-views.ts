import type { CallRecord } from "../calls/ledger.ts";
import type { RouteState } from "../calls/routes.ts";
import type { CallDetail, CallMinute, CallModelView, CallRouteView, CallStages, CallTimes, CallView } from "./api.ts";

const MINUTE_MS = 60_000;

type Kept = CallRecord & { readonly id: number };

export function toCallDetail(call: Kept): CallDetail {
  return { ...toCallView(call), trail: call.trail };
}

export function toCallView({ id, at, waitMs, providerMs, trail: _trail, ...call }: Kept): CallView {
  return {
    ...call,
    id: String(id),
    at: new Date(at).toISOString(),
    stages: { wait: waitMs, provider: providerMs, own: Math.max(0, call.ms - waitMs - providerMs) },
  };
}

/** Sums calls by the minute in which they ended, oldest first. */
export function toMinutes(calls: readonly CallRecord[]): CallMinute[] {
  const minutes = Map.groupBy(calls, ({ at }) => Math.floor(at / MINUTE_MS) * MINUTE_MS);
  return [...minutes]
    .toSorted(([a], [b]) => a - b)
    .map(([at, ended]) => ({
      at: new Date(at).toISOString(),
      sources: Object.fromEntries(
        [...Map.groupBy(ended, ({ source }) => source)].map(([source, { length }]) => [source, length]),
      ),
      inputTokens: sum(ended, ({ inputTokens }) => inputTokens),
      outputTokens: sum(ended, ({ outputTokens }) => outputTokens),
      cacheReadTokens: sum(ended, ({ cacheReadTokens }) => cacheReadTokens),
      cacheWriteTokens: sum(ended, ({ cacheWriteTokens }) => cacheWriteTokens),
      reasoningTokens: sum(ended, ({ reasoningTokens }) => reasoningTokens),
      usd: sum(ended, ({ usd }) => usd),
      savedUsd: sum(ended, ({ savedUsd }) => savedUsd),
      times: toTimes(ended),
    }));
}

/** How long calls took that somebody waited for; null where there were none. */
export function toTimes(calls: readonly CallRecord[]): CallTimes | null {
  return timesOf(calls.filter(isAwaited).map(({ ms }) => ms)) ?? null;
}

/** How long the calls of each model took, by stage; most used first. */
export function toModels(calls: readonly CallRecord[]): CallModelView[] {
  return [...Map.groupBy(calls.filter(isAwaited), ({ model }) => model)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([model, asked]) => {
      const views = asked.map((call) => toCallView({ ...call, id: 0 }));
      const stage = (name: keyof CallStages<unknown>) => timesOf(views.map(({ stages }) => stages[name])) ?? NO_TIME;
      return {
        model,
        calls: asked.length,
        total: timesOf(views.map(({ ms }) => ms)) ?? NO_TIME,
        stages: { wait: stage("wait"), provider: stage("provider"), own: stage("own") },
      };
    });
}

/** How the models stand now; `now` in milliseconds since the epoch. */
export function toRouteView({ model, breaker, parallel, limits }: RouteState, now: number): CallRouteView {
  return {
    model,
    breaker: toBreakerView(breaker),
    parallel,
    rate: {
      waiting: limits.waiting,
      blockedUntil: limits.blockedMs > 0 ? new Date(now + limits.blockedMs).toISOString() : null,
    },
    limits: Object.entries(limits.axes)
      .filter(([, { limit }]) => Number.isFinite(limit))
      .map(([name, { limit, available }]) => ({ name, limit, available: Math.max(0, Math.floor(available)) })),
  };
}

function toBreakerView(breaker: RouteState["breaker"]): CallRouteView["breaker"] {
  switch (breaker.status) {
    case "closed":
      return { status: "closed", failures: breaker.failures };
    case "open":
      return {
        status: "open",
        since: new Date(breaker.changedAt).toISOString(),
        probeAt: new Date(breaker.probeAt).toISOString(),
      };
    case "half-open":
      return { status: "half-open", since: new Date(breaker.changedAt).toISOString() };
  }
}

const NO_TIME: CallTimes = { p50: 0, p90: 0, p99: 0 };

/** Exact percentiles: the smallest value that so many percent of the values do not pass. */
function timesOf(values: readonly number[]): CallTimes | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).toSorted();
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

/** Somebody waited for it, and got an answer. */
function isAwaited({ source, isBackground }: CallRecord): boolean {
  return source !== "failed" && !isBackground;
}

function sum(calls: readonly CallRecord[], valueOf: (call: CallRecord) => number | null): number {
  return calls.reduce((total, call) => total + (valueOf(call) ?? 0), 0);
}
