import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { z } from "zod";
import { loadConfig, type UserConfig } from "./config.ts";
import { createLog } from "./core/log.ts";
import { createManualClock } from "./core/manual-clock.ts";
import { type Host, openHost } from "./host.ts";
import { createServer, type Server } from "./http/server.ts";
import type { MetricsSummary } from "./observe/metrics/summary.ts";
import type { ProcessSample, ProcessSampler } from "./observe/process-sample.ts";
import { defineAutomation as automation } from "./runs/automation.ts";
import { on } from "./runs/trigger.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-observe-"));
after(() => rmSync(folder, { recursive: true }));

/** Of Debian's package prometheus. */
const PROMTOOL = "promtool";

const CALM: ProcessSample = {
  rssBytes: 100e6,
  heapUsedBytes: 50e6,
  heapLimitBytes: 1_000e6,
  externalBytes: 5e6,
  cpuShare: 0.1,
  loopDelayMs: 1,
};

interface Ground {
  readonly host: Host;
  readonly server: Server;
  readonly clock: ReturnType<typeof createManualClock>;
  readonly press: (sample: Partial<ProcessSample>) => void;
  readonly said: string[];
}

async function withHost(
  content: UserConfig,
  body: (ground: Ground) => Promise<void>,
  directory?: string,
): Promise<void> {
  const clock = createManualClock(Date.UTC(2026, 0, 1, 10));
  const data = directory ?? mkdtempSync(join(folder, "data-"));
  const config = await loadConfig({ content: { data, ...content }, environment: {}, cwd: folder });
  const said: string[] = [];
  let sample = CALM;
  const sampler: ProcessSampler = { sample: () => sample, close: () => undefined };
  const log = createLog({ level: "info", destination: { write: (line) => void said.push(line) } });
  const host = await openHost({ config, clock, log, sampler, automations: [sum] });
  const { store, engine, cache, audit, observe, routes, events, ids } = host;
  const server = await createServer({
    host: "127.0.0.1",
    port: 0,
    version: "0.0.0",
    timezone: "UTC",
    providers: [],
    dashboard: join(folder, "none"),
    store,
    engine,
    role: () => host.role(),
    cache,
    audit,
    metrics: observe.metrics,
    pressure: () => observe.pressure(),
    routes,
    events,
    clock,
    ids,
    log,
  });
  try {
    await body({ host, server, clock, press: (changes) => void (sample = { ...CALM, ...changes }), said });
  } finally {
    await server.close();
    await host.close();
  }
}

const sum = automation("sum", { on: [on.manual(z.object({ n: z.number() }))] }, async ({ event, step }) =>
  step.run("add", () => event.data.n + 1),
);

async function start(server: Server, n: number): Promise<{ readonly status: number; readonly id: string }> {
  const answer = await server.inject({ method: "POST", url: "/api/automations/sum/runs", payload: { input: { n } } });
  return { status: answer.statusCode, id: answer.json<{ readonly id: string }>().id };
}

describe("GET /metrics", () => {
  it("gives what a Prometheus can read, of requests, runs, statements, cache and process", async () => {
    await withHost({}, async ({ host, server }) => {
      await host.start();
      const { id } = await start(server, 1);
      await host.engine.ended(id);
      await server.inject(`/api/runs/${id}`);
      await server.inject("/api/nothing");
      const answer = await server.inject("/metrics");
      assert.match(String(answer.headers["content-type"]), /^text\/plain; version=0\.0\.4/);
      const values = parsePrometheus(answer.body);
      const expected: Readonly<Record<string, number>> = {
        'millrace_http_requests_total{method="GET",route="/api/runs/:id",code="200"}': 1,
        'millrace_http_requests_total{method="POST",route="/api/automations/:name/runs",code="202"}': 1,
        'millrace_http_request_duration_seconds_count{method="GET",route="/api/runs/:id"}': 1,
        'millrace_http_request_duration_seconds_bucket{method="GET",route="/api/runs/:id",le="+Inf"}': 1,
        millrace_http_requests_in_flight: 1,
        'millrace_runs_ended_total{automation="sum",status="done"}': 1,
        'millrace_steps_total{state="done"}': 1,
        'millrace_runs{status="queued"}': 0,
        millrace_pressure_level: 0,
      };
      for (const [name, value] of Object.entries(expected)) assert.equal(values.get(name), value, name);
      for (const name of [
        "process_resident_memory_bytes",
        "millrace_heap_used_bytes",
        'millrace_db_query_duration_seconds_count{op="runs.admit"}',
        'millrace_cache_entries{level="memory"}',
      ]) {
        assert.ok((values.get(name) ?? -1) >= 0, name);
      }
      assert.ok(values.size < 2_000, `${values.size} series`);
      assert.ok(![...values.keys()].some((name) => name.includes(id)), "a label holds an id");
    });
  });

  const promtool = spawnSync(PROMTOOL, ["--version"]).status === 0;
  it("passes promtool", { skip: promtool ? false : "promtool is not installed" }, async () => {
    await withHost({}, async ({ host, server, clock }) => {
      await host.start();
      const { id } = await start(server, 1);
      await host.engine.ended(id);
      await clock.advance(5_000);
      const { body } = await server.inject("/metrics");
      const { status, stdout, stderr } = spawnSync(PROMTOOL, ["check", "metrics"], { input: body, encoding: "utf8" });
      assert.equal(status, 0, `${stdout}${stderr}`);
    });
  });

  it("keeps the number of series bounded, whatever comes as method or path", async () => {
    await withHost({}, async ({ server }) => {
      for (let index = 0; index < 300; index++) await server.inject(`/api/nothing/${index}`);
      const values = parsePrometheus((await server.inject("/metrics")).body);
      const routes = [...values.keys()].filter((name) => name.startsWith("millrace_http_requests_total"));
      assert.ok(routes.length < 5, routes.join("\n"));
    });
  });
});

/** A strict reader of the text format 0.0.4: every sample after the TYPE of its family, every family once, no series twice. */
function parsePrometheus(text: string): Map<string, number> {
  const values = new Map<string, number>();
  const types = new Map<string, string>();
  let family = "";
  for (const line of text.split("\n").slice(0, -1)) {
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram)$/.exec(line);
    if (type !== null) {
      family = type[1] ?? "";
      assert.ok(!types.has(family), `${family} comes twice`);
      types.set(family, type[2] ?? "");
      continue;
    }
    if (/^# HELP [a-zA-Z_:][\w:]* \S/.test(line)) continue;
    const sample = /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)+\})? (\S+)$/.exec(line);
    assert.ok(sample, `not a line of the format: ${line}`);
    const [, name = "", labels = "", value = ""] = sample;
    assert.ok(name === family || (types.get(family) === "histogram" && name.startsWith(`${family}_`)), line);
    if (types.get(family) === "counter") assert.ok(name.endsWith("_total"), line);
    assert.ok(!values.has(name + labels), `${name}${labels} comes twice`);
    values.set(name + labels, value === "+Inf" ? Infinity : Number(value));
  }
  assert.ok(text.endsWith("\n"));
  return values;
}

describe("GET /api/metrics/summary", () => {
  async function summaryOf(server: Server, range = "hour"): Promise<MetricsSummary> {
    return (await server.inject(`/api/metrics/summary?range=${range}`)).json<MetricsSummary>();
  }

  it("tells times by route and by the minute, written every 5 s, and again after a restart", async () => {
    const directory = mkdtempSync(join(folder, "data-"));
    await withHost(
      {},
      async ({ host, server, clock }) => {
        await host.start();
        for (let index = 0; index < 30; index++) await server.inject("/api/health");
        await clock.advance(5_000);
        await until(async () => {
          const rows = await host.store.db.all("select span from metrics order by span");
          return rows.map(({ span }) => span).join() === "hour,minute";
        });
      },
      directory,
    );
    await withHost(
      {},
      async ({ host, server }) => {
        await host.start();
        const summary = await summaryOf(server);
        assert.equal(summary.columns.length, 60);
        assert.equal(summary.columns.at(-1)?.requests?.count, 30);
        assert.deepEqual([summary.routes[0]?.name, summary.routes[0]?.count], ["GET /api/health", 30]);
        assert.equal(summary.columns.at(-1)?.rssBytes, 100e6);
        assert.equal((await summaryOf(server, "day")).columns.at(-1)?.requests?.count, 31);
        assert.equal((await summaryOf(server, "month")).columns.length, 30);
        assert.equal((await server.inject("/api/metrics/summary?range=year")).statusCode, 400);
      },
      directory,
    );
  });

  it("judges objectives of the configuration all the time, and tells by an event when one is missed", async () => {
    const objectives = {
      "memory-steady": { kind: "memory", belowBytes: 150e6, share: 0.9 },
      "hit-rate": false,
    } as const;
    await withHost({ observe: { objectives } }, async ({ host, server, clock, press }) => {
      const heard: unknown[] = [];
      host.events.on("objective-change", ({ objective, state }) => void heard.push([objective, state]));
      await host.start();
      await clock.advance(10_000);
      const before = (await summaryOf(server)).objectives.find(({ name }) => name === "memory-steady");
      assert.deepEqual([before?.state, before?.share, before?.burn.minutes5], ["met", 1, 0]);
      press({ rssBytes: 200e6 });
      await clock.advance(60_000);
      const summary = await summaryOf(server);
      const missed = summary.objectives.find(({ name }) => name === "memory-steady");
      assert.equal(missed?.state, "missed");
      assert.ok((missed?.burn.hour ?? 0) > 5);
      assert.equal(missed?.alert, "page");
      assert.ok(heard.some((each) => JSON.stringify(each) === '["memory-steady","missed"]'));
      assert.ok(!summary.objectives.some(({ name }) => name === "hit-rate"));
      assert.equal(
        summary.objectives.find(({ name }) => name === "api-p95")?.words,
        "95 % of answers of the API within 200 ms",
      );
    });
  });

  it("deletes what is older than it keeps", async () => {
    await withHost({}, async ({ host, clock }) => {
      await host.start();
      const old = async (span: string): Promise<unknown> => {
        const sql = "select count(*) as n from metrics where span = :span and at < :before";
        return (await host.store.db.get(sql, { span, before: Date.UTC(2026, 0, 2) }))?.["n"];
      };
      await clock.advance(5_000);
      await until(async () => (await old("minute")) === 1);
      clock.jump(3 * 86_400_000);
      await until(async () => {
        await clock.advance(5_000);
        return (await old("minute")) === 0;
      });
      assert.equal(await old("hour"), 1);
    });
  });
});

/** Writes travel over a thread: the loop turns until they are there. */
async function until(isThere: () => Promise<boolean>): Promise<void> {
  for (const startedAt = performance.now(); !(await isThere());) {
    assert.ok(performance.now() - startedAt < 60_000, "it never came");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const SMALL = { observe: { memory: { limitBytes: 1_000e6 } } };

describe("under pressure", () => {
  it("shrinks the cache at once, starts fewer runs, says so, and recovers when it is over", async () => {
    await withHost({}, async ({ host, server, clock, press, said }) => {
      const heard: string[] = [];
      host.events.on("pressure-change", ({ level }) => void heard.push(level));
      await host.start();
      for (let index = 0; index < 100; index++) await host.cache.cache.set(`k:${index}`, "x".repeat(50_000));
      const bytes = async () =>
        (await host.cache.cache.stats()).levels.find(({ name }) => name === "memory")?.bytes ?? 0;
      const full = await bytes();
      press({ heapUsedBytes: 800e6 });
      await clock.advance(500);
      assert.deepEqual(heard, ["high"]);
      assert.ok((await bytes()) <= full / 2);
      assert.ok(said.some((line) => line.includes("gives way") && line.includes("80 %")));
      assert.equal((await server.inject("/api/ready")).statusCode, 200);
      press({});
      await clock.advance(600);
      assert.deepEqual(heard, ["high", "normal"]);
      await clock.advance(30_000);
      for (let index = 0; index < 100; index++) await host.cache.cache.set(`n:${index}`, "x".repeat(50_000));
      assert.ok((await bytes()) > 0.9 * full);
    });
  });

  it("refuses heavy requests and starts no run at the last level, answers the rest, and goes on afterwards", async () => {
    await withHost(SMALL, async ({ host, server, clock, press }) => {
      await host.start();
      const kept = await start(server, 1);
      await host.engine.ended(kept.id);
      press({ rssBytes: 900e6 });
      await clock.advance(600);
      const refused = await server.inject({
        method: "POST",
        url: "/api/automations/sum/runs",
        payload: { input: { n: 1 } },
      });
      assert.deepEqual([refused.statusCode, refused.headers["retry-after"]], [503, "5"]);
      assert.equal(refused.json<{ readonly code: string }>().code, "CAPACITY_REACHED");
      assert.equal((await server.inject(`/api/runs/${kept.id}`)).statusCode, 200);
      assert.equal((await server.inject({ method: "DELETE", url: "/api/cache" })).statusCode, 200);
      const ready = await server.inject("/api/ready");
      assert.equal(ready.statusCode, 503);
      assert.match(ready.body, /The memory is 90 % of its limit/);
      // What comes past the server is admitted, and waits.
      const { runId } = await host.engine.trigger("sum", { n: 2 });
      await clock.advance(3_000);
      assert.equal((await host.store.runs.get(runId))?.status, "queued");
      press({});
      await clock.advance(5_000);
      assert.equal((await host.engine.ended(runId)).status, "done");
      assert.equal((await start(server, 3)).status, 202);
    });
  });

  it("does not flutter at a bound", async () => {
    await withHost(SMALL, async ({ host, clock, press }) => {
      const heard: string[] = [];
      host.events.on("pressure-change", ({ level }) => void heard.push(level));
      await host.start();
      for (let index = 0; index < 20; index++) {
        press({ rssBytes: index % 2 === 0 ? 752e6 : 748e6 });
        await clock.advance(500);
      }
      assert.deepEqual(heard, ["high"]);
    });
  });
});

describe("the audit log of a host", () => {
  it("names who started, canceled and retried a run, made the cache forget, and which configuration was seen", async () => {
    await withHost({}, async ({ host, server }) => {
      const { id } = await start(server, 1);
      await server.inject({ method: "POST", url: `/api/runs/${id}/cancel` });
      await server.inject({ method: "POST", url: `/api/runs/${id}/cancel` });
      await server.inject({ method: "POST", url: `/api/runs/${id}/retry` });
      await server.inject({ method: "POST", url: "/api/cache/invalidate", payload: { tag: "weather" } });
      await host.start();
      const page = (await server.inject("/api/audit?limit=3")).json<AuditPageBody>();
      assert.equal(page.total, 5);
      const rest = (await server.inject(`/api/audit?limit=3&cursor=${page.next}`)).json<AuditPageBody>();
      assert.equal(rest.next, null);
      assert.deepEqual(
        [...page.items, ...rest.items]
          .map(({ actor, action, subject }) => `${actor} ${action} ${subject.slice(0, 4)}`)
          .toSorted(),
        [
          "loopback cache.evict cach",
          "loopback run.cancel run:",
          "loopback run.retry run:",
          "loopback run.start run:",
          "millrace config.seen conf",
        ],
      );
      const canceled = (await server.inject("/api/audit?action=run.cancel&actor=loopback")).json<AuditPageBody>();
      assert.deepEqual([canceled.total, canceled.items[0]?.subject], [1, `run:${id}`]);
      assert.equal((await server.inject("/api/audit?to=2020-01-01T00:00:00Z")).json<AuditPageBody>().total, 0);
      assert.equal((await server.inject("/api/audit?from=yesterday")).statusCode, 400);
      assert.equal((await server.inject(`/api/audit?action=other&cursor=${page.next}`)).statusCode, 400);
      const verdict = (await server.inject({ method: "POST", url: "/api/audit/verify" })).json<{
        readonly kind: string;
      }>();
      assert.equal(verdict.kind, "whole");
    });
  });

  it("holds no secret of the configuration", async () => {
    const apiKey = "sk-ant-REDACTED";
    await withHost({ providers: { anthropic: { apiKey } } }, async ({ host }) => {
      await host.start();
      assert.ok(!JSON.stringify((await host.audit.list()).entries).includes(apiKey));
    });
  });
});

interface AuditPageBody {
  readonly items: readonly { readonly actor: string; readonly action: string; readonly subject: string }[];
  readonly total: number;
  readonly next: string | null;
}
