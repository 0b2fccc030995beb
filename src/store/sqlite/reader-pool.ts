import type { Clock, Timer } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import { moduleUrl } from "../../core/module-url.ts";
import type { SqlValue } from "../store.ts";
import type { ReaderAnswer, ReaderData, ReaderRequest } from "./reader-protocol.ts";
import { openThread, type ThreadChannel } from "./thread-channel.ts";

export type ReaderChannel = ThreadChannel<ReaderRequest, ReaderAnswer>;

/** Reader threads, made when they are needed and lent to one read at a time. */
export interface ReaderPool {
  /**
   * Lends a reader, the one used last where there are several. Throws CAPACITY_REACHED when none is free within the wait, or too many
   * wait; the signal's reason when it fires first.
   */
  take(signal: AbortSignal): Promise<ReaderChannel>;
  /** Takes it back; one that is not `isSound`, because it may still be busy, is ended. */
  give(reader: ReaderChannel, isSound: boolean): void;
  /** Those that are open. */
  readonly open: number;
  /** Of those that are free. */
  settings(): Promise<readonly Readonly<Record<string, SqlValue>>[]>;
  /** Lends no more, waits for those lent, and ends all. */
  close(): Promise<void>;
}

export interface ReaderPoolOptions {
  readonly openReader: () => Promise<ReaderChannel>;
  readonly clock: Clock;
  /** How many stay once they are open. Default 5. */
  readonly kept?: number;
  /** How many more there may be under load. Default 10. */
  readonly overflow?: number;
  /** How many reads may wait for one. Default 200. */
  readonly mostWaiting?: number;
  /** How long a read waits for one, in milliseconds. Default 10 000. */
  readonly waitMs?: number;
  /** An overflowing one that was not used for so long ends, in milliseconds. Default 10 000. */
  readonly idleMs?: number;
  /** One that was not used for so long is asked whether it still reads before it is lent, in milliseconds. Default 30 000. */
  readonly restMs?: number;
}

/** Starts a reader thread. Throws DATA_UNUSABLE when it cannot open the database. */
export function openReaderThread(workerData: ReaderData): Promise<ReaderChannel> {
  return openThread({
    module: moduleUrl(import.meta.url, "./reader-thread"),
    name: "millrace-reader",
    workerData,
    cannot: "The heavy read was cut off",
    // Whoever reads hears of it, and the pool makes another one.
    onLost: () => undefined,
  });
}

interface Free {
  readonly reader: ReaderChannel;
  readonly since: number;
}

interface Waiting {
  readonly resolve: (reader: ReaderChannel) => void;
  readonly reject: (error: unknown) => void;
}

export function createReaderPool(options: ReaderPoolOptions): ReaderPool {
  const { openReader, clock, kept = 5, overflow = 10 } = options;
  const { mostWaiting = 200, waitMs = 10_000, idleMs = 10_000, restMs = 30_000 } = options;
  const most = kept + overflow;
  const free: Free[] = [];
  const waiting = new Set<Waiting>();
  /** Free, lent, being opened and being ended ones: each may keep a processor busy. */
  let open = 0;
  let isClosed = false;
  let sweeping: Timer | undefined;
  let onAllBack: (() => void) | undefined;

  /** One that is free and sound; undefined when there is none. */
  async function takeFree(): Promise<ReaderChannel | undefined> {
    for (let last = free.pop(); last !== undefined; last = free.pop()) {
      if (await isSound(last)) return last.reader;
      end(last.reader);
    }
    return undefined;
  }

  async function isSound({ reader, since }: Free): Promise<boolean> {
    if (reader.isGone()) return false;
    if (clock.monotonic() - since < restMs) return true;
    return reader.ask({ kind: "rest" }).then(
      () => true,
      () => false,
    );
  }

  /** Counted until it is gone. */
  function end(reader: ReaderChannel): void {
    void reader.kill().finally(() => {
      open -= 1;
      serve();
      if (open === 0) onAllBack?.();
    });
  }

  async function make(): Promise<ReaderChannel> {
    open += 1;
    try {
      return await openReader();
    } catch (error) {
      open -= 1;
      throw error;
    }
  }

  /** Opens one for whoever waits longest, where there may be another one. */
  function serve(): void {
    const [first] = waiting;
    if (first === undefined || open >= most || isClosed) return;
    waiting.delete(first);
    make().then(first.resolve, first.reject);
  }

  function wait(signal: AbortSignal): Promise<ReaderChannel> {
    if (waiting.size >= mostWaiting) throw full(`${mostWaiting} reads wait already`);
    const { promise, resolve, reject } = Promise.withResolvers<ReaderChannel>();
    const one: Waiting = { resolve, reject };
    waiting.add(one);
    const timer = clock.after(waitMs, () => giveUp(full(`none of ${most} was free within ${waitMs} ms`)));
    const onAbort = (): void => giveUp(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    function giveUp(error: unknown): void {
      if (waiting.delete(one)) reject(error);
    }
    return promise.finally(() => {
      timer.cancel();
      signal.removeEventListener("abort", onAbort);
    });
  }

  /** Ends overflowing readers that nobody has used of late, and gives back what the caches of the others hold. */
  function sweepSoon(): void {
    sweeping ??= clock.after(idleMs, () => {
      sweeping = undefined;
      const now = clock.monotonic();
      for (let surplus = open - kept; surplus > 0 && isIdle(free[0], now); surplus--) end(takeFirst(free));
      if (free.length > 0 && open > kept) sweepSoon();
    });
  }

  function isIdle(one: Free | undefined, now: number): boolean {
    return one !== undefined && now - one.since >= idleMs;
  }

  return {
    async take(signal) {
      signal.throwIfAborted();
      if (isClosed) throw closed();
      const found = await takeFree();
      if (found !== undefined) return found;
      return open < most ? make() : wait(signal);
    },
    give(reader, isSound) {
      if (!isSound || reader.isGone() || isClosed) {
        end(reader);
        return;
      }
      const [first] = waiting;
      if (first !== undefined) {
        waiting.delete(first);
        first.resolve(reader);
        return;
      }
      free.push({ reader, since: clock.monotonic() });
      if (open > kept) sweepSoon();
    },
    get open() {
      return open;
    },
    async settings() {
      const answers = await Promise.all(free.map(({ reader }) => reader.ask({ kind: "settings" })));
      return answers.flatMap((answer) => (answer.kind === "settings" ? [answer.settings] : []));
    },
    async close() {
      isClosed = true;
      sweeping?.cancel();
      for (const one of waiting) one.reject(closed());
      waiting.clear();
      for (const { reader } of free.splice(0)) end(reader);
      if (open > 0) await new Promise<void>((resolve) => (onAllBack = resolve));
    },
  };
}

function takeFirst(free: Free[]): ReaderChannel {
  const [first] = free.splice(0, 1);
  if (first === undefined) throw new MillraceError("INTERNAL", "There is no free reader.");
  return first.reader;
}

function full(why: string): MillraceError {
  return new MillraceError("CAPACITY_REACHED", `No reader is free for a heavy read: ${why}.`, {
    advice: "Ask for fewer heavy reads at once, or give the slow ones an index: the log tells their plans.",
    isRetryable: true,
  });
}

function closed(): MillraceError {
  return new MillraceError("STORE_FAILED", "The store is closed.", { isRetryable: false });
}
