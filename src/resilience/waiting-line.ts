import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import type { Deadline } from "./deadline.ts";
import { createFairQueue, type Place } from "./fair-queue.ts";

/** How somebody waits for a turn. */
export interface WaitOptions {
  /** With whom the turns are shared: those of one tenant wait behind each other, not behind those of another. Default "". */
  readonly tenant?: string;
  /** Whole number from -10 to 10, highest first, among those of one tenant. Default 0. */
  readonly priority?: number;
  /** Gives up waiting with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Gives up when it is over; what can be known not to be in time is refused at once. */
  readonly deadline?: Deadline;
}

export interface QueueOptions {
  /** How many may wait, at most. Default 1 000. */
  readonly maxWaiting?: number;
  /** How long something must have waited to stand equal with a newcomer whose priority is one higher, in milliseconds. Default 30 000. */
  readonly agingMs?: number;
  /** A tenant's share beside the others that wait. Default 1 for each. */
  readonly weightOf?: (tenant: string) => number;
}

/** Somebody who waits, with what is wanted. */
export interface Waiter<W, T> {
  readonly wanted: W;
  readonly deadline: Deadline | undefined;
  readonly admit: (turn: T) => void;
  readonly refuse: (error: unknown) => void;
}

/** Promises in a fair queue: each ends by being admitted, refused, or called off by its own signal, and leaves nothing behind. */
export interface WaitingLine<W, T> {
  readonly size: number;
  /** Resolves with what `admit` gave. Rejects with QUEUE_FULL, a signal's reason, or what `refuse` gave. */
  wait(wanted: W, cost: number, options: WaitOptions): Promise<T>;
  head(): Waiter<W, T> | undefined;
  /** How much of each one waiting is likely to be served before this newcomer, from 0 to 1. */
  ahead(cost: number, options: WaitOptions, visit: (wanted: W, part: number) => void): void;
}

export interface WaitingLineOptions extends QueueOptions {
  readonly clock: Clock;
  /** Somebody left who was not admitted: whoever is first now may have other needs. */
  readonly onLeave: () => void;
}

export function createWaitingLine<W, T>({
  clock,
  onLeave,
  maxWaiting = 1_000,
  agingMs = 30_000,
  weightOf = () => 1,
}: WaitingLineOptions): WaitingLine<W, T> {
  if (!(Number.isInteger(maxWaiting) && maxWaiting >= 0)) {
    throw new RangeError(`maxWaiting must be a whole number of at least 0, got ${maxWaiting}`);
  }
  if (!(agingMs > 0 && Number.isFinite(agingMs)))
    throw new RangeError(`agingMs must be a positive number, got ${agingMs}`);
  const queue = createFairQueue<Waiter<W, T>>({ agingMs, weightOf });

  return {
    get size() {
      return queue.size;
    },
    head: () => queue.head()?.item,
    ahead: (cost, options, visit) =>
      queue.ahead(toArrival(clock, cost, options), (waiter, part) => visit(waiter.wanted, part)),
    async wait(wanted, cost, options) {
      const signals = [options.signal, options.deadline?.signal].filter((signal) => signal !== undefined);
      for (const signal of signals) signal.throwIfAborted();
      const arrival = toArrival(clock, cost, options);
      if (queue.size >= maxWaiting) {
        throw new MillraceError(
          "QUEUE_FULL",
          `${queue.size} are waiting already, and no more than ${maxWaiting} may.`,
          {
            facts: { waiting: queue.size, maxWaiting, tenant: arrival.tenant },
          },
        );
      }
      return await new Promise<T>((resolve, reject) => {
        const waiter: Waiter<W, T> = {
          wanted,
          deadline: options.deadline,
          admit(turn) {
            leave();
            queue.serve(place);
            resolve(turn);
          },
          refuse(error) {
            leave();
            queue.remove(place);
            reject(error);
          },
        };
        const place: Place<Waiter<W, T>> = queue.add(waiter, arrival);
        for (const signal of signals) signal.addEventListener("abort", onAbort, { once: true });

        function leave(): void {
          for (const signal of signals) signal.removeEventListener("abort", onAbort);
        }
        function onAbort(this: AbortSignal): void {
          waiter.refuse(this.reason);
          onLeave();
        }
      });
    },
  };
}

function toArrival(clock: Clock, cost: number, { tenant = "", priority = 0 }: WaitOptions) {
  if (!(Number.isInteger(priority) && Math.abs(priority) <= 10)) {
    throw new RangeError(`priority must be a whole number from -10 to 10, got ${priority}`);
  }
  return { tenant, priority, cost, at: clock.monotonic() };
}
