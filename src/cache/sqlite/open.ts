import type { Clock } from "../../core/clock.ts";
import type { Ids } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import type { Backend, CacheDatabase } from "../contract.ts";
import { createSharedJournal } from "../journal/shared-journal.ts";
import { createSqliteJournalStorage } from "./journal-storage.ts";
import { createSqliteLeases } from "./leases.ts";
import { createSqliteLevel } from "./level.ts";

/** The store's `Database` fits. */
export interface SqliteCacheDatabase extends CacheDatabase {
  migrate(params: { readonly owner: string; readonly directory: URL }): Promise<void>;
}

export interface SqliteBackendOptions {
  /** The store's database, or one of the cache's own. Closed by whoever opened it. */
  readonly db: SqliteCacheDatabase;
  readonly clock: Clock;
  /** Makes the tokens of leases. */
  readonly ids: Ids;
  readonly log?: Log;
  /** Payloads together, in bytes. Default 1 GB. */
  readonly maxBytes?: number;
  /** Default 1,000,000. */
  readonly maxItems?: number;
  /** A longer payload is left out. Default 1 MiB. */
  readonly maxEntryBytes?: number;
  /** How often other processes' invalidations are looked for, in milliseconds; a look is one small read. Default 25. */
  readonly pollMs?: number;
  /** How many scopes (keys, tags, patterns) the journal remembers. Default 50,000. */
  readonly maxRecords?: number;
}

const MIGRATIONS = new URL("./migrations/", import.meta.url);

/** Opens the cache's tables in a SQLite database, which all processes of this machine may share. */
export async function openSqliteBackend({
  db,
  clock,
  ids,
  log,
  maxBytes = 1_000_000_000,
  maxItems = 1_000_000,
  maxEntryBytes = 1_048_576,
  pollMs = 25,
  maxRecords = 50_000,
}: SqliteBackendOptions): Promise<Backend> {
  await db.migrate({ owner: "cache", directory: MIGRATIONS });
  const level = createSqliteLevel({ db, clock, maxBytes, maxItems, maxEntryBytes });
  const storage = await createSqliteJournalStorage({ db, clock, maxRecords });
  const journal = createSharedJournal({ storage, clock, log, pollMs, maxRecords });
  await journal.sync();
  return {
    level,
    journal,
    leases: createSqliteLeases({ db, clock, ids }),
    async close() {
      await journal.close();
      await level.close();
    },
  };
}
