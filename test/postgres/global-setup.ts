import { findPostgres, startTestPostgres, type TestPostgres } from "../../src/store/postgres/test-postgres.ts";

let server: TestPostgres | undefined;

/** One Postgres for all test files of a run: they inherit the variable. */
export async function globalSetup(): Promise<void> {
  const bin = findPostgres(process.env);
  if (bin === undefined || process.env["MILLRACE_TEST_POSTGRES"] !== undefined) return;
  server = await startTestPostgres(bin);
  process.env["MILLRACE_TEST_POSTGRES"] = server.url;
}

export async function globalTeardown(): Promise<void> {
  await server?.close();
}
