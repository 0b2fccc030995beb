import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { missingRedis, startTestRedis } from "./cache/redis/test-redis.ts";
import { loadConfig } from "./config.ts";
import { systemClock } from "./core/clock.ts";
import type { LimitsState } from "./core/events.ts";
import { createLog } from "./core/log.ts";
import { type Host, openHost } from "./host.ts";
import { createServer } from "./http/server.ts";
import { postgresForTests } from "./store/postgres/test-server.ts";

const REDIS = process.env["MILLRACE_REDIS_SERVER"] ?? "/usr/bin/redis-server";
const noRedis = missingRedis(REDIS, process.env["CI"] === "true");
const server = await postgresForTests(process.env);
if (typeof server !== "string") after(() => server.close());
const folder = mkdtempSync(join(tmpdir(), "millrace-host-limits-"));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Opened {
  readonly host: Host;
  readonly lines: string[];
  readonly told: LimitsState[];
}

async function open(environment: Readonly<Record<string, string>>, makesData = true): Promise<Opened> {
  const lines: string[] = [];
  const log = createLog({ level: "info", destination: { write: (line) => void lines.push(line) } });
  const config = await loadConfig({ environment, cwd: folder, flags: { data: folder } });
  const host = await openHost({ config, log, makesData });
  const told: LimitsState[] = [];
  host.events.on("limits-change", (event) => void told.push(event));
  return { host, lines, told };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let looks = 0; !isSo(); looks++) {
    assert.ok(looks < 12_000, "it never came to that");
    await systemClock.sleep(5);
  }
}

describe("limits of a host", () => {
  it("are its own on SQLite", async () => {
    const { host } = await open({});
    assert.deepEqual(host.limits.state(), { mode: "own", share: 1, processes: 1 });
    await host.close();
  });

  it(
    "are divided by the processes that live on one Postgres, or as was said",
    { skip: typeof server === "string" ? server : false },
    async () => {
      assert.ok(typeof server !== "string");
      const url = await server.database();
      const first = await open({ MILLRACE_DATABASE_URL: url });
      const second = await open({ MILLRACE_DATABASE_URL: url });
      const stated = await open({ MILLRACE_DATABASE_URL: url, MILLRACE_LIMITS_SHARE: "0.2" });
      try {
        assert.deepEqual(first.host.limits.state(), { mode: "share", share: 1, processes: 1 });
        assert.deepEqual(second.host.limits.state(), { mode: "share", share: 0.5, processes: 2 });
        assert.deepEqual(stated.host.limits.state(), { mode: "share", share: 0.2, processes: 3 });
        assert.match(second.lines.join(""), /"level":"warn".*each process takes its part/);
      } finally {
        for (const { host } of [first, second, stated]) await host.close();
      }
      const last = await open({ MILLRACE_DATABASE_URL: url });
      assert.equal(last.host.limits.state().processes, 1, "who closes is counted no longer");
      const visitor = await open({ MILLRACE_DATABASE_URL: url }, false);
      const next = await open({ MILLRACE_DATABASE_URL: url });
      assert.deepEqual(
        [visitor.host.limits.state().processes, next.host.limits.state().processes],
        [1, 2],
        "a command that looks and goes is counted",
      );
      await visitor.host.close();
      await next.host.close();
      await last.host.close();
    },
  );

  it(
    "are shared through Redis; while it is away that is said by event, log and /api/health",
    { skip: noRedis ?? false },
    async () => {
      const redis = await startTestRedis(REDIS);
      const { host, lines, told } = await open({ MILLRACE_REDIS_URL: redis.url, MILLRACE_LIMITS_SHARE: "0.5" });
      try {
        const health = await createServer({
          ...host,
          host: "127.0.0.1",
          port: 0,
          version: "1",
          timezone: "UTC",
          providers: [],
          dashboard: folder,
          cache: host.cache,
          calls: { ledger: host.calls, routes: () => host.ai.routes() },
          metrics: host.observe.metrics,
          limitsState: () => host.limits.state(),
          serves: "health",
        });
        const shown = async (): Promise<unknown> => {
          const answer = await health.inject({ url: "/api/health", headers: { host: "127.0.0.1" } });
          return answer.json<{ limits: unknown }>().limits;
        };
        assert.deepEqual(await shown(), { mode: "shared", share: 0.5, processes: 1 });
        assert.equal((await health.inject({ url: "/metrics", headers: { host: "127.0.0.1" } })).statusCode, 200);
        assert.equal((await health.inject({ url: "/api/ready", headers: { host: "127.0.0.1" } })).statusCode, 503);
        assert.equal((await health.inject({ url: "/api/runs", headers: { host: "127.0.0.1" } })).statusCode, 404);
        await redis.kill();
        await host.limits.sharing
          ?.rateLimiter("m", { clock: systemClock, axes: { requests: { limit: 100, perMs: 10 } } })
          .reserve({ requests: 1 });
        assert.deepEqual(await shown(), { mode: "share", share: 0.5, processes: 1 });
        assert.match(lines.join(""), /Redis does not answer/);
        await redis.start();
        await until(() => told.length === 2);
        assert.deepEqual(
          told.map(({ mode }) => mode),
          ["share", "shared"],
        );
        await health.close();
      } finally {
        await host.close();
        await redis.close();
      }
    },
  );
});
