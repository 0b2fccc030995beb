import type { Config } from "./config.ts";
import type { Clock } from "./core/clock.ts";
import type { Log } from "./core/log.ts";
import { openSqliteStore } from "./store/sqlite/open.ts";
import type { Store } from "./store/store.ts";

export interface OpenHostStoreOptions {
  readonly config: Config;
  /** An empty one in a temporary folder, instead of one in the data folder. */
  readonly isStandIn: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens the store that a configuration describes: Postgres where there is an address, else SQLite in the data folder. */
export async function openHostStore({ config, isStandIn, clock, log }: OpenHostStoreOptions): Promise<Store> {
  const { database, role, durability } = config;
  if (database === undefined) {
    return await openSqliteStore({ directory: isStandIn ? ":memory:" : config.data, clock, log, durability });
  }
  const { openPostgresStore } = await import("./store/postgres/open.ts");
  return await openPostgresStore({ ...database, clock, log, executes: role === "web" ? "none" : "many" });
}
