export { openPostgresStore, type PostgresStoreOptions } from "./store/postgres/open.ts";
