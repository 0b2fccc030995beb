import type { InvalidationMode, Journal, JournalRecord } from "../contract.ts";

export type JournalListener = Parameters<Journal["subscribe"]>[0];

export interface JournalState {
  readonly position: number;
  /** Nothing is known of what was invalidated at or before this position. */
  readonly horizon: number;
  /** After the horizon, in order. */
  readonly records: readonly JournalRecord[];
}

/** What a process knows of the journal: looked at without waiting. Bounded; what it forgets, it counts as invalidated. */
export interface Mirror {
  readonly position: () => number;
  readonly tagPosition: (tag: string, mode: InvalidationMode) => number;
  readonly since: (position: number) => readonly JournalRecord[] | undefined;
  /** Takes records in order and stands at `position` afterwards. */
  readonly apply: (records: readonly JournalRecord[], position: number) => void;
  /** Takes records without standing anywhere else: of invalidations that are not stored yet. */
  readonly applyAhead: (records: readonly JournalRecord[]) => void;
  /** Starts anew, since records in between were missed. */
  readonly reset: (state: JournalState) => void;
  readonly subscribe: (listener: JournalListener) => () => void;
}

export interface MirrorOptions {
  /** How many tags, and how many keys and patterns, are remembered. Default 50,000. */
  readonly maxRecords?: number;
  /** Where it stands; without it, it knows nothing yet. */
  readonly start?: JournalState;
  readonly onListenerError?: (error: unknown) => void;
}

const NONE: readonly JournalRecord[] = [];

export function createMirror({
  maxRecords = 50_000,
  start,
  onListenerError = () => undefined,
}: MirrorOptions = {}): Mirror {
  const tags: Readonly<Record<InvalidationMode, Map<string, number>>> = { expire: new Map(), evict: new Map() };
  const listeners = new Set<JournalListener>();
  /** Keys and patterns, oldest first; may hold one twice, the last counts. */
  let records: JournalRecord[] = [];
  const latest = new Map<string, number>();
  let position = 0;
  let horizon = 0;
  /** The newest tag that was forgotten: any other unknown one may have been invalidated as late as that. */
  let forgottenTag = 0;
  let isSynced = false;

  function take(record: JournalRecord): void {
    if (record.scope.kind === "tag") takeTag(tags[record.mode], record.scope.tag, record.position);
    else takeRecord(record);
  }
  function takeTag(known: Map<string, number>, tag: string, at: number): void {
    known.delete(tag);
    known.set(tag, at);
    if (known.size <= maxRecords) return;
    for (const [oldest, oldestAt] of known) {
      known.delete(oldest);
      forgottenTag = Math.max(forgottenTag, oldestAt);
      break;
    }
  }
  function takeRecord(record: JournalRecord): void {
    records.push(record);
    latest.set(nameOf(record), record.position);
    if (records.length > maxRecords * 2) compact();
  }
  function compact(): void {
    records = records.filter((record) => latest.get(nameOf(record)) === record.position);
    for (const old of records.splice(0, records.length - maxRecords)) {
      latest.delete(nameOf(old));
      horizon = Math.max(horizon, old.position);
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
    tags.expire.clear();
    tags.evict.clear();
    records = [];
    latest.clear();
    forgottenTag = 0;
    horizon = state.horizon;
    isSynced = true;
    for (const record of state.records) take(record);
    position = state.position;
  }

  if (start !== undefined) load(start);

  return {
    position: () => position,
    tagPosition: (tag, mode) => tags[mode].get(tag) ?? forgottenTag,
    since(after) {
      if (after < horizon || (!isSynced && after > position)) return undefined;
      const last = records.at(-1);
      if (last === undefined || last.position <= after) return NONE;
      return records.slice(firstAfter(records, after));
    },
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

function firstAfter(records: readonly JournalRecord[], position: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle]?.position ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

function nameOf({ mode, scope }: JournalRecord): string {
  return `${mode} ${scope.kind} ${scope.kind === "key" ? scope.key : scope.kind === "pattern" ? scope.pattern : scope.tag}`;
}
