import type { InvalidationMode, Journal, JournalRecord } from "../contract.ts";
import { createLatest, type Latest } from "./latest.ts";
import { createLatestPatterns, type LatestPatterns } from "./latest-patterns.ts";

export type JournalListener = Parameters<Journal["subscribe"]>[0];

export interface JournalState {
  readonly position: number;
  /** Nothing is known of what was invalidated at or before this position. */
  readonly horizon: number;
  /** After the horizon, in order. */
  readonly records: readonly JournalRecord[];
}

/** What a process knows of the journal: looked at without waiting. Bounded; what it forgets, it counts as invalidated. */
export interface Mirror extends Pick<Journal, "position" | "tagPosition" | "keyPosition" | "covers" | "subscribe"> {
  /** Takes records in order and stands at `position` afterwards. */
  apply(records: readonly JournalRecord[], position: number): void;
  /** Takes records without standing anywhere else: of invalidations that are not stored yet. */
  applyAhead(records: readonly JournalRecord[]): void;
  /** Starts anew, since records in between were missed. */
  reset(state: JournalState): void;
}

export interface MirrorOptions {
  /** How many keys, tags and patterns, each, are remembered for each mode. Default 50,000. */
  readonly maxRecords?: number;
  /** Where it stands; without it, it knows nothing yet. */
  readonly start?: JournalState;
  readonly onListenerError?: (error: unknown) => void;
}

interface Known {
  readonly keys: Latest;
  readonly tags: Latest;
  readonly patterns: LatestPatterns;
}

export function createMirror({
  maxRecords = 50_000,
  start,
  onListenerError = () => undefined,
}: MirrorOptions = {}): Mirror {
  const none = (): Known => ({
    keys: createLatest(maxRecords),
    tags: createLatest(maxRecords),
    patterns: createLatestPatterns(maxRecords),
  });
  const known: Readonly<Record<InvalidationMode, Known>> = { expire: none(), evict: none() };
  const listeners = new Set<JournalListener>();
  let position = 0;
  let horizon = 0;
  let isSynced = false;

  function take({ mode, scope, position: at }: JournalRecord): void {
    switch (scope.kind) {
      case "key":
        return known[mode].keys.set(scope.key, at);
      case "tag":
        return known[mode].tags.set(scope.tag, at);
      case "pattern":
        return known[mode].patterns.set(scope.pattern, at);
    }
  }
  function tell(change: Parameters<JournalListener>[0]): void {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        onListenerError(error);
      }
    }
  }
  function load(state: JournalState): void {
    for (const { keys, tags, patterns } of Object.values(known))
      for (const each of [keys, tags, patterns]) each.clear();
    horizon = state.horizon;
    isSynced = true;
    for (const record of state.records) take(record);
    position = state.position;
  }

  if (start !== undefined) load(start);

  return {
    position: () => position,
    tagPosition: (tag, mode) => known[mode].tags.position(tag),
    keyPosition: (key, mode) => Math.max(known[mode].keys.position(key), known[mode].patterns.position(key)),
    covers: (at) => at >= horizon && (isSynced || at <= position),
    apply(added, at) {
      for (const record of added) take(record);
      position = Math.max(position, at);
      if (added.length > 0) tell({ kind: "records", records: added });
    },
    applyAhead(added) {
      for (const record of added) take(record);
      tell({ kind: "records", records: added });
    },
    reset(state) {
      load(state);
      tell({ kind: "reset" });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
