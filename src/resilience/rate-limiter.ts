import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import { createTokenBucket, type ServerLimit, type TokenBucket } from "./token-bucket.ts";
import { createWaitingLine, type QueueOptions, type WaitOptions } from "./waiting-line.ts";

/** How much of one thing (requests, input tokens, …) per time. */
export interface AxisLimit {
  /** As much at once, and as much again each `perMs`. Infinity: no limit until the server tells one. */
  readonly limit: number;
  /** In milliseconds. Default 60 000. */
  readonly perMs?: number;
}

/** Amounts by axis; an axis that is not named is not touched. */
export type Amounts<A extends string> = { readonly [axis in A]?: number };

/** What was set aside for one call. Settle or release it, once; a second time does nothing. */
export interface Reservation<A extends string> {
  /** How long it was waited for, in milliseconds. */
  readonly waitedMs: number;
  /** Says what was used. An axis that is not named used what was estimated; one that was not reserved is drawn from now. */
  settle(actual: Amounts<A>): void;
  /** Gives everything back: the call was never sent. */
  release(): void;
}

export interface RateLimiterStats<A extends string> {
  readonly waiting: number;
  /** Until when nothing passes because `blockFor` said so, in milliseconds from now; 0 when nothing does. */
  readonly blockedMs: number;
  readonly axes: { readonly [axis in A]: { readonly limit: number; readonly available: number } };
}

/**
 * Limits several things per time at once. A call reserves its estimate on every axis before it starts and settles what it really used.
 *
 * In any stretch of t milliseconds what is used is at most limit + t x limit / perMs on each axis, beyond which lie only the amounts by
 * which calls used more than they had estimated; those are a debt that the next ones wait for. Estimate high, since what was not used
 * comes back at once. Whoever is first in line holds the line until its amounts are there, so that large calls are not starved by small ones.
 */
export interface RateLimiter<A extends string> {
  /**
   * Sets the amounts aside, waiting for them if it must. Rejects with QUEUE_FULL; with RATE_LIMITED at once when the wait would pass the
   * deadline, `facts.retryAfterMs` telling the wait; with INPUT_INVALID for more than a limit ever holds; with the reason of a signal.
   */
  reserve(amounts: Amounts<A>, options?: WaitOptions): Promise<Reservation<A>>;
  /** Sets the amounts aside if that can be done now and nobody waits. */
  tryReserve(amounts: Amounts<A>): Reservation<A> | undefined;
  /** Follows what the server said about an axis; never beyond the limit that was configured. */
  observe(axis: A, said: ServerLimit): void;
  /** Lets nothing pass for so many milliseconds, for instance as long as a `retry-after` says. A shorter one does not end a longer one. */
  blockFor(ms: number): void;
  /** What an axis holds at most. */
  capacity(axis: A): number;
  stats(): RateLimiterStats<A>;
}

export interface RateLimiterOptions<A extends string> extends QueueOptions {
  readonly clock: Clock;
  readonly axes: { readonly [axis in A]: AxisLimit };
}

/** One axis of one request. */
interface Part<A extends string> {
  readonly axis: A;
  readonly bucket: TokenBucket;
  readonly amount: number;
}

interface Request<A extends string> {
  readonly parts: readonly Part<A>[];
  readonly arrivedAt: number;
}

/** Creates a limiter whose buckets are full. Throws RangeError for a limit that is not positive. */
export function createRateLimiter<A extends string>({ clock, axes, ...queue }: RateLimiterOptions<A>): RateLimiter<A> {
  const buckets = new Map(
    (Object.entries(axes) as [A, AxisLimit][]).map(([axis, limit]) => [axis, openBucket(axis, limit)]),
  );
  const line = createWaitingLine<Request<A>, Reservation<A>>({ ...queue, clock, onLeave: pump });
  let blockedUntil = 0;
  let waking: { readonly at: number; readonly controller: AbortController } | undefined;

  function toParts(amounts: Amounts<A>): Part<A>[] {
    const parts: Part<A>[] = [];
    for (const axis in amounts) {
      const bucket = requireBucket(axis);
      const amount = amounts[axis];
      if (amount === undefined) continue;
      if (!(amount >= 0 && Number.isFinite(amount))) {
        throw new RangeError(`${axis} must be a number of at least 0, got ${amount}`);
      }
      parts.push({ axis, bucket, amount });
    }
    return parts;
  }
  function requireBucket(axis: A): TokenBucket {
    const bucket = buckets.get(axis);
    if (bucket === undefined) throw new RangeError(`no axis is called "${axis}": ${[...buckets.keys()].join(", ")}`);
    return bucket;
  }

  function waitMs(parts: readonly Part<A>[], now: number): number {
    let longest = Math.max(0, blockedUntil - now);
    for (const { bucket, amount } of parts) longest = Math.max(longest, bucket.waitMs(amount, now));
    return longest;
  }
  /** How long a newcomer is likely to wait, in milliseconds: for its own amounts and for those of all who are served before it. */
  function likelyWaitMs(parts: readonly Part<A>[], options: WaitOptions, now: number): number {
    const sums = new Map<TokenBucket, number>();
    const add = (bucket: TokenBucket, amount: number): void => void sums.set(bucket, (sums.get(bucket) ?? 0) + amount);
    for (const { bucket, amount } of parts) add(bucket, amount);
    line.ahead(costOf(parts), options, (ahead, share) => {
      for (const { bucket, amount } of ahead.parts) add(bucket, amount * share);
    });
    let longest = Math.max(0, blockedUntil - now);
    for (const [bucket, amount] of sums) longest = Math.max(longest, bucket.waitMs(amount, now));
    return longest;
  }

  function take({ parts, arrivedAt }: Request<A>, now = clock.monotonic()): Reservation<A> {
    const draws = parts.map(({ bucket, amount }) => bucket.draw(amount, now));
    let isOver = false;

    function end(actualOf: (part: Part<A>) => number): void {
      if (isOver) return;
      isOver = true;
      const at = clock.monotonic();
      let index = 0;
      for (const part of parts) part.bucket.correct(draws[index++] ?? 0, part.amount, actualOf(part), at);
      pump();
    }
    return {
      waitedMs: now - arrivedAt,
      settle(actual) {
        for (const { axis, bucket, amount } of toParts(actual)) {
          const isReserved = parts.some((part) => part.axis === axis);
          if (!isOver && !isReserved) bucket.draw(amount, clock.monotonic());
        }
        end(({ axis, amount }) => actual[axis] ?? amount);
      },
      release: () => end(() => 0),
    };
  }

  /** Admits as many as can be, refuses who cannot be in time, and wakes when the next one may pass. */
  function pump(): void {
    for (let first = line.head(); first !== undefined; first = line.head()) {
      const { wanted, deadline } = first;
      const tooMuch = beyondCapacity(wanted.parts);
      const ms = waitMs(wanted.parts, clock.monotonic());
      if (tooMuch !== undefined) first.refuse(neverError(tooMuch));
      else if (ms <= 0) first.admit(take(wanted));
      else if (deadline !== undefined && ms >= deadline.leftMs()) first.refuse(lateError(ms, deadline.leftMs()));
      else return wakeIn(ms);
    }
    waking?.controller.abort();
    waking = undefined;
  }
  function wakeIn(ms: number): void {
    const at = clock.monotonic() + ms;
    if (waking !== undefined && waking.at <= at) return;
    waking?.controller.abort();
    const mine = { at, controller: new AbortController() };
    waking = mine;
    // A sleep, not a timer: somebody awaits this, so the process must stay.
    void clock.sleep(ms, mine.controller.signal).then(wake, () => undefined);
  }
  function wake(): void {
    waking = undefined;
    pump();
  }

  function canPassAt(now: number, parts: readonly Part<A>[]): boolean {
    const tooMuch = beyondCapacity(parts);
    if (tooMuch !== undefined) throw neverError(tooMuch);
    return line.size === 0 && waitMs(parts, now) <= 0;
  }

  return {
    async reserve(amounts, options = {}) {
      const { signal, deadline } = options;
      signal?.throwIfAborted();
      deadline?.signal.throwIfAborted();
      const now = clock.monotonic();
      const request = { parts: toParts(amounts), arrivedAt: now };
      if (canPassAt(now, request.parts)) return take(request, now);
      if (deadline !== undefined) {
        const ms = likelyWaitMs(request.parts, options, now);
        if (ms >= deadline.leftMs()) throw lateError(ms, deadline.leftMs());
      }
      const turn = line.wait(request, costOf(request.parts), options);
      pump();
      return await turn;
    },
    tryReserve(amounts) {
      const now = clock.monotonic();
      const request = { parts: toParts(amounts), arrivedAt: now };
      return canPassAt(now, request.parts) ? take(request, now) : undefined;
    },
    observe(axis, said) {
      requireBucket(axis).observe(said, clock.monotonic());
      pump();
    },
    blockFor(ms) {
      if (!(ms >= 0 && Number.isFinite(ms))) throw new RangeError(`a block needs a time of at least 0, got ${ms}`);
      blockedUntil = Math.max(blockedUntil, clock.monotonic() + ms);
      pump();
    },
    capacity: (axis) => requireBucket(axis).capacity,
    stats() {
      const now = clock.monotonic();
      const axes = [...buckets].map(([axis, bucket]) => [
        axis,
        { limit: bucket.capacity, available: Math.max(0, bucket.level(now)) },
      ]);
      return {
        waiting: line.size,
        blockedMs: Math.max(0, blockedUntil - now),
        axes: Object.fromEntries(axes) as RateLimiterStats<A>["axes"],
      };
    },
  };
}

function openBucket(axis: string, { limit, perMs = 60_000 }: AxisLimit): TokenBucket {
  if (!(limit > 0)) throw new RangeError(`the limit of ${axis} must be positive, got ${limit}`);
  if (!(perMs > 0 && Number.isFinite(perMs))) throw new RangeError(`perMs of ${axis} must be positive, got ${perMs}`);
  return createTokenBucket({ capacity: limit, perMs });
}

/** Its largest share of any limit: tenants are served equally in what they use most (Ghodsi et al., "Dominant Resource Fairness", NSDI 2011). */
function costOf(parts: readonly Part<string>[]): number {
  let largest = 1e-9;
  for (const { bucket, amount } of parts) largest = Math.max(largest, amount / bucket.capacity);
  return largest;
}

function beyondCapacity(parts: readonly Part<string>[]): Part<string> | undefined {
  return parts.find(({ bucket, amount }) => amount > bucket.capacity);
}

function neverError({ axis, amount, bucket }: Part<string>): MillraceError {
  return new MillraceError(
    "INPUT_INVALID",
    `${axis}: ${amount} is asked for at once, and the limit is ${bucket.capacity}.`,
    {
      facts: { axis, amount, limit: bucket.capacity },
      advice: "Split the request, or raise the limit.",
    },
  );
}

function lateError(waitMs: number, leftMs: number): MillraceError {
  const retryAfterMs = Math.ceil(waitMs);
  const left = Math.round(leftMs);
  return new MillraceError("RATE_LIMITED", `The limit allows this in ${retryAfterMs} ms, and ${left} ms are left.`, {
    facts: { retryAfterMs, leftMs: left },
    isRetryable: true,
  });
}
