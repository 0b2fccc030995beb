import pg from "pg";
import { systemClock } from "../../core/clock.ts";
import { openPostgresStore } from "./open.ts";
import { createTestDatabase, findPostgres, missingPostgres, startTestPostgres } from "./test-postgres.ts";

/** A server for tests, and databases on it. */
export interface PostgresForTests {
  /** Makes an empty database and gives its address. */
  database(): Promise<string>;
  /** One database for the tests of a file, one after the other: empty whenever another place is named. To make one takes half a second. */
  emptied(place: string): Promise<string>;
  close(): Promise<void>;
}

/** The server that all tests of a run share (MILLRACE_TEST_POSTGRES), or one of this file's own. A reason to skip when there is none. */
export async function postgresForTests(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<PostgresForTests | string> {
  const given = environment["MILLRACE_TEST_POSTGRES"];
  const bin = findPostgres(environment);
  const reason = given === undefined ? missingPostgres(bin, environment["CI"] === "true") : undefined;
  if (reason !== undefined) return reason;
  const own = given === undefined && bin !== undefined ? await startTestPostgres(bin) : undefined;
  const url = given ?? own?.url ?? "";
  let count = 0;
  let shared: { readonly url: string; readonly tables: readonly string[] } | undefined;
  let place: string | undefined;

  async function database(): Promise<string> {
    count += 1;
    return await createTestDatabase(url, `test ${process.pid} ${count}`);
  }

  return {
    database,
    async emptied(asked) {
      shared ??= await prepare(await database());
      if (asked !== place) await empty(shared.url, shared.tables);
      place = asked;
      return shared.url;
    },
    close: async () => own?.close(),
  };
}

const TABLES = "select tablename as name from pg_tables where schemaname = 'public'";

/** Makes the tables of a store. */
async function prepare(url: string): Promise<{ readonly url: string; readonly tables: readonly string[] }> {
  const store = await openPostgresStore({ url, clock: systemClock, min: 0, max: 2 });
  const tables = await store.db.all(TABLES);
  await store.close();
  return { url, tables: tables.map(({ name }) => String(name)) };
}

/** Empties the tables of the store and of pg-boss, and drops all others. */
async function empty(url: string, known: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(TABLES);
    const statements = rows.map(({ name }) => {
      if (!known.includes(name)) return `drop table ${pg.escapeIdentifier(name)} cascade`;
      const kept = name === "migrations" ? "owner not like 'millrace%'" : "true";
      return `delete from ${pg.escapeIdentifier(name)} where ${kept}`;
    });
    // Without triggers: some refuse to delete.
    await client.query(["set session_replication_role = replica", ...statements, "delete from pgboss.job"].join(";"));
  } finally {
    await client.end();
  }
}
