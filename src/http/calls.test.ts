import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { createCache } from "../cache/create-cache.ts";
import { createMemoryLevel } from "../cache/memory/memory-level.ts";
import { type CallLedger, type CallRecord, createCallLedger } from "../calls/ledger.ts";
import type { RouteState } from "../calls/routes.ts";
import { createEvents } from "../core/events.ts";
import { createIds } from "../core/ids.ts";
import { createLog } from "../core/log.ts";
import { createManualClock } from "../core/manual-clock.ts";
import { systemRandom } from "../core/random.ts";
import { createCallLedgerStore } from "../host-calls.ts";
import { createEngine } from "../runs/create-engine.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import type { CallActivity, CallDetail, CallsPage, Problem, UsageView } from "./api.ts";
import { createServer, type Server } from "./server.ts";

const NOW = Date.parse("2026-11-24T12:00:00Z");
const MINUTE_MS = 60_000;
const log = createLog({ level: "silent" });
const clock = createManualClock(NOW);
const ids = createIds({ clock, random: systemRandom });

const CALL: CallRecord = {
  at: NOW,
  runId: "run1",
  automation: "digest",
  tenant: null,
  model: "openai/gpt",
  source: "provider",
  error: null,
  key: "answers:openai/gpt/1",
  requests: 1,
  inputTokens: 100,
  outputTokens: 20,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  usd: 0.01,
  savedUsd: 0,
  ageMs: null,
  similarity: null,
  waitMs: 10,
  providerMs: 80,
  ms: 100,
  isBackground: false,
  trail: [{ stage: "provider", model: "openai/gpt", fromMs: 10, toMs: 90, outcome: "provider", isFailure: false }],
};

const STATES: readonly RouteState[] = [
  {
    model: "openai/gpt",
    limits: {
      waiting: 2,
      blockedMs: 5_000,
      axes: {
        requests: { limit: 60, available: 12.4 },
        tokens: { limit: Infinity, available: Infinity },
        "input-tokens": { limit: Infinity, available: Infinity },
        "output-tokens": { limit: Infinity, available: Infinity },
      },
    },
    parallel: { running: 5, waiting: 1, limit: 5 },
    breaker: { status: "open", changedAt: NOW - 1_000, probeAt: NOW + 4_000, failedProbes: 0 },
  },
];

describe("calls over HTTP", () => {
  let store: Store;
  let ledger: CallLedger;
  let server: Server;

  before(async () => {
    store = await openSqliteStore({ directory: ":memory:", clock, log });
    ledger = createCallLedger({ store: createCallLedgerStore(store.db), clock, log });
    const events = createEvents();
    const cache = createCache({ memory: createMemoryLevel(), clock, random: systemRandom });
    server = await createServer({
      host: "127.0.0.1",
      port: 0,
      version: "0.0.0",
      timezone: "UTC",
      providers: [],
      dashboard: "/nowhere",
      role: () => "owner",
      store,
      engine: createEngine({
        store,
        automations: [],
        services: () => ({}),
        clock,
        random: systemRandom,
        ids,
        events,
        log,
        timezone: "UTC",
      }),
      cache: { cache, similarIfOpen: () => undefined, warming: () => undefined },
      calls: { ledger, routes: () => STATES },
      routes: [],
      events,
      clock,
      ids,
      log,
    });
  });

  after(async () => {
    await server.close();
    await ledger.close();
    await store.close();
  });

  beforeEach(() => store.db.write([{ sql: "delete from calls" }, { sql: "delete from call_days" }]));

  function record(...calls: readonly Partial<CallRecord>[]): void {
    for (const call of calls) ledger.record({ ...CALL, ...call });
  }

  async function get<T>(path: string, status = 200): Promise<T> {
    const response = await server.inject({ url: path, headers: { host: "127.0.0.1" } });
    assert.equal(response.statusCode, status, response.body);
    return response.json();
  }

  it("are listed newest first, page by page, under a filter", async () => {
    for (let count = 0; count < 5; count += 1) record({ ms: count }, { model: "other/model" });
    const first = await get<CallsPage>("/api/calls?model=openai/gpt&limit=3");
    assert.deepEqual(
      first.items.map(({ ms }) => ms),
      [4, 3, 2],
    );
    const second = await get<CallsPage>(`/api/calls?model=openai/gpt&limit=3&cursor=${first.next}`);
    assert.deepEqual(
      second.items.map(({ ms }) => ms),
      [1, 0],
    );
    assert.equal(second.next, null);
    const foreign = await get<Problem>(`/api/calls?limit=3&cursor=${first.next}`, 400);
    assert.equal(foreign.code, "CURSOR_INVALID");
    const wrong = await get<Problem>("/api/calls?source=oracle", 400);
    assert.match(wrong.errors?.[0]?.detail ?? "", /provider, memory/);
  });

  it("can be looked at one by one, with where the time went", async () => {
    record({ waitMs: 30, providerMs: 60 }, { source: "failed", error: "CALL_FAILED", waitMs: 90, providerMs: 90 });
    const { items } = await get<CallsPage>("/api/calls");
    const [failed, answered] = items;
    assert.deepEqual(await get<CallDetail>(`/api/calls/${answered?.id}`), { ...answered, trail: CALL.trail });
    assert.deepEqual(answered?.stages, { wait: 30, provider: 60, own: 10 });
    assert.deepEqual([failed?.error, failed?.stages.own], ["CALL_FAILED", 0]);
    assert.equal((await get<Problem>("/api/calls/999999", 404)).code, "NOT_FOUND");
    assert.equal((await get<Problem>("/api/calls/none", 400)).code, "INPUT_INVALID");
  });

  it("are summed by minute and model for the last hour, failures and work behind apart", async () => {
    record({ at: NOW - 61 * MINUTE_MS, ms: 9_999 });
    for (let ms = 1; ms <= 100; ms += 1) record({ at: NOW - 2 * MINUTE_MS, ms, waitMs: 0, providerMs: ms });
    record(
      { at: NOW - MINUTE_MS, source: "memory", ms: 1, usd: 0, savedUsd: 0.01, waitMs: 0, providerMs: 0 },
      { at: NOW - MINUTE_MS, source: "failed", error: "CALL_FAILED", ms: 60_000, usd: null },
      { at: NOW - MINUTE_MS, isBackground: true, ms: 50_000, model: "other/model" },
    );
    const { minutes, models, from, times } = await get<CallActivity>("/api/calls/activity");
    assert.equal(from, "2026-11-24T11:00:00.000Z");
    assert.deepEqual(
      minutes.map(({ at, sources }) => ({ at, sources })),
      [
        { at: "2026-11-24T11:58:00.000Z", sources: { provider: 100 } },
        { at: "2026-11-24T11:59:00.000Z", sources: { provider: 1, failed: 1, memory: 1 } },
      ],
    );
    assert.deepEqual(minutes[0]?.times, { p50: 50, p90: 90, p99: 99 });
    assert.deepEqual(minutes[1]?.times, { p50: 1, p90: 1, p99: 1 });
    assert.deepEqual(times, { p50: 50, p90: 90, p99: 99 });
    assert.deepEqual([minutes[1]?.savedUsd, minutes[0]?.inputTokens], [0.01, 10_000]);
    assert.deepEqual(
      models.map(({ model, calls }) => [model, calls]),
      [["openai/gpt", 101]],
    );
    assert.deepEqual(models[0]?.stages.own, { p50: 0, p90: 0, p99: 0 });
  });

  it("tell of each kind of token: cached, written to the cache, thought, in batches", async () => {
    const kinds = { cacheReadTokens: 60, cacheWriteTokens: 30, reasoningTokens: 15 };
    record({ ...kinds, at: NOW - MINUTE_MS }, { at: NOW - MINUTE_MS, source: "batch" });
    const [batch, call] = (await get<CallsPage>("/api/calls")).items;
    assert.deepEqual(pickKinds(call), kinds);
    assert.deepEqual([batch?.source, batch?.reasoningTokens], ["batch", 0]);
    const { minutes } = await get<CallActivity>("/api/calls/activity");
    assert.deepEqual(pickKinds(minutes[0]), kinds);
    const { items } = await get<{ readonly items: readonly UsageView[] }>("/api/usage?by=model");
    assert.deepEqual([pickKinds(items[0]), items[0]?.batchTokens], [kinds, 120]);
  });

  it("say from when on they are summed where an hour has more than are looked at", async () => {
    record({ at: NOW - 30 * MINUTE_MS });
    record(...Array.from({ length: 5_000 }, () => ({ at: NOW - MINUTE_MS })));
    // The first look waits for the write that so many records began, the second for the rest of them.
    await ledger.list();
    await ledger.list();
    const { from, minutes } = await get<CallActivity>("/api/calls/activity");
    assert.equal(from, "2026-11-24T11:59:00.000Z");
    assert.deepEqual(
      minutes.map(({ sources }) => sources.provider),
      [5_000],
    );
  });

  it("tell how the models stand, with what bounds them and no endless limit", async () => {
    const { routes } = await get<CallActivity>("/api/calls/activity");
    assert.deepEqual(routes, [
      {
        model: "openai/gpt",
        breaker: { status: "open", since: "2026-11-24T11:59:59.000Z", probeAt: "2026-11-24T12:00:04.000Z" },
        parallel: { running: 5, waiting: 1, limit: 5 },
        rate: { waiting: 2, blockedUntil: "2026-11-24T12:00:05.000Z" },
        limits: [{ name: "requests", limit: 60, available: 12 }],
      },
    ]);
  });

  it("are summed up by who, by what and by day, within a span", async () => {
    record({ automation: "digest" }, { automation: "digest", usd: null }, { automation: null, usd: 1 });
    record({ at: NOW - 24 * 60 * MINUTE_MS, usd: 2 });
    type Usage = { readonly items: readonly UsageView[] };
    const byDay = await get<Usage>("/api/usage?by=day");
    assert.deepEqual(
      byDay.items.map(({ group, calls, usd, unpriced }) => [group, calls, usd, unpriced]),
      [
        ["2026-11-24", 3, 1.01, 1],
        ["2026-11-23", 1, 2, 0],
      ],
    );
    const today = await get<Usage>("/api/usage?by=automation&from=2026-11-24T00:00:00Z");
    assert.deepEqual(
      today.items.map(({ group, calls }) => [group, calls]),
      [
        [null, 1],
        ["digest", 2],
      ],
    );
    assert.match((await get<Problem>("/api/usage?by=week", 400)).errors?.[0]?.detail ?? "", /day, automation/);
    assert.match((await get<Problem>("/api/usage?by=day&from=monday", 400)).errors?.[0]?.detail ?? "", /ISO 8601/);
  });
});

type Kinds = Pick<CallRecord, "cacheReadTokens" | "cacheWriteTokens" | "reasoningTokens">;

function pickKinds(from: Kinds | undefined): Kinds {
  const { cacheReadTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = from ?? {};
  return { cacheReadTokens, cacheWriteTokens, reasoningTokens };
}
