import type { Clock } from "../core/clock.ts";
import type { Level, StoredEntry } from "./contract.ts";

/** What is to be removed from a level. */
export type Removal =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "pattern"; readonly pattern: string; readonly upTo: number }
  | { readonly kind: "tag"; readonly tag: string; readonly upTo: number }
  | { readonly kind: "all" };

/** Writes to a level behind the callers' backs: in order, in batches, within bounds. */
export interface Writer {
  set(entry: StoredEntry): void;
  remove(removal: Removal): void;
  /** What is on its way and not there yet; `deleted`: what the level holds is older than a write that was lost. */
  pending(key: string): StoredEntry | "deleted" | undefined;
  /** Keys of entries on their way. */
  pendingKeys(): Iterable<string>;
  /** Whether an entry of the level may be older than a write that was lost: so many were that they are not known one by one. */
  isDoubtful(entry: StoredEntry): boolean;
  /** Resolves when all that waits now is written or lost. */
  drain(): Promise<void>;
}

export interface WriterOptions {
  readonly level: Pick<Level, "set" | "delete" | "deleteMatching" | "deleteTagged" | "clear">;
  readonly clock: Clock;
  /** A write was left out, for room or because the level failed. */
  readonly onDropped: (key: string) => void;
  readonly onError: (error: unknown) => void;
  /** Most entries that wait. Default 10 000. */
  readonly maxItems?: number;
  /** Most bytes of payload that wait. Default 32 MB. */
  readonly maxBytes?: number;
}

interface Write {
  readonly kind: "set";
  /** Undefined: a later write of the key took its place, or there was no room. */
  entry: StoredEntry | undefined;
}
type Operation = Write | Removal;

const BATCH_ENTRIES = 100;
/** Removals are a courtesy: what they would remove is judged on every read. Beyond this many the oldest go. */
const MOST_OPERATIONS = 40_000;
const MOST_SUSPECTS = 10_000;

export function createWriter({
  level,
  clock,
  onDropped,
  onError,
  maxItems = 10_000,
  maxBytes = 32_000_000,
}: WriterOptions): Writer {
  let queue: Operation[] = [];
  let head = 0;
  let bytes = 0;
  let running: Promise<void> | undefined;
  const writes = new Map<string, Write>();
  // A lost write may have left an older value on the level: it is not read until it is gone.
  const suspects = new Set<string>();
  let doubtedUpTo = -Infinity;

  function forgetWrite(write: Write): void {
    if (write.entry === undefined) return;
    bytes -= write.entry.payload.byteLength;
    if (writes.get(write.entry.key) === write) writes.delete(write.entry.key);
    write.entry = undefined;
  }

  function lose(key: string): void {
    if (suspects.size >= MOST_SUSPECTS) {
      suspects.clear();
      doubtedUpTo = clock.now();
    }
    suspects.add(key);
    onDropped(key);
  }

  /** For a removal: past the bound it is left to the journal's verdict. */
  function suspect(key: string): void {
    if (suspects.size < MOST_SUSPECTS) suspects.add(key);
  }

  /** The oldest write makes room: a cache may forget, it may not block. */
  function makeRoom(): void {
    for (const write of writes.values()) {
      if (writes.size <= maxItems && bytes <= maxBytes) return;
      const key = write.entry?.key;
      forgetWrite(write);
      if (key !== undefined) lose(key);
    }
  }

  function add(operation: Operation): void {
    queue.push(operation);
    if (queue.length - head > MOST_OPERATIONS) shorten();
    running ??= new Promise<void>((resolve) => {
      setImmediate(resolve);
    })
      .then(run)
      .finally(() => (running = undefined));
  }

  function shorten(): void {
    const live = queue.slice(head).filter((each) => each.kind !== "set" || each.entry !== undefined);
    queue = live.length > MOST_OPERATIONS ? live.filter((each) => each.kind === "set") : live;
    head = 0;
  }

  async function run(): Promise<void> {
    while (head < queue.length) {
      const batch = takeWrites();
      if (batch.length > 0) await write(batch);
      else {
        const operation = queue[head++];
        if (operation !== undefined && operation.kind !== "set") await removeNow(operation);
      }
      if (head > 1_000 || head === queue.length) {
        queue = queue.slice(head);
        head = 0;
      }
    }
  }

  function takeWrites(): Write[] {
    const batch: Write[] = [];
    while (batch.length < BATCH_ENTRIES) {
      const next = queue[head];
      if (next?.kind !== "set") break;
      head++;
      if (next.entry !== undefined) batch.push(next);
    }
    return batch;
  }

  async function write(batch: readonly Write[]): Promise<void> {
    const entries = batch.flatMap(({ entry }) => (entry === undefined ? [] : [entry]));
    try {
      await level.set(entries);
      for (const { key } of entries) suspects.delete(key);
    } catch (error) {
      onError(error);
      for (const { key } of entries) lose(key);
    }
    for (const each of batch) forgetWrite(each);
    if (suspects.size > 0) await clean();
  }

  /** What the level should have forgotten, in case it answers again. */
  async function clean(): Promise<void> {
    const keys = [...suspects].filter((key) => !writes.has(key)).slice(0, BATCH_ENTRIES * 10);
    try {
      await level.delete(keys);
      for (const key of keys) suspects.delete(key);
    } catch (error) {
      onError(error);
    }
  }

  async function removeNow(removal: Removal): Promise<void> {
    try {
      switch (removal.kind) {
        case "key":
          await level.delete([removal.key]);
          break;
        case "pattern":
          await level.deleteMatching(removal.pattern, removal.upTo);
          break;
        case "tag":
          await level.deleteTagged(removal.tag, removal.upTo);
          break;
        case "all":
          await level.clear();
          suspects.clear();
          break;
      }
      if (removal.kind === "key") suspects.delete(removal.key);
    } catch (error) {
      onError(error);
      if (removal.kind === "key") suspect(removal.key);
    }
  }

  return {
    set(entry) {
      const earlier = writes.get(entry.key);
      if (earlier !== undefined) forgetWrite(earlier);
      const write: Write = { kind: "set", entry };
      writes.set(entry.key, write);
      bytes += entry.payload.byteLength;
      makeRoom();
      if (write.entry !== undefined) add(write);
    },
    remove(removal) {
      if (removal.kind === "key") {
        const earlier = writes.get(removal.key);
        if (earlier !== undefined) forgetWrite(earlier);
        suspect(removal.key);
      }
      add(removal);
    },
    pending: (key) => writes.get(key)?.entry ?? (suspects.has(key) ? "deleted" : undefined),
    pendingKeys: () => writes.keys(),
    isDoubtful: ({ meta }) => meta.createdAt <= doubtedUpTo,
    async drain() {
      for (let current = running; current !== undefined; current = running) await current;
    },
  };
}
