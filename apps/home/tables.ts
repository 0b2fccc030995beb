import type { AppHost, Database } from "millrace";

/** Lists of habits name their suggestions, so whatever is written to one of the two outdates what was read from either. */
const TABLES = ["home_patterns", "home_suggestions"];

const OPTIONS = {
  tables: TABLES,
  ttl: "5m",
  // Another process may have decided a moment ago.
  isStrict: true,
  // A copy in the database of what the database holds would cost more than it saves.
  levels: { database: false, files: false },
} as const;

type Host = Pick<AppHost<never>, "db" | "queries">;

/** The database with the writes of habits and suggestions: each evicts the answers that were made of them. */
export function evictingTables({ db, queries }: Host): Database {
  return {
    ...db,
    write: (statements) => queries.write(statements, { tables: TABLES }),
    insertMany: (params) => queries.writing(TABLES, () => db.insertMany(params)),
  };
}

/** The database for the lists of habits and suggestions alone: what is read is kept until it is written, here or in another process. */
export function keptTables(host: Host): Database {
  const { queries } = host;
  return {
    ...evictingTables(host),
    get: (sql, params = {}) => queries.get(sql, params, OPTIONS),
    all: (sql, params = {}) => queries.all(sql, params, OPTIONS),
  };
}

/** Outdates what was read of habits and suggestions, for writes that go past `evictingTables`: those of a step's own transaction. */
export function outdateTables({ queries }: Pick<Host, "queries">): Promise<void> {
  return queries.writing(TABLES, () => Promise.resolve());
}
