import type { CallRecord } from "../calls/ledger.ts";
import type { AuditEntry, AuditHead, AuditVerdict } from "../core/audit.ts";
import type { EventMap, EventName, LimitsState, Source } from "../core/events.ts";
import type { ErrorRecord } from "../core/errors.ts";
import type { AutomationInfo, Explanation, StepProgress } from "../runs/engine.ts";
import type { RunStatus, StepKind, StepState } from "../store/store.ts";
import type { Page } from "./route.ts";

/** An item of `GET /api/audit?actor=&action=&from=&to=&cursor=&limit=`, newest first. */
export interface AuditEntryView extends Omit<AuditEntry, "at"> {
  /** `seq` as a text. */
  readonly id: string;
  readonly at: string;
}

/** `GET /api/audit/head`. */
export type AuditHeadView = AuditHead;

/** `POST /api/audit/verify`. */
export type AuditVerdictView = AuditVerdict;

/* What the HTTP API sends, as types: the dashboard and other clients import these. Instants are ISO 8601 in UTC. */

/** `GET /api/health`: the process lives. */
export interface Health {
  readonly status: "ok";
  readonly version: string;
  /** Milliseconds since the process started. */
  readonly uptimeMs: number;
  /** Where the limits of model calls stand: with this process alone, with Redis for all, or each process within its part. */
  readonly limits?: LimitsState;
}

/** `GET /api/ready`: 200 when every check passes, 503 otherwise, with the same body. */
export interface Ready {
  readonly ready: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
  /** Who executes runs on this data: this process (`owner`) or another one (`guest`). */
  readonly role: "owner" | "guest";
  /** Where answers of models come from: configured providers by name, or none (then: rules). */
  readonly providers: readonly string[];
  readonly timezone: string;
}

/** `GET /api/automations` sends `{ items: AutomationView[] }`: the list is as long as the code, so it has no pages. */
export interface AutomationView extends Omit<AutomationInfo, "triggers"> {
  readonly triggers: readonly (
    | { readonly kind: "cron"; readonly expression: string; readonly timezone: string; readonly nextAt: string | null }
    | { readonly kind: "manual" }
    | { readonly kind: "event"; readonly name: string }
    | { readonly kind: "file"; readonly glob: string }
    | { readonly kind: "webhook"; readonly path: string; readonly isSigned: boolean }
  )[];
  /** The newest run, for lists; null when there was none. */
  readonly lastRun: RunSummary | null;
}

/** An item of `GET /api/runs?automation=&status=&cursor=&limit=`, newest first. */
export interface RunSummary {
  readonly id: string;
  readonly automation: string;
  readonly status: RunStatus;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** From the start to the end, or until now while it runs; null before the start. */
  readonly ms: number | null;
  readonly error: ErrorRecord | null;
  /** Maps in flight in this process. */
  readonly progress: readonly StepProgress[];
}

/** `GET /api/runs/:id`. */
export interface RunDetail extends RunSummary {
  /** The event that started it. */
  readonly event: unknown;
  readonly output: unknown;
  readonly attempt: number;
  readonly crashes: number;
  /** In the order in which they started. */
  readonly steps: readonly StepView[];
}

export interface StepView {
  readonly id: string;
  /** `run`: a body; `sleep`: a time; `wait`: an event; `call`: another run. */
  readonly kind: StepKind;
  readonly state: StepState;
  readonly attempt: number;
  readonly startedAt: string;
  /** Null while it is open. */
  readonly endedAt: string | null;
  readonly ms: number | null;
  /** Of an open step: when its next attempt is due, or its sleep or wait is over; null where there is no such time. */
  readonly until: string | null;
  /** Of a wait: the name of the event; and what it must match, null for any. Of a call: `match` is the id of the run. */
  readonly event: string | null;
  readonly match: string | null;
  readonly error: ErrorRecord | null;
  /** The stored result; left out above 16 KiB, then `outputBytes` tells its size. */
  readonly output?: unknown;
  readonly outputBytes: number;
}

/** `POST /api/automations/:name/runs` with `{ input?, key? }` answers 202 (200 for a run that existed already). */
export interface StartedRunView {
  readonly id: string;
  readonly isNew: boolean;
}

/** `GET /api/runs/:id/explain`: why a run stands where it stands. */
export type ExplanationView = Explanation;

/** `POST /api/events` with `{ name, data?, id? }` answers 202 (200 for an id that was known: then nothing was done). */
export interface EmittedView {
  readonly id: string;
  readonly isNew: boolean;
  /** The runs that it started or joined. */
  readonly runs: readonly StartedRunView[];
}

/**
 * `GET /api/events/stream`: server-sent events. `event:` is the name and `data:` the JSON of what happened to a run, a step or a call; a
 * comment every 15 s keeps the line open, and `event: resync` tells a slow reader to load its lists anew.
 */
export type LiveEvent = { readonly [N in LiveName]: { readonly name: N; readonly data: EventMap[N] } }[LiveName];

/** The cache tells more than a browser could follow, and how a process is stands in its health: counters and checks say the same. */
export type LiveName = Exclude<EventName, `cache-${string}` | `${string}-change`>;

/**
 * `GET /api/cache`: how the cache of this process does. Counters count from the start of the process; what the levels below memory hold
 * is shared with every process on the same data.
 */
export interface CacheView {
  /** Which process this tells of. */
  readonly process: { readonly pid: number; readonly startedAt: string };
  readonly at: string;
  readonly levels: readonly CacheLevelView[];
  /** All namespaces together. */
  readonly total: CacheUseView;
  /** By the first segment of the key, most asked first. */
  readonly namespaces: readonly (CacheUseView & { readonly name: string })[];
  /** What has been made ahead since the start, by loader. */
  readonly warming: readonly CacheWarmingView[];
  /** What a start brings back into memory of what was hot at the last close, at most. */
  readonly hot: { readonly maxItems: number; readonly maxBytes: number; readonly maxMs: number };
  /** Null: no automation has asked for answers to similar questions yet. */
  readonly similar: CacheSimilarStats | null;
}

export type CacheLevelName = "memory" | "database" | "files";

export interface CacheLevelView {
  readonly name: CacheLevelName;
  readonly items: number;
  readonly bytes: number;
  /** Entries that went for want of room, by this process. */
  readonly evictions: number;
  /** Most entries; left out where their number is not bounded. */
  readonly maxItems?: number;
  /** Most bytes; left out where their size is not bounded. */
  readonly maxBytes?: number;
  /** True: the level failed too often, so its breaker is open and it is left out until a trial passes. */
  readonly isOpen: boolean;
}

/** Counts of one span of time. */
export interface CacheCountsView {
  /** Answers from each level, stale ones included. */
  readonly hits: Readonly<Record<CacheLevelName, number>>;
  readonly misses: number;
  /** Callers that shared the factory of another. */
  readonly joined: number;
  readonly staleServed: number;
  readonly factoryRuns: number;
  readonly factoryFailures: number;
}

export interface CacheUseView extends CacheCountsView {
  readonly levelErrors: number;
  /** Entries that a slow or broken level did not take. */
  readonly droppedWrites: number;
  /** Hits, and callers that joined, among all who asked: 0 to 1; null when nobody asked. */
  readonly hitRate: number | null;
  /** The share of each level in all who asked. */
  readonly hitRates: Readonly<Record<CacheLevelName, number>> | null;
}

export interface CacheWarmingView {
  readonly loader: string;
  readonly made: number;
  readonly failed: number;
}

export interface CacheSimilarStats {
  readonly items: number;
  readonly bytes: number;
  readonly hits: number;
  /** By reason. */
  readonly misses: Readonly<Record<string, number>>;
  /** What spoke against a near question, by guard. */
  readonly vetoes: Readonly<Record<string, number>>;
  readonly evictions: number;
  readonly rejected: number;
  readonly falseReuse: readonly {
    readonly namespace: string;
    readonly sampled: number;
    readonly wrong: number;
    /** 0 to 1; null before the first sample. */
    readonly rate: number | null;
    /** 95 % interval of the rate (Wilson). */
    readonly interval: readonly [number, number];
  }[];
}

/**
 * `GET /api/cache/history`: the last hour in spans of 10 s, oldest first, kept by this process alone. Spans in which nothing was asked are
 * there too, so that time runs evenly.
 */
export interface CacheHistory {
  readonly intervalMs: number;
  readonly samples: readonly CacheSample[];
}

export interface CacheSample {
  /** The end of the span. */
  readonly at: string;
  readonly total: CacheCountsView;
  /** Those that were asked in the span, the 20 most asked at most; the others count under `(other)`. */
  readonly namespaces: Readonly<Record<string, CacheCountsView>>;
  /** As counted at the end of the span. */
  readonly levels: readonly CacheLevelView[];
}

/** `GET /api/cache/entries?pattern=&cursor=&limit=`: by key. How many there are in all is not counted, as that would read every level whole. */
export interface CacheEntriesPage {
  readonly items: readonly CacheEntryView[];
  readonly next: string | null;
}

export interface CacheEntryView {
  readonly key: string;
  /** Where it is, uppermost first. */
  readonly levels: readonly CacheLevelName[];
  readonly createdAt: string;
  readonly ageMs: number;
  /** Until it is stale; 0 when it is. */
  readonly ttlLeftMs: number;
  /** Until it is gone for good, grace included. */
  readonly graceLeftMs: number;
  /** As encoded, or an estimate. */
  readonly bytes: number;
  readonly tags: readonly string[];
  /** True: its factory failed, and the failure is kept for a while. */
  readonly isError: boolean;
}

/** `GET /api/cache/entries/:key`. */
export interface CacheEntryDetail extends CacheEntryView {
  /** The value as JSON: dates as ISO 8601, maps as objects or pairs, sets as lists, bytes by their number. Left out above 64 KiB. */
  readonly value?: unknown;
  /** Above 64 KiB: how the JSON begins. */
  readonly preview?: string;
}

/**
 * `POST /api/cache/invalidate`. At least one of `key`, `tag` and `pattern`. A pattern that reaches everything needs `confirm: true`;
 * `DELETE /api/cache` says the same.
 */
export interface CacheInvalidateRequest {
  /** `evict` (default): never served again. `expire`: may be served within its grace. */
  readonly mode?: "evict" | "expire";
  readonly key?: string | readonly string[];
  readonly tag?: string | readonly string[];
  readonly pattern?: string | readonly string[];
  readonly confirm?: boolean;
}

/** The answer to `POST /api/cache/invalidate` and `DELETE /api/cache`: what holds now in this process, and in others as they look. */
export interface CacheInvalidatedView {
  readonly mode: "evict" | "expire";
  readonly scopes: readonly { readonly kind: "key" | "tag" | "pattern"; readonly name: string }[];
}

/** `POST /api/cache/warm` with `{ loader? }` answers when all is made, with `{ items: CacheWarmingView[] }`: what this round made. */
export interface CacheWarmRequest {
  /** Default: all. */
  readonly loader?: string;
}

/** An item of `GET /api/cache/similar?limit=`, which sends `{ items: SimilarHitView[] }`: the latest hits of this process, newest first. */
export interface SimilarHitView {
  readonly id: string;
  readonly at: string;
  readonly namespace: string;
  readonly asked: string;
  /** The question that the answer was given for. */
  readonly matched: string;
  /** Cosine, 1 for the same words. */
  readonly similarity: number;
  /** What was checked, in order. */
  readonly guards: readonly string[];
  readonly isVerified: boolean;
  /** Age of the answer when it was served. */
  readonly ageMs: number;
  /** What was said of it since; null: nothing. */
  readonly verdict: "confirmed" | "rejected" | null;
}

/** `POST /api/cache/similar/:hit/reject`: the pair is never served again. */
export interface SimilarRejectedView {
  readonly id: string;
  readonly verdict: "rejected";
}

/** An item of `GET /api/calls?automation=&model=&source=&run=&tenant=&cursor=&limit=`, newest first. */
export interface CallView extends Omit<CallRecord, "at" | "waitMs" | "providerMs" | "trail"> {
  readonly id: string;
  /** When it ended. */
  readonly at: string;
  /** Where the time went. Attempts side by side add up, so these may be more than `ms`. */
  readonly stages: CallStages<number>;
}

/** `GET /api/calls/:id`. */
export interface CallDetail extends CallView {
  /** In the order in which they began; none for an answer that memory gave at once. */
  readonly trail: readonly CallStepView[];
}

/** A stage that a call went through. A later one that began before its end lies within it. */
export interface CallStepView {
  /** `similar`, `cache`, `budget`, `pack`, `fallback`, `fit`, `retry`, `hedge`, `rate`, `parallel`, `breaker`, `provider`. */
  readonly stage: string;
  /** Who was asked. */
  readonly model: string;
  /** Milliseconds since the call began. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The source of the answer that came out of it, or the code or kind of its failure. */
  readonly outcome: string;
  readonly isFailure: boolean;
}

/** What a call does with its time. */
export interface CallStages<T> {
  /** Waiting for a turn: rate, parallelism. */
  readonly wait: T;
  /** At the provider. */
  readonly provider: T;
  /** The rest: the cache, an equal call that was joined, checks, pauses between attempts. */
  readonly own: T;
}

/** `GET /api/calls`: how many there are in all is not counted. */
export interface CallsPage {
  readonly items: readonly CallView[];
  readonly next: string | null;
}

/** `GET /api/calls/activity`: the last hour of all processes on the same data, and how the models stand in this one. */
export interface CallActivity {
  readonly at: string;
  /** What the figures cover begins here: an hour ago, or later when more than 5 000 calls ended since. */
  readonly from: string;
  /** Minutes that had a call, oldest first. */
  readonly minutes: readonly CallMinute[];
  /** Of all calls that somebody waited for and that were answered; null: none. */
  readonly times: CallTimes | null;
  /** Most used first. Calls that failed or that nobody waited for do not count for times. */
  readonly models: readonly CallModelView[];
  readonly routes: readonly CallRouteView[];
}

export interface CallMinute {
  /** Its beginning. */
  readonly at: string;
  readonly sources: Readonly<Partial<Record<CallView["source"], number>>>;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Parts of the input: what the provider's prompt cache gave, and what was written to it. */
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Part of the output that was thought and not said. */
  readonly reasoningTokens: number;
  /** Where the price is known. */
  readonly usd: number;
  readonly savedUsd: number;
  /** Null: no call that somebody waited for. */
  readonly times: CallTimes | null;
}

/** Milliseconds. */
export interface CallTimes {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

export interface CallModelView {
  readonly model: string;
  readonly calls: number;
  readonly total: CallTimes;
  readonly stages: CallStages<CallTimes>;
}

/** What keeps the calls to one model in bounds. */
export interface CallRouteView {
  readonly model: string;
  readonly breaker:
    | { readonly status: "closed"; readonly failures: number }
    | { readonly status: "open"; readonly since: string; readonly probeAt: string }
    | { readonly status: "half-open"; readonly since: string };
  readonly parallel: { readonly running: number; readonly waiting: number; readonly limit: number };
  /** Waiting for the rate, and until when the provider asked to be left alone (null: it did not). */
  readonly rate: { readonly waiting: number; readonly blockedUntil: string | null };
  /** What the configuration or the provider's headers bound, with what is left of it now. */
  readonly limits: readonly { readonly name: string; readonly limit: number; readonly available: number }[];
}

/** An item of `GET /api/usage?by=automation|model|day|source|tenant&from=&to=`, which sends `{ items: UsageView[] }`: largest sum first, days newest first. */
export interface UsageView {
  /** Null: calls that have none. Days are UTC, YYYY-MM-DD. */
  readonly group: string | null;
  readonly calls: number;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Parts of the input: what the provider's prompt cache gave, and what was written to it. */
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Part of the output that was thought and not said. */
  readonly reasoningTokens: number;
  /** Input and output together of what went through a batch API, at half the price. */
  readonly batchTokens: number;
  /** Of the calls whose price is known. */
  readonly usd: number;
  readonly savedUsd: number;
  /** Calls whose price is not known. */
  readonly unpriced: number;
}

/** Errors: `application/problem+json`, RFC 9457, with a stable code. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly advice: string;
  readonly requestId: string;
  /** Every mistake of the input, by JSON Pointer. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

export type { Page, Source };
