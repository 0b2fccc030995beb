import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createSimulator, type Simulator } from "../simulator/index.ts";
import { createAiFactory } from "./calls/create-ai.ts";
import { type CallLedger, createCallLedger } from "./calls/ledger.ts";
import { createEvents } from "./core/events.ts";
import { createLog } from "./core/log.ts";
import { createManualClock } from "./core/manual-clock.ts";
import { createSeededRandom } from "./core/random.ts";
import { createCallLedgerStore } from "./host-calls.ts";
import { openSqliteStore } from "./store/sqlite/open.ts";
import type { Database, SqlParams } from "./store/store.ts";

const DAY = 86_400_000;

describe("the ledger of calls", () => {
  let simulator: Simulator;
  let baseUrl = "";
  before(async () => {
    simulator = createSimulator();
    baseUrl = `${await simulator.start()}/v1`;
  });
  after(() => simulator.stop());

  async function openLedger() {
    const clock = createManualClock(Date.parse("2026-03-10T12:00:00Z"));
    const log = createLog({ level: "silent" });
    const store = await openSqliteStore({ directory: ":memory:", clock, log });
    const ledger = createCallLedger({ store: createCallLedgerStore(store.db), clock, log });
    const factory = createAiFactory({
      config: { providers: { anthropic: { kind: "anthropic", apiKey: "k", baseUrl } }, models: {}, prices: {} },
      clock,
      random: createSeededRandom(1),
      events: createEvents(),
      log,
      ledger,
    });
    const ai = (automation: string, tenant?: string) =>
      factory.forRun({
        id: `run of ${automation}`,
        automation,
        signal: new AbortController().signal,
        ...(tenant === undefined ? {} : { tenant }),
      });
    async function close(): Promise<void> {
      await factory.close();
      await ledger.close();
      await store.close();
    }
    return { clock, store, ledger, ai, [Symbol.asyncDispose]: close };
  }

  it("holds who asked what, what it cost and what failed, newest first, by pages", async () => {
    await using world = await openLedger();
    const first = await world.ai("digest", "acme").text({ prompt: "Hello" });
    simulator.configure({ script: ["unauthorized"] });
    await assert.rejects(world.ai("digest").text({ prompt: "Hello" }));
    await world.ai("mail").text({ prompt: "Hello" });
    const page = await world.ledger.list({}, { limit: 2 });
    assert.deepEqual(
      page.calls.map(({ automation, source, error, requests }) => [automation, source, error, requests]),
      [
        ["mail", "provider", null, 1],
        ["digest", "failed", "CALL_FAILED", 1],
      ],
    );
    const rest = await world.ledger.list({}, { limit: 2, before: page.next ?? 0 });
    const [oldest] = rest.calls;
    assert.deepEqual([rest.calls.length, rest.next], [1, null]);
    assert.deepEqual(
      [oldest?.runId, oldest?.tenant, oldest?.usd, oldest?.inputTokens],
      ["run of digest", "acme", first.usd, first.usage.inputTokens],
    );
    assert.equal((await world.ledger.list({ automation: "digest", source: "failed" })).calls.length, 1);
  });

  it("holds a call that was called off once a request was out, and not one before", async () => {
    await using world = await openLedger();
    const caller = new AbortController();
    simulator.configure({ script: ["silent"] });
    const called = world.ai("digest").text({ prompt: "Never mind", signal: caller.signal });
    while (simulator.stats().inFlight === 0) await new Promise((resolve) => setImmediate(resolve));
    caller.abort();
    await assert.rejects(called, { code: "CALL_ABORTED" });
    await assert.rejects(world.ai("digest").text({ prompt: "Never", signal: caller.signal }), { code: "CALL_ABORTED" });
    const { calls } = await world.ledger.list();
    assert.deepEqual(
      calls.map(({ source, error, requests, usd }) => [source, error, requests, usd]),
      [["failed", "CALL_ABORTED", 1, null]],
    );
  });

  it("sums by day, automation and model, and says what has no price", async () => {
    await using world = await openLedger();
    const { usd } = await world.ai("digest").text({ prompt: "Hello" });
    world.clock.jump(DAY);
    await world.ai("digest").text({ prompt: "Hello" });
    await world.ai("mail").text({ prompt: "Hello", model: "anthropic/of-no-price" });
    const days = await world.ledger.summary("day");
    assert.deepEqual(
      days.map(({ group, calls, unpriced }) => [group, calls, unpriced]),
      [
        ["2026-03-11", 2, 1],
        ["2026-03-10", 1, 0],
      ],
    );
    const [top] = await world.ledger.summary("automation");
    assert.deepEqual([top?.group, top?.calls, top?.usd], ["digest", 2, (usd ?? 0) * 2]);
    const later = await world.ledger.summary("model", { from: Date.parse("2026-03-11") });
    assert.deepEqual(later.map(({ group }) => String(group)).toSorted(), [
      "anthropic/claude-haiku-4-5",
      "anthropic/of-no-price",
    ]);
  });

  it("forgets what is older than it keeps", async () => {
    await using world = await openLedger();
    await world.ai("digest").text({ prompt: "Hello" });
    await world.ledger.list();
    world.clock.jump(91 * DAY);
    await world.ai("digest").text({ prompt: "Hello again" });
    assert.equal((await world.ledger.list()).calls.length, 1);
  });

  it("finds calls by its indexes", async () => {
    await using world = await openLedger();
    for (const [where, index] of [
      ["at >= 5 and at < 9", "calls_by_time"],
      ["automation = 'digest' and at >= 5", "calls_by_automation"],
      ["run_id = 'r'", "calls_by_run"],
    ]) {
      const plan = await world.store.db.all(`explain query plan select * from calls where ${where}`);
      assert.match(JSON.stringify(plan), new RegExp(index ?? ""));
    }
  });

  it("keeps what its store does not take for a moment, and counts what it loses", async () => {
    const clock = createManualClock();
    let isAway = true;
    const kept: unknown[] = [];
    const ledger: CallLedger = createCallLedger({
      clock,
      log: createLog({ level: "silent" }),
      store: {
        insert: async (records) => {
          if (isAway) throw new Error("away");
          kept.push(...records);
        },
        list: async () => ({ calls: [], next: null }),
        summary: async () => [],
        deleteBefore: async () => 0,
      },
    });
    const record = { ...RECORD };
    for (let index = 0; index < 10_500; index++) ledger.record(record);
    await clock.advance(5_000);
    assert.equal(ledger.dropped(), 500);
    isAway = false;
    await clock.advance(2_000);
    assert.equal(kept.length, 10_000);
    await ledger.close();
  });
});

describe("sums of calls", () => {
  const GROUPINGS = ["day", "automation", "tenant", "model", "source"] as const;

  /** A ledger with calls over eight days, and the statements that it reads with. */
  async function openSums() {
    const clock = createManualClock();
    const store = await openSqliteStore({ directory: ":memory:", clock });
    const random = createSeededRandom(7);
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random.next() * values.length)] as T;
    const records = Array.from({ length: 600 }, (_, index) => ({
      ...RECORD,
      at: Math.floor(random.next() * 8 * DAY),
      runId: `run ${index % 7}`,
      automation: pick(["digest", "mail", null]),
      tenant: pick(["acme", null]),
      model: pick(["m", "n"]),
      source: pick(["provider", "memory", "batch"] as const),
      inputTokens: pick([3, null]),
      usd: pick([0.25, 0.5, null]),
    }));
    const asked: { readonly sql: string; readonly params: SqlParams }[] = [];
    const db: Database = {
      ...store.db,
      all(sql, params = {}) {
        asked.push({ sql, params });
        return store.db.all(sql, params);
      },
    };
    const ledger = createCallLedgerStore(db);
    await ledger.insert(records);
    return { store, ledger, records, random, asked, [Symbol.asyncDispose]: () => store.close() };
  }

  it("are those of the calls themselves, whatever span is asked for", async () => {
    await using world = await openSums();
    for (let round = 0; round < 60; round++) {
      const [one, two] = [world.random.next(), world.random.next()].map((part) => Math.floor(part * 9 * DAY));
      const ends = [one ?? 0, two ?? 0].toSorted((a, b) => a - b);
      const [from = 0, to = 0] = round % 3 === 0 ? ends.map((at) => Math.round(at / DAY) * DAY) : ends;
      const by = GROUPINGS[round % 5] ?? "day";
      const filter = { from, to, ...(round % 4 === 0 ? { tenant: "acme" } : {}) };
      const expected = new Map<string | null, { calls: number; usd: number; unpriced: number; inputTokens: number }>();
      for (const record of world.records) {
        if (record.at < from || record.at >= to || (filter.tenant !== undefined && record.tenant !== "acme")) continue;
        const group = by === "day" ? new Date(record.at).toISOString().slice(0, 10) : record[by];
        const sum = expected.get(group) ?? { calls: 0, usd: 0, unpriced: 0, inputTokens: 0 };
        expected.set(group, {
          calls: sum.calls + 1,
          usd: sum.usd + (record.usd ?? 0),
          unpriced: sum.unpriced + (record.usd === null ? 1 : 0),
          inputTokens: sum.inputTokens + (record.inputTokens ?? 0),
        });
      }
      const found = await world.ledger.summary(by, filter);
      const sums = found.map(({ group, calls, usd, unpriced, inputTokens }) => [
        group,
        { calls, usd, unpriced, inputTokens },
      ]);
      assert.deepEqual(new Map(sums as never), expected, `by ${by} from ${from} to ${to}`);
    }
  });

  it("of all there is are one statement that looks at no call, and outlive the calls", async () => {
    await using world = await openSums();
    const before = await world.ledger.summary("automation", {});
    assert.equal(world.asked.length, 1);
    const [{ sql, params } = { sql: "", params: {} }] = world.asked;
    const plan = await world.store.db.all(`explain query plan ${sql}`, params);
    const lines = plan.map((row) => String(row["detail"]));
    assert.ok(
      lines.some((line) => /SEARCH call_days USING PRIMARY KEY \(day>\? AND day<\?\)/.test(line)),
      lines.join("\n"),
    );
    assert.ok(!lines.some((line) => /SCAN calls/.test(line)), lines.join("\n"));
    await world.ledger.deleteBefore(9 * DAY, 10_000);
    assert.deepEqual(await world.ledger.summary("automation", {}), before);
  });
});

const RECORD = {
  at: 0,
  runId: null,
  automation: null,
  tenant: null,
  model: "m",
  source: "provider",
  error: null,
  key: null,
  requests: 1,
  inputTokens: 1,
  outputTokens: 1,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  usd: 0,
  savedUsd: 0,
  ageMs: null,
  similarity: null,
  waitMs: 0,
  providerMs: 0,
  ms: 0,
  isBackground: false,
  trail: [],
} as const;
