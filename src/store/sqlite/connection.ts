import { DatabaseSync } from "node:sqlite";
import type { SqlValue } from "../store.ts";
import type { Durability } from "./durability.ts";
import { isBusy } from "./sqlite-error.ts";

export interface ConnectionParams {
  readonly path: string;
  readonly durability: Durability;
  readonly readOnly: boolean;
  /** How much of the file the connection keeps in memory at most, in KiB. Default 16,384. */
  readonly cacheKib?: number;
}

const BUSY_TIMEOUT_MS = 30_000;
/** A page that is not kept comes from the system's cache of the file, which all connections share. */
const CACHE_KIB = 16_384;
/** A reset journal is cut back to this size; a burst may be larger while it lasts. */
const WAL_KEPT_BYTES = 16 * 1024 * 1024;
/** SQLite's own checkpoint, should the writer's never come to its turn: 32 MB of journal. */
const WAL_LONGEST_PAGES = 8_000;

/** Opens a connection and sets it up the same way as every other one. */
export function openConnection({ path, durability, readOnly, cacheKib = CACHE_KIB }: ConnectionParams): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS });
  try {
    if (!readOnly) setJournal(database);
    database.exec(`
      pragma synchronous = ${durability};
      pragma cache_size = -${cacheKib};
      pragma temp_store = memory;
      pragma foreign_keys = on;
      pragma wal_autocheckpoint = ${WAL_LONGEST_PAGES};
      pragma journal_size_limit = ${WAL_KEPT_BYTES};`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

const PRAGMAS = ["journal_mode", "synchronous", "cache_size", "temp_store", "foreign_keys", "busy_timeout"] as const;

/** Reads a connection's settings back from it. */
export function readSettings(database: DatabaseSync): Readonly<Record<string, SqlValue>> {
  return Object.fromEntries(
    PRAGMAS.map((name) => [name, Object.values(database.prepare(`pragma ${name}`).get() ?? {})[0] ?? null]),
  );
}

// Two processes that turn a new file to WAL at once: SQLite refuses one of them without waiting, to avoid a deadlock.
function setJournal(database: DatabaseSync): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let left = BUSY_TIMEOUT_MS; ; left -= 10) {
    try {
      database.exec("pragma journal_mode = wal");
      return;
    } catch (error) {
      if (!isBusy(error) || left <= 0) throw error;
      Atomics.wait(pause, 0, 0, 10);
    }
  }
}
