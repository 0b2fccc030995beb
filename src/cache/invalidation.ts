import type { Clock } from "../core/clock.ts";
import { isErrorCode } from "../core/errors.ts";
import type { EntryMeta, Invalidation, Journal, JournalRecord } from "./contract.ts";
import { within } from "./within.ts";

/** What this process knew of invalidations at one moment: taken before a factory, compared when its value is stored or served. */
export interface Moment {
  readonly position: number;
  readonly stamp: number;
}

export type Verdict = "valid" | "expired" | "evicted";

/** Judges entries against the journal. */
export interface Invalidations {
  /** Changes whenever a verdict may change: an entry judged under the same stamp need not be judged again. */
  stamp(): number;
  moment(): Moment;
  judge(key: string, meta: Pick<EntryMeta, "tags" | "position">): Verdict;
  /** Whether something that was known at `to` came after `from`. May say yes too often, never no. */
  isOutdated(key: string, tags: Iterable<string>, from: Moment, to: Moment): boolean;
  /**
   * Has invalidations stored for all. It resolves once they hold in this process, also when the journal's storage is away: the
   * journal then keeps them and goes on trying. Throws what the journal says of bad input.
   */
  append(list: readonly Invalidation[]): Promise<void>;
  /** Brings this process up to date. False: the journal could not be asked. */
  sync(signal?: AbortSignal): Promise<boolean>;
  close(): void;
}

export interface InvalidationsOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  /** Verdicts changed. */
  readonly onChange: (records: readonly JournalRecord[]) => void;
  /** So much was missed that nothing in memory can be judged. */
  readonly onReset: () => void;
  readonly onError: (error: unknown) => void;
  /** How long a strict answer waits for the journal, in milliseconds. Default 500. */
  readonly limitMs?: number;
}

export function createInvalidations(options: InvalidationsOptions): Invalidations {
  const { journal, clock, onChange, onReset, onError, limitMs = 500 } = options;
  let stamp = 0;
  const unsubscribe = journal.subscribe((change) => {
    stamp++;
    if (change.kind === "reset") onReset();
    else onChange(change.records);
  });

  return {
    stamp: () => stamp,
    moment: () => ({ position: journal.position(), stamp }),
    judge(key, { tags, position }) {
      if (!journal.covers(position) || journal.keyPosition(key, "evict") > position) return "evicted";
      let isExpired = journal.keyPosition(key, "expire") > position;
      for (const tag of tags) {
        if (journal.tagPosition(tag, "evict") > position) return "evicted";
        isExpired ||= journal.tagPosition(tag, "expire") > position;
      }
      return isExpired ? "expired" : "valid";
    },
    isOutdated(key, tags, from, to) {
      if (from.stamp >= to.stamp) return false;
      return this.judge(key, { tags: [...tags], position: from.position }) !== "valid";
    },
    async append(list) {
      if (list.length === 0) return;
      try {
        await journal.append(list);
      } catch (error) {
        if (!isErrorCode(error, "CACHE_UNREACHABLE")) throw error;
        onError(error);
      }
    },
    async sync(signal) {
      signal?.throwIfAborted();
      try {
        await within(journal.sync(), { ms: limitMs, clock, what: "Asking the journal of the cache", signal });
        return true;
      } catch (error) {
        signal?.throwIfAborted();
        onError(error);
        return false;
      }
    },
    close: unsubscribe,
  };
}
