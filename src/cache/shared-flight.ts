import type { Clock, Timer } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import type { Lease, Leases } from "./contract.ts";
import { within } from "./within.ts";

/** The lease under which a factory runs. */
export interface HeldLease {
  /** Looks whether another process took it over and stored something, where it may have run out: as after a loop that stood still. */
  confirm(): Promise<void>;
  /** One did: what was made under it is older. */
  isOvertaken(): boolean;
}

/** Of who runs without one. */
export const ALONE: HeldLease = { confirm: async () => undefined, isOvertaken: () => false };

export interface SharedFlightParams<T> {
  readonly key: string;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** What another process may have stored meanwhile. */
  readonly find: () => Promise<T | undefined>;
  readonly run: (lease: HeldLease) => Promise<T>;
  /** Waits until what was run can be found by others. */
  readonly settle: () => Promise<void>;
  readonly onError: (error: unknown) => void;
  /** A holder that says nothing for so long is dead, in milliseconds. */
  readonly leaseMs: number;
  /** How long the backend may take to answer before this process flies alone, in milliseconds. Default 1 000. */
  readonly limitMs?: number;
}

const SHORTEST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 50;

/** Runs in one process among all: whoever holds the lease runs, the others wait for what it stores. Without a backend each runs by itself. */
export async function flyShared<T>(params: SharedFlightParams<T>): Promise<T> {
  const { clock, random, signal, find, run, leaseMs } = params;
  for (let waitMs = SHORTEST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    const lease = await acquire(params, leaseMs);
    signal.throwIfAborted();
    if (lease === "unreachable") return await run(ALONE);
    if (lease !== undefined) return await runUnder(lease, params, leaseMs);
    await clock.sleep(waitMs * (0.5 + random.next()), signal);
    const found = await find();
    if (found !== undefined) return found;
  }
}

async function acquire<T>(params: SharedFlightParams<T>, leaseMs: number): Promise<Lease | undefined | "unreachable"> {
  const { key, leases, clock, onError, limitMs = 1_000 } = params;
  const asked = leases.acquire(key, leaseMs);
  try {
    return await within(asked, { ms: limitMs, clock, what: "Asking for a lease of the cache" });
  } catch (error) {
    onError(error);
    // It may come late: nobody would use it, and others would wait for it.
    asked.then((late) => late?.release()).catch(() => undefined);
    return "unreachable";
  }
}

async function runUnder<T>(lease: Lease, params: SharedFlightParams<T>, leaseMs: number): Promise<T> {
  const { clock, find, run, settle, onError, limitMs = 1_000 } = params;
  const held = keepAlive(lease, params, leaseMs);
  try {
    // The last holder may have stored it just before it let go.
    const found = await find();
    if (found !== undefined) return found;
    const made = await run(held);
    await within(settle(), { ms: limitMs, clock, what: "Storing a shared value" }).catch(onError);
    return made;
  } finally {
    held.stop();
    within(lease.release(), { ms: limitMs, clock, what: "Giving a lease back" }).catch(onError);
  }
}

/** Renews at a third of the lease, and tries again where that fails: whether it is lost is only known from an answer. */
function keepAlive<T>(
  lease: Lease,
  { clock, find, onError, limitMs = 1_000 }: SharedFlightParams<T>,
  leaseMs: number,
): HeldLease & { readonly stop: () => void } {
  let timer: Timer | undefined;
  let isStopped = false;
  let isLost = false;
  let isOvertaken = false;
  let heldUntil = clock.monotonic() + leaseMs;

  async function renew(): Promise<void> {
    const askedAt = clock.monotonic();
    try {
      const isHeld = await within(lease.renew(), { ms: limitMs, clock, what: "Renewing a lease of the cache" });
      if (isHeld) heldUntil = askedAt + leaseMs;
      else isLost = true;
    } catch (error) {
      onError(error);
    }
  }
  function schedule(): void {
    if (isStopped || isLost) return;
    timer = clock.after(leaseMs / 3, () => void renew().then(schedule));
  }
  schedule();
  return {
    async confirm() {
      if (!isLost && clock.monotonic() >= heldUntil) await renew();
      if (!isLost) return;
      // An error that was kept is something, too.
      isOvertaken = await find().then(
        (found) => found !== undefined,
        () => true,
      );
    },
    isOvertaken: () => isOvertaken,
    stop() {
      isStopped = true;
      timer?.cancel();
    },
  };
}
