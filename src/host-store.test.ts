import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { APPS } from "./apps.ts";
import { loadConfig } from "./config.ts";
import { MillraceError } from "./core/errors.ts";
import { createLog } from "./core/log.ts";
import { openHost } from "./host.ts";
import { automation, on } from "./index.ts";
import { postgresForTests } from "./store/postgres/test-server.ts";

const server = await postgresForTests(process.env);
if (typeof server !== "string") after(() => server.close());
const folder = mkdtempSync(join(tmpdir(), "millrace-host-store-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const log = createLog({ level: "silent" });

const double = automation("double", { on: [on.manual()] }, async ({ step }) => ({
  twice: await step.run("twice", () => 42),
}));

const flags = { data: folder };

async function mistakesOf(environment: Readonly<Record<string, string>>): Promise<string> {
  const error: unknown = await loadConfig({ environment, cwd: folder, flags }).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof MillraceError);
  return error.message;
}

describe("a host on Postgres", { skip: typeof server === "string" ? server : false }, () => {
  it("opens Postgres where MILLRACE_DATABASE_URL says so, and all apps on it", async () => {
    assert.ok(typeof server !== "string");
    const lines: string[] = [];
    const spoken = createLog({ level: "warn", destination: { write: (line) => void lines.push(line) } });
    const environment = { MILLRACE_DATABASE_URL: await server.database() };
    const config = await loadConfig({ apps: APPS, environment, cwd: folder, flags });
    const host = await openHost({ config, apps: APPS, log: spoken, automations: [double] });
    try {
      assert.equal((await host.store.describe()).kind, "postgres");
      assert.match(lines.join(""), /MILLRACE_REDIS_URL/);
      assert.equal(await host.start(), "owner");
      const { runId } = await host.engine.trigger("double");
      assert.equal((await host.engine.ended(runId)).output, '{"twice":42}');
    } finally {
      await host.close();
    }
  });

  it("leaves runs to the workers where it is to serve only", async () => {
    assert.ok(typeof server !== "string");
    const url = await server.database();
    const open = async (role: string) => {
      const environment = { MILLRACE_DATABASE_URL: url, MILLRACE_ROLE: role };
      const config = await loadConfig({ environment, cwd: folder, flags });
      return await openHost({ config, log, automations: [double] });
    };
    const web = await open("web");
    const worker = await open("worker");
    try {
      assert.deepEqual([await web.start(), await worker.start()], ["guest", "owner"]);
      const { runId } = await web.engine.trigger("double");
      assert.equal((await web.engine.ended(runId)).output, '{"twice":42}');
    } finally {
      await web.close();
      await worker.close();
    }
  });
});

describe("a host's choice of database", () => {
  it("names an address that is none, a pool that cannot be, and a role that needs another database", async () => {
    assert.match(
      await mistakesOf({ MILLRACE_DATABASE_URL: "mysql://there" }),
      /MILLRACE_DATABASE_URL: .*postgres:\/\//,
    );
    assert.match(await mistakesOf({ MILLRACE_ROLE: "web" }), /MILLRACE_ROLE: web needs .*MILLRACE_DATABASE_URL/);
    assert.match(await mistakesOf({ MILLRACE_ROLE: "queen" }), /all, web, worker/);
    assert.match(await mistakesOf({ MILLRACE_DURABILITY: "some" }), /MILLRACE_DURABILITY.*normal, full/s);
    const both = { MILLRACE_DURABILITY: "full", MILLRACE_DATABASE_URL: "postgres://127.0.0.1:1/none" };
    assert.match(await mistakesOf(both), /MILLRACE_DURABILITY: is for SQLite; .*synchronous_commit/);
  });

  it("flushes SQLite's commits to the disk where they are to survive power loss", async () => {
    const flushOf = async (environment: Readonly<Record<string, string>>): Promise<unknown> => {
      const config = await loadConfig({ environment, cwd: folder, flags });
      const host = await openHost({ config, log });
      try {
        return (await host.store.db.get("select synchronous from pragma_synchronous"))?.["synchronous"];
      } finally {
        await host.close();
      }
    };
    assert.equal(await flushOf({}), 1);
    assert.equal(await flushOf({ MILLRACE_DURABILITY: "full" }), 2);
  });

  it("says where a database is that does not answer, without its password", async () => {
    const environment = { MILLRACE_DATABASE_URL: "postgres://me:secret-word@127.0.0.1:1/none" };
    const config = await loadConfig({ environment, cwd: folder, flags });
    const error: unknown = await openHost({ config, log }).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof MillraceError);
    assert.equal(error.code, "DATA_UNUSABLE");
    assert.match(error.message, /127\.0\.0\.1:1\/none/);
    assert.doesNotMatch(`${error.message} ${JSON.stringify(error.facts)} ${error.advice}`, /secret-word/);
  });
});
