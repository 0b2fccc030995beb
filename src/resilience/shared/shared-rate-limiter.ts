import { MillraceError } from "../../core/errors.ts";
import {
  type Amounts,
  createRateLimiter,
  type RateLimiter,
  type RateLimiterOptions,
  type RateLimiterStats,
  type Reservation,
} from "../rate-limiter.ts";
import type { ServerLimit } from "../token-bucket.ts";
import { createWaitingLine, type WaitOptions } from "../waiting-line.ts";
import { BUCKET_SCRIPT } from "./bucket-script.ts";
import type { SharedState } from "./shared-state.ts";

export interface SharedRateLimiterOptions<A extends string> extends RateLimiterOptions<A> {
  /** Processes that name it alike share it. */
  readonly name: string;
  readonly state: SharedState;
  /** The time by which buckets are refilled, in milliseconds. Default: the server's. */
  readonly now?: () => number;
}

interface Answer {
  readonly waitMs: number;
  readonly draws: Readonly<Record<string, number>>;
  readonly axes: Readonly<Record<string, { readonly level: number; readonly capacity: number }>>;
  readonly blockedMs: number;
}

interface Request<A extends string> {
  readonly amounts: Amounts<A>;
  readonly arrivedAt: number;
}

/** `away`: the server does not answer, somebody else decides. */
type Turn<A extends string> = Reservation<A> | "away";

/**
 * A rate limiter whose buckets stand on a Redis server, by its clock: what all processes use together stays within the bound that
 * `RateLimiter` states. Each process lets its own callers ask one at a time, in the order of its fair line. While the server is away each
 * process takes its share of every limit, from an empty bucket on. Nothing is known before the first answer: `stats` shows full buckets, and
 * `tryReserve` passes only while the server is away.
 */
export function createSharedRateLimiter<A extends string>(options: SharedRateLimiterOptions<A>): RateLimiter<A> {
  const { name, state, clock, axes, now, ...queue } = options;
  const alone = createRateLimiter({ clock, axes, ...queue });
  const names = Object.keys(axes) as A[];
  const asked = Object.fromEntries(
    names.map((axis) => {
      const { limit, perMs = 60_000 } = axes[axis];
      return [axis, { capacity: limit === Infinity ? -1 : limit, perMs }];
    }),
  );
  const said = new Map<A, number>();
  const line = createWaitingLine<Request<A>, Turn<A>>({ ...queue, clock, onLeave: wake });
  let last: Answer | undefined;
  let pumping: Promise<void> | undefined;
  let waking = new AbortController();

  if (!state.isUp()) takeShare(state.share() < 1);
  state.watch((what) => {
    if (what === "back") comeBack();
    else takeShare(what === "away");
    wake();
  });

  async function ask(request: object): Promise<Answer> {
    const answer = await state.run(
      BUCKET_SCRIPT,
      [`rate:${name}`],
      [JSON.stringify({ ...request, axes: asked }), now === undefined ? "" : now()],
    );
    last = JSON.parse(String(answer)) as Answer;
    return last;
  }

  /** For what nobody waits for: the server going away is dealt with elsewhere. */
  function tell(request: object): void {
    if (state.isUp()) ask(request).then(wake, () => undefined);
  }

  /** Lower where the provider has told so, to this process or to another. */
  function capacityOf(axis: A): number {
    const { capacity = -1 } = last?.axes[axis] ?? {};
    return Math.min(axes[axis].limit, said.get(axis) ?? Infinity, capacity < 0 ? Infinity : capacity);
  }

  function neverError(amounts: Amounts<A>): MillraceError | undefined {
    for (const [axis, amount] of Object.entries(amounts) as [A, number][]) {
      const limit = capacityOf(axis);
      if (amount <= limit) continue;
      return new MillraceError("INPUT_INVALID", `${axis}: ${amount} is asked for at once, and the limit is ${limit}.`, {
        facts: { axis, amount, limit },
        advice: "Split the request, or raise the limit.",
      });
    }
    return undefined;
  }

  /** `isEmpty`: what was used before, here or elsewhere, is not known any more, so nothing is there at first. */
  function takeShare(isEmpty: boolean): void {
    for (const axis of names) {
      const limit = capacityOf(axis) * state.share();
      if (limit !== Infinity) alone.observe(axis, { limit, ...(isEmpty ? { remaining: 0 } : {}) });
    }
  }

  /** A server that has forgotten everything must not begin with full buckets again. */
  function comeBack(): void {
    const { axes: own } = alone.stats();
    for (const axis of names) {
      const { limit, available } = own[axis];
      if (limit !== Infinity) tell({ op: "observe", axis, remaining: Math.floor(available / state.share()) });
    }
  }

  /** Whoever is first now may have other needs, or what they need may be there. */
  function wake(): void {
    waking.abort();
    waking = new AbortController();
    pump();
  }

  function pump(): void {
    if (line.head() === undefined) return;
    pumping ??= pumpAll().finally(() => {
      pumping = undefined;
      // For who came between the last look and this line.
      pump();
    });
  }

  async function pumpAll(): Promise<void> {
    for (let first = line.head(); first !== undefined; first = line.head()) {
      const { wanted, deadline } = first;
      const answer = state.isUp()
        ? await ask({ op: "draw", amounts: wanted.amounts }).catch(() => "away" as const)
        : "away";
      if (answer === "away") {
        first.admit("away");
      } else if (answer.waitMs <= 0) {
        const reservation = take(wanted, answer.draws);
        // Who left meanwhile gives back what was drawn for him.
        if (line.head() === first) first.admit(reservation);
        else reservation.release();
      } else if (neverError(wanted.amounts) !== undefined) {
        first.refuse(neverError(wanted.amounts));
      } else if (deadline !== undefined && answer.waitMs >= deadline.leftMs()) {
        first.refuse(lateError(answer.waitMs, deadline.leftMs()));
      } else {
        await clock.sleep(Math.max(1, answer.waitMs), waking.signal).catch(() => undefined);
      }
    }
  }

  function take({ amounts, arrivedAt }: Request<A>, draws: Answer["draws"]): Reservation<A> {
    let isOver = false;
    function end(actualOf: (axis: A, estimate: number) => number, unreserved: Amounts<A>): void {
      if (isOver) return;
      isOver = true;
      const ends = [
        ...(Object.entries(amounts) as [A, number][]).flatMap(([axis, estimate]) => {
          const actual = actualOf(axis, estimate);
          return actual === estimate ? [] : [[axis, { draw: draws[axis] ?? 0, estimate, actual }]];
        }),
        ...Object.entries(unreserved).map(([axis, actual]) => [axis, { actual }]),
      ];
      if (ends.length > 0) tell({ op: "end", ends: Object.fromEntries(ends) });
    }
    return {
      waitedMs: clock.monotonic() - arrivedAt,
      settle(actual) {
        const rest = Object.entries(actual).filter(([axis, amount]) => amount !== undefined && !(axis in amounts));
        end((axis, estimate) => actual[axis] ?? estimate, Object.fromEntries(rest) as Amounts<A>);
      },
      release: () => end(() => 0, {}),
    };
  }

  /** As a limiter of one process would: what can never pass, and what is no amount. */
  function check(amounts: Amounts<A>): Amounts<A> {
    for (const [axis, amount] of Object.entries(amounts) as [A, number | undefined][]) {
      if (amount === undefined) continue;
      if (!names.includes(axis)) throw new RangeError(`no axis is called "${axis}": ${names.join(", ")}`);
      if (!(amount >= 0 && Number.isFinite(amount))) {
        throw new RangeError(`${axis} must be a number of at least 0, got ${amount}`);
      }
    }
    const given = Object.fromEntries(
      Object.entries(amounts).filter(([, amount]) => amount !== undefined),
    ) as Amounts<A>;
    const never = neverError(given);
    if (never !== undefined) throw never;
    return given;
  }

  /** A share may be smaller than what a whole limit would let pass at once. */
  function withinShare(amounts: Amounts<A>): Amounts<A> {
    const { axes: own } = alone.stats();
    return Object.fromEntries(
      (Object.entries(amounts) as [A, number][]).map(([axis, amount]) => [axis, Math.min(amount, own[axis].limit)]),
    ) as Amounts<A>;
  }

  return {
    async reserve(amounts, options: WaitOptions = {}) {
      options.signal?.throwIfAborted();
      options.deadline?.signal.throwIfAborted();
      const request = { amounts: check(amounts), arrivedAt: clock.monotonic() };
      if (state.isUp()) {
        const turn = line.wait(request, costOf(request.amounts, capacityOf), options);
        if (line.head()?.wanted === request) wake();
        const given = await turn;
        if (given !== "away") return given;
      }
      return await alone.reserve(withinShare(request.amounts), options);
    },
    tryReserve: (amounts) => (state.isUp() ? undefined : alone.tryReserve(withinShare(check(amounts)))),
    observe(axis, server: ServerLimit) {
      if (server.limit !== undefined && server.limit > 0) said.set(axis, server.limit);
      tell({ op: "observe", axis, ...server });
      const share = state.isUp() ? 1 : state.share();
      const { limit, remaining } = server;
      alone.observe(axis, {
        ...server,
        ...(limit === undefined ? {} : { limit: Math.min(axes[axis].limit, limit) * share }),
        ...(remaining === undefined ? {} : { remaining: remaining * share }),
      });
    },
    blockFor(ms) {
      alone.blockFor(ms);
      tell({ op: "block", ms });
    },
    capacity: (axis) => (state.isUp() ? capacityOf(axis) : alone.capacity(axis)),
    stats(): RateLimiterStats<A> {
      if (!state.isUp() || last === undefined) return { ...alone.stats(), waiting: alone.stats().waiting + line.size };
      const { axes: levels, blockedMs } = last;
      const entries = names.map((axis) => {
        const { level = Infinity, capacity = -1 } = levels[axis] ?? {};
        if (capacity < 0) return [axis, { limit: Infinity, available: Infinity }];
        return [axis, { limit: capacity, available: Math.max(0, level) }];
      });
      return { waiting: line.size, blockedMs, axes: Object.fromEntries(entries) as RateLimiterStats<A>["axes"] };
    },
  };
}

/** Its largest share of any limit. */
function costOf<A extends string>(amounts: Amounts<A>, capacityOf: (axis: A) => number): number {
  let largest = 1e-9;
  for (const [axis, amount] of Object.entries(amounts) as [A, number][]) {
    largest = Math.max(largest, amount / capacityOf(axis));
  }
  return largest;
}

function lateError(waitMs: number, leftMs: number): MillraceError {
  const retryAfterMs = Math.ceil(waitMs);
  const left = Math.round(leftMs);
  return new MillraceError("RATE_LIMITED", `The limit allows this in ${retryAfterMs} ms, and ${left} ms are left.`, {
    facts: { retryAfterMs, leftMs: left },
    isRetryable: true,
  });
}
