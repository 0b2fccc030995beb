import type { ErrorRecord } from "./errors.ts";

/** Where an answer came from; shown wherever the answer is shown. */
export type Source =
  | "provider"
  | "memory"
  | "database"
  | "files"
  | "similar"
  | "joined"
  | "batch"
  | "stale"
  | "fallback"
  | "rules";

/** How near the process is to its limits: `high`, it gives way; `critical`, it refuses what is heavy. */
export type PressureLevel = "normal" | "high" | "critical";

/**
 * Who decides what calls to models may take of their limits. `own`: this process, alone; `shared`: a Redis server, for all processes; `share`:
 * each process for itself, within its part.
 */
export interface LimitsState {
  readonly mode: "own" | "shared" | "share";
  /** Part of each limit that this process may take without asking anybody, above 0 and at most 1. */
  readonly share: number;
  /** Processes that live on the same database. */
  readonly processes: number;
}

/** What happens in Millrace, as a type: the observable surface. Instants are milliseconds since the epoch, UTC. */
export interface EventMap {
  /** A run was admitted and stored as queued. */
  readonly "run-queued": { readonly runId: string; readonly automation: string; readonly at: number };
  /** A worker claimed a run: for the first time, or again after a crash or a retry. */
  readonly "run-start": {
    readonly runId: string;
    readonly automation: string;
    readonly epoch: number;
    readonly at: number;
  };
  /** A run came to its end. */
  readonly "run-end": {
    readonly runId: string;
    readonly automation: string;
    readonly status: "done" | "failed" | "canceled";
    readonly ms: number;
    readonly error?: ErrorRecord;
    readonly at: number;
  };
  /** A step's body starts (never for a step whose result is stored). */
  readonly "step-start": {
    readonly runId: string;
    readonly step: string;
    readonly attempt: number;
    readonly at: number;
  };
  /** A step's outcome is stored. */
  readonly "step-end": {
    readonly runId: string;
    readonly step: string;
    readonly state: "done" | "failed";
    readonly ms: number;
    /** Why it failed. */
    readonly error?: ErrorRecord;
    readonly at: number;
  };
  /** How far a step.map has come; items found in the memo count as done at once. */
  readonly "step-progress": {
    readonly runId: string;
    readonly step: string;
    readonly done: number;
    readonly failed: number;
    readonly total: number;
    readonly at: number;
  };
  /** A question to a model was answered, by whatever source. `usd` is missing when the price is unknown. */
  readonly "call-end": {
    readonly runId?: string;
    readonly model: string;
    readonly source: Source;
    readonly inputTokens: number;
    readonly outputTokens: number;
    /** Parts of these that the provider's prompt cache gave, that were written to it, and that were only thought; absent: none. */
    readonly cacheReadTokens?: number;
    readonly cacheWriteTokens?: number;
    readonly reasoningTokens?: number;
    readonly usd?: number;
    /** Names the answer in the cache, where it is kept. */
    readonly key?: string;
    /** Since the answer was made, for one that was there already. */
    readonly ageMs?: number;
    /** What such an answer cost when it was made, where that is known. */
    readonly savedUsd?: number;
    /** Of the two questions, for an answer to a similar one. */
    readonly similarity?: number;
    /** Nobody waited for it: a kept answer was renewed, or a reused one checked. */
    readonly isBackground?: boolean;
    readonly ms: number;
    readonly at: number;
  };
  /** A request to a provider failed; the call may still be answered by another source. */
  readonly "call-failed": {
    readonly runId?: string;
    readonly model: string;
    readonly error: ErrorRecord;
    readonly at: number;
  };
  /** The cache answered from a level; `isStale`: past its TTL, within its grace. */
  readonly "cache-hit": {
    readonly key: string;
    readonly level: "memory" | "database" | "files";
    readonly isStale: boolean;
    readonly at: number;
  };
  /** No level could answer. */
  readonly "cache-miss": { readonly key: string; readonly at: number };
  /** A value was stored; `bytes` is its encoded or estimated size. */
  readonly "cache-set": { readonly key: string; readonly bytes: number; readonly at: number };
  /** Entries left the memory of this process, for room or after an invalidation. */
  readonly "cache-evict": { readonly level: "memory"; readonly count: number; readonly at: number };
  /** Entries were expired or evicted by key, tag or pattern. */
  readonly "cache-invalidate": {
    readonly mode: "expire" | "evict";
    readonly scopes: readonly { readonly kind: "key" | "tag" | "pattern"; readonly name: string }[];
    readonly at: number;
  };
  /** A level, the journal or a lease failed or was too slow; the cache went on without it. */
  readonly "cache-error": { readonly part: string; readonly error: ErrorRecord; readonly at: number };
  /** The process came nearer to its limits, or away from them. `reason` in words. */
  readonly "pressure-change": {
    readonly level: PressureLevel;
    readonly before: PressureLevel;
    readonly reason: string;
    readonly at: number;
  };
  /** Limits of model calls stand elsewhere from now on, or the share of this process is another; see `LimitsState`. `reason` in words. */
  readonly "limits-change": LimitsState & { readonly reason: string; readonly at: number };
  /** An objective is met or missed from now on, or somebody should look: `page` at once, `ticket` soon. */
  readonly "objective-change": {
    readonly objective: string;
    readonly state: "met" | "missed" | "unknown";
    readonly alert: "page" | "ticket" | null;
    /** Share that was good in the last hour. */
    readonly share: number | null;
    readonly at: number;
  };
  /** A factory ran to its end: for a miss, or behind a stale answer. */
  readonly "cache-refresh": { readonly key: string; readonly isOk: boolean; readonly ms: number; readonly at: number };
}

export type EventName = keyof EventMap;
export type Listener<N extends EventName> = (event: EventMap[N], name: N) => void;

/** Carries events from the parts that emit to those that watch. A listener that throws harms nobody. */
export interface Events {
  emit<N extends EventName>(name: N, event: EventMap[N]): void;
  /** Listens to one kind of event; call what it returns to stop. */
  on<N extends EventName>(name: N, listener: Listener<N>): () => void;
  /** Listens to every event. */
  onAny(listener: (name: EventName, event: EventMap[EventName]) => void): () => void;
  /** Whether anybody listens: for those who would emit so often that even making the event costs. */
  hears(name: EventName): boolean;
}

/** Creates a bus. `onListenerError` hears of listeners that throw. */
export function createEvents(onListenerError: (error: unknown) => void = () => undefined): Events {
  const byName = new Map<EventName, Set<(event: never, name: never) => void>>();
  const any = new Set<(name: EventName, event: EventMap[EventName]) => void>();

  function guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      onListenerError(error);
    }
  }

  return {
    emit(name, event) {
      for (const listener of byName.get(name) ?? []) guarded(() => listener(event as never, name as never));
      for (const listener of any) guarded(() => listener(name, event));
    },
    on(name, listener) {
      const listeners = byName.get(name) ?? new Set();
      byName.set(name, listeners.add(listener));
      return () => void listeners.delete(listener);
    },
    onAny(listener) {
      any.add(listener);
      return () => void any.delete(listener);
    },
    hears: (name) => any.size > 0 || (byName.get(name)?.size ?? 0) > 0,
  };
}
