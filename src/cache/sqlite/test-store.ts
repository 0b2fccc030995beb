import { systemClock } from "../../core/clock.ts";
import { openSqliteStore } from "../../store/sqlite/open.ts";
import type { Store } from "../../store/store.ts";

const CACHE_TABLES = "select name from sqlite_master where type = 'table' and name like 'cache\\_%' escape '\\'";

/** A store that tests use one after the other: opening one costs more than most of them take. */
export interface TestStore {
  /** Its cache is empty, as if nothing had ever been kept. */
  empty(): Promise<Store>;
  close(): Promise<void>;
}

/** Opens the store in the folder when it is first asked for. */
export function createTestStore(directory: string): TestStore {
  let store: Promise<Store> | undefined;
  return {
    async empty() {
      const opened = await (store ??= openSqliteStore({ directory, clock: systemClock }));
      const tables = await opened.db.all(CACHE_TABLES);
      if (tables.length > 0) await opened.db.write(tables.map(({ name }) => ({ sql: `delete from ${String(name)}` })));
      return opened;
    },
    async close() {
      await (await store)?.close();
    },
  };
}
