export { openSqliteStore, type SqliteStoreOptions } from "./store/sqlite/open.ts";
export type { Durability } from "./store/sqlite/durability.ts";
