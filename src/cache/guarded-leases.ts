import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { createCircuit } from "./circuit.ts";
import type { Lease, Leases } from "./contract.ts";
import { createDeadlines } from "./deadlines.ts";

/** Any caller may run its factory: the flight of its own process still holds. */
const UNSHARED: Lease = { renew: async () => true, release: async () => undefined };

export interface BoundedLeasesOptions {
  readonly clock: Clock;
  readonly log?: Log | undefined;
  /** Longest time of an operation, in milliseconds. Default 1 000: what runs under a lease costs more than waiting for one. */
  readonly deadlineMs?: number;
}

/** Leases that never throw: when their database is away, each process goes by its own flight and gets a lease for the asking. */
export function boundedLeases(leases: Leases, { clock, log, deadlineMs = 1_000 }: BoundedLeasesOptions): Leases {
  const circuit = createCircuit({ clock });
  const deadlines = createDeadlines({ clock, ms: deadlineMs });

  async function attempt<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    if (!circuit.admit()) return otherwise;
    try {
      const value = await deadlines.within(work());
      circuit.succeed();
      return value;
    } catch (error) {
      circuit.fail();
      log?.debug({ error }, "a lease of the cache could not be shared");
      return otherwise;
    }
  }

  return {
    async acquire(key, durationMs) {
      const lease = await attempt(() => leases.acquire(key, durationMs), UNSHARED);
      if (lease === undefined || lease === UNSHARED) return lease;
      return {
        // Nobody says that it is lost.
        renew: () => attempt(() => lease.renew(), true),
        release: () => attempt(() => lease.release(), undefined),
      };
    },
  };
}
