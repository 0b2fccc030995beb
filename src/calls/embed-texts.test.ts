import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../core/manual-clock.ts";
import { openSimilarEmbedder } from "../similar-embedder.ts";
import type { Ai, Embedded } from "./ai.ts";
import type { CallRecord } from "./ledger.ts";
import { ended, openCallsWorld } from "./test-world.ts";

const MODEL = "openai/text-embedding-3-small";

describe("ai.embed", () => {
  it("sends the texts of all who ask within a moment in one request, each once, and keeps every vector", async () => {
    const clock = createManualClock();
    await using world = await openCallsWorld({ clock });
    const first = world.ai.embed({ model: MODEL, texts: ["a light", "a door"] });
    const second = world.ai.embed({ model: MODEL, texts: ["a door", "a window"] });
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(100);
    const [one, two] = await Promise.all([first, second]);
    assert.deepEqual([one.vectors.length, two.vectors.length], [2, 2]);
    assert.deepEqual(one.vectors[1], two.vectors[0]);
    assert.notDeepEqual(one.vectors[0], one.vectors[1]);
    assert.equal(world.simulator.stats().byRoute["POST /v1/embeddings"], 1);
    const again = await world.ai.embed({ model: MODEL, texts: ["a window", "a light"] });
    assert.deepEqual([again.vectors, again.reused], [[two.vectors[1], one.vectors[0]], 2]);
    assert.equal(world.simulator.stats().byRoute["POST /v1/embeddings"], 1);
  });

  it("does not wait for the moment to pass when ten have asked", async () => {
    const clock = createManualClock();
    await using world = await openCallsWorld({ clock });
    const asks = Array.from({ length: 10 }, (_, index) => world.ai.embed({ model: MODEL, texts: [`text ${index}`] }));
    assert.equal((await Promise.all(asks)).length, 10);
    assert.equal(world.simulator.stats().byRoute["POST /v1/embeddings"], 1);
  });

  it("says what is wrong, and keeps nothing of a failure", async () => {
    await using world = await openCallsWorld({ simulator: { apiKey: "another" } });
    await assert.rejects(world.ai.embed({ model: MODEL, texts: ["a", ""] }), { code: "INPUT_INVALID" });
    await assert.rejects(world.ai.embed({ model: "anthropic/claude-haiku-4-5", texts: ["a"] }), /no embeddings/);
    await assert.rejects(world.ai.embed({ model: MODEL, texts: ["a"] }), /does not accept the key/);
    assert.deepEqual(await world.cache.keys("embeddings:**"), []);
  });

  it("is in the ledger and in the budgets of who asks, by his share of a request that several share", async () => {
    const clock = createManualClock(Date.parse("2026-03-10T12:00:00Z"));
    const records: CallRecord[] = [];
    await using world = await openCallsWorld({
      clock,
      calls: { budgets: { perAutomation: { short: 0.01, long: 1 } } },
      prices: { [MODEL]: { input: 20, output: 0, asOf: "2026-03-01" } },
      factory: { ledger: { record: (record) => void records.push(record) } },
    });
    const ai = (automation: string): Ai =>
      world.factory.forRun({ id: "run", automation, signal: new AbortController().signal });
    const embed = (automation: string, text: string): Promise<Embedded> =>
      ai(automation).embed({ model: MODEL, texts: [text] });
    // Ten who ask go at once.
    const asked = Array.from({ length: 5 }, (_, index) => [
      embed("short", `a light ${index}`),
      embed("long", `a door ${index} that is opened late at night. `.repeat(10)),
    ]);
    const [short, long] = (await Promise.all(asked.map((pair) => Promise.all(pair))))[0] ?? [];
    assert.equal(world.simulator.stats().byRoute["POST /v1/embeddings"], 1);
    assert.ok((short?.usd ?? 0) > 0 && (long?.usd ?? 0) > 20 * (short?.usd ?? 0));
    const sumOf = (field: "inputTokens" | "usd", automation?: string): number =>
      records
        .filter((record) => automation === undefined || record.automation === automation)
        .reduce((sum, record) => sum + (record[field] ?? Number.NaN), 0);
    const [charged] = world.simulator.ledger();
    assert.ok(Math.abs(sumOf("inputTokens") - (charged?.inputTokens ?? 0)) < 1e-6);
    assert.deepEqual([...new Set(records.map(({ source, model }) => `${source} ${model}`))], [`provider ${MODEL}`]);
    assert.equal(
      records.reduce((sum, { requests }) => sum + requests, 0),
      1,
    );
    const rows = await world.store.db.all("select spent from call_budgets order by account");
    for (const [index, automation] of ["long", "short"].entries()) {
      assert.ok(Math.abs(Number(rows[index]?.["spent"]) - sumOf("usd", automation)) < 1e-9);
    }
    const tooMuch = ai("short").embed({ model: MODEL, texts: ["a window ".repeat(1_000)] });
    await assert.rejects(tooMuch, { code: "BUDGET_SPENT" });
    assert.equal(world.simulator.stats().byRoute["POST /v1/embeddings"], 1);
  });

  it("goes no faster than the requests a minute that are set", async () => {
    const clock = createManualClock();
    await using world = await openCallsWorld({ clock, calls: { requestsPerMinute: 1 } });
    const embed = (text: string): Promise<Embedded> =>
      world.ai.embed({ model: MODEL, texts: [text], timeoutMs: 600_000 });
    const first = embed("a light");
    const second = first.then(() => embed("a door"));
    await ended(clock, second, 1_000);
    assert.ok(clock.monotonic() >= 60_000, `${clock.monotonic()} ms`);
  });

  it("can find similar questions", async () => {
    await using world = await openCallsWorld();
    const embedder = await openSimilarEmbedder(MODEL, () => world.factory);
    assert.deepEqual([embedder.id, embedder.dimensions], [MODEL, 1_536]);
    const [vector] = await embedder.embed(["how do I reset a password"]);
    assert.equal(vector?.length, 1_536);
  });
});
