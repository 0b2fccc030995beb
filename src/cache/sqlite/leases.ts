import type { Clock } from "../../core/clock.ts";
import type { Ids } from "../../core/ids.ts";
import type { CacheDatabase, Leases } from "../contract.ts";

/**
 * Taken over when it ran out, or was taken further in the future than a lease lasts, as after a clock that was set back. A moment in the
 * future is none: who asks reads the clock first and may wait for the writer while another one is served.
 */
const ACQUIRE = `
  insert into cache_leases (key, token, taken_at, until) values (:key, :token, :now, :until)
  on conflict (key) do update set token = excluded.token, taken_at = excluded.taken_at, until = excluded.until
  where until <= excluded.taken_at or cache_leases.taken_at > excluded.until`;
const FORGET = "delete from cache_leases where key in (select key from cache_leases where until <= :now limit 10)";
const RENEW = `
  update cache_leases set taken_at = :now, until = :until where key = :key and token = :token and until > :now`;
const RELEASE = "delete from cache_leases where key = :key and token = :token";

export interface LeasesOptions {
  readonly db: CacheDatabase;
  readonly clock: Clock;
  readonly ids: Ids;
}

export function createSqliteLeases({ db, clock, ids }: LeasesOptions): Leases {
  return {
    async acquire(key, durationMs) {
      const token = ids.next();
      const now = clock.now();
      const acquired = await db.write([
        { sql: FORGET, params: { now } },
        { sql: ACQUIRE, params: { key, token, now, until: now + durationMs }, atLeast: 1 },
      ]);
      if (acquired === undefined) return undefined;
      return {
        async renew() {
          const now = clock.now();
          const params = { key, token, now, until: now + durationMs };
          return (await db.write([{ sql: RENEW, params, atLeast: 1 }])) !== undefined;
        },
        async release() {
          await db.write([{ sql: RELEASE, params: { key, token } }]);
        },
      };
    },
  };
}
