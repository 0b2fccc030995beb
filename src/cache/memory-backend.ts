import type { Clock } from "../core/clock.ts";
import type { Backend, Journal, Lease, Leases } from "./contract.ts";
import { createMirror } from "./journal/mirror.ts";
import { firstPosition } from "./journal/positions.ts";
import { requireStorable, requireStorableScopes } from "./journal/scope.ts";
import { createTagGraph } from "./journal/tag-graph.ts";

/**
 * Journal and leases of this process alone, without a level: for a cache without a database. It forgets its invalidations with the
 * process, so a files level below it keeps what was deleted there, and nothing finer.
 */
export function createMemoryBackend({ clock }: { readonly clock: Clock }): Backend {
  return {
    level: undefined,
    journal: createMemoryJournal(clock),
    leases: createMemoryLeases(clock),
    close: async () => undefined,
  };
}

function createMemoryJournal(clock: Clock): Journal {
  const mirror = createMirror({ start: { position: firstPosition(clock), horizon: 0, records: [] } });
  const graph = createTagGraph();

  return {
    position: mirror.position,
    tagPosition: mirror.tagPosition,
    keyPosition: mirror.keyPosition,
    // What an earlier process kept in files may stand later than this journal does, and then nobody could tell what came after it.
    covers: (at) => at <= mirror.position() && mirror.covers(at),
    subscribe: mirror.subscribe,
    async append(invalidations) {
      requireStorableScopes(invalidations);
      let position = mirror.position();
      const reached = invalidations.flatMap((invalidation) => graph.spread(invalidation));
      const records = reached.map(({ mode, scope }) => ({ mode, scope, position: ++position }));
      mirror.apply(records, position);
    },
    async link(tag, dependencies) {
      requireStorable([tag, ...dependencies]);
      graph.link(tag, dependencies);
    },
    sync: async (signal) => signal?.throwIfAborted(),
    close: async () => undefined,
  };
}

function createMemoryLeases(clock: Clock): Leases {
  const held = new Map<string, { until: number }>();
  return {
    async acquire(key, durationMs): Promise<Lease | undefined> {
      const holder = held.get(key);
      if (holder !== undefined && holder.until > clock.monotonic()) return undefined;
      const mine = { until: clock.monotonic() + durationMs };
      held.set(key, mine);
      const isMine = (): boolean => held.get(key) === mine && mine.until > clock.monotonic();
      return {
        async renew() {
          if (!isMine()) return false;
          mine.until = clock.monotonic() + durationMs;
          return true;
        },
        async release() {
          if (held.get(key) === mine) held.delete(key);
        },
      };
    },
  };
}
