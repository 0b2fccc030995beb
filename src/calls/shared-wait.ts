import type { Clock, Timer } from "../core/clock.ts";
import type { Deadline } from "../resilience/deadline.ts";
import { followSignals } from "../resilience/follow-signals.ts";
import type { Sink } from "./pipeline.ts";

/** What all who wait for one answer share, as long as any of them waits or it is being made. */
export interface SharedWait {
  /** Why it could not be made; undefined while nothing is wrong. */
  failure: unknown;
  /** Takes the text as the work writes it, what was written before included. */
  listen(sink: Sink): void;
  /** Where the work writes, for all who listen. */
  readonly sink: Sink;
  /** Gives the work all the time that any of the waiting has. */
  extend(leftMs: number): void;
  /** The deadline of the work; fires when nobody waits any longer, too. */
  startWork(leftMs: number, signals: readonly AbortSignal[]): Deadline;
  [Symbol.dispose](): void;
}

/** Gives those who wait for one key the same wait. */
export interface SharedWaits {
  enter(key: string): SharedWait;
}

export function createSharedWaits(clock: Clock): SharedWaits {
  const byKey = new Map<string, { readonly wait: State; inside: number }>();

  return {
    enter(key) {
      const entry = byKey.get(key) ?? { wait: createState(clock), inside: 0 };
      byKey.set(key, entry);
      entry.inside++;
      return {
        get failure() {
          return entry.wait.failure;
        },
        set failure(failure) {
          entry.wait.failure = failure;
        },
        sink: entry.wait.sink,
        listen: (sink) => entry.wait.listen(sink),
        extend: (leftMs) => entry.wait.extend(leftMs),
        startWork: (leftMs, signals) => entry.wait.startWork(leftMs, signals),
        [Symbol.dispose]() {
          if (--entry.inside === 0) byKey.delete(key);
        },
      };
    },
  };
}

type State = Omit<SharedWait, typeof Symbol.dispose>;

function createState(clock: Clock): State {
  let until = 0;
  const running = new Set<() => void>();
  const listeners = new Set<Sink>();
  let written = "";

  return {
    failure: undefined,
    sink: {
      write(text) {
        written += text;
        const full: Promise<void>[] = [];
        for (const listener of listeners) {
          const room = listener.write(text);
          if (room !== undefined) full.push(room);
        }
        // The quickest sets the pace: nobody waits for a reader who is slower than the others.
        return full.length < listeners.size || full.length === 0 ? undefined : Promise.race(full);
      },
      hasPassedOn: () => written !== "",
    },
    listen(sink) {
      listeners.add(sink);
      if (written !== "") void sink.write(written);
    },
    extend(leftMs) {
      until = Math.max(until, clock.monotonic() + leftMs);
      for (const restart of running) restart();
    },
    startWork(leftMs, signals) {
      until = Math.max(until, clock.monotonic() + leftMs);
      const time = new AbortController();
      let timer: Timer | undefined;
      const leftNow = (): number => Math.max(0, until - clock.monotonic());
      const restart = (): void => {
        timer?.cancel();
        timer = clock.after(leftNow(), () => time.abort(new DOMException("the deadline has passed", "TimeoutError")));
      };
      restart();
      running.add(restart);
      const { signal } = time;
      const leave = followSignals(time, signals);
      return {
        signal,
        // The last who waited may have left because of the time.
        isOver: () => signal.aborted && (signal.reason as Error | undefined)?.name === "TimeoutError",
        leftMs: leftNow,
        [Symbol.dispose]() {
          timer?.cancel();
          running.delete(restart);
          leave();
        },
      };
    },
  };
}
