import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { describe, it } from "node:test";
import { createManualClock } from "../../core/manual-clock.ts";
import { createSeededRandom } from "../../core/random.ts";
import type { CacheDatabase } from "../contract.ts";
import { createSimilar, type SimilarOptions } from "./create-similar.ts";
import { createDatabaseRows, SIMILAR_MIGRATIONS } from "./database-rows.ts";
import { createHashEmbedder } from "./embedders/hash-embedder.ts";
import type { SimilarPartition } from "./partition.ts";
import type { SimilarHit, SimilarMiss } from "./similar.ts";

const PARTITION: SimilarPartition = { namespace: "faq", scope: { tenant: "t", user: "u" }, model: "m" };
const ASKED = "How do I install the pump?";
const AGAIN = "What are the steps to install the pump?";

function open(options: Partial<SimilarOptions> = {}) {
  const clock = createManualClock();
  const similar = createSimilar({ embedder: createHashEmbedder(), clock, random: createSeededRandom(3), ...options });
  const store = (prompt: string, partition = PARTITION, entryId = `answer to ${prompt}`) =>
    similar.store({ partition, prompt, entryId, expiresAt: clock.now() + 1000 });
  const lookup = (prompt: string, more: object = {}) =>
    similar.lookup({ partition: PARTITION, prompt, mode: "balanced", ...more });
  return { clock, similar, store, lookup };
}

const hitOf = (found: SimilarHit | SimilarMiss): SimilarHit => {
  assert.ok(found.kind === "hit", JSON.stringify(found));
  return found;
};
const reasonOf = (found: SimilarHit | SimilarMiss): string => (found.kind === "miss" ? found.reason.because : "hit");

describe("a finder of similar questions", () => {
  it("tells which question the answer was given for, how close it is, how old, and what was checked", async () => {
    const { clock, store, lookup } = open();
    await store(ASKED);
    await clock.advance(200);
    const hit = hitOf(await lookup(AGAIN));
    assert.equal(hit.prompt, ASKED);
    assert.equal(hit.entryId, `answer to ${ASKED}`);
    assert.equal(hit.ageMs, 200);
    assert.ok(hit.similarity > 0.35 && hit.similarity < 1);
    assert.ok(hit.guards.includes("minimal-pair"));
  });

  it("finds the same words without a search, even where only the same words will do", async () => {
    const { store, lookup } = open();
    await store(ASKED);
    assert.equal(hitOf(await lookup(`please, ${ASKED.toUpperCase()}`, { threshold: 1 })).similarity, 1);
    assert.equal(reasonOf(await lookup(AGAIN, { threshold: 1 })), "no-candidate");
  });

  it("says what spoke against the nearest, and lets a good second pass", async () => {
    const { store, lookup } = open();
    await store("How do I uninstall the pump?");
    const miss = await lookup(ASKED);
    assert.ok(miss.kind === "miss" && miss.reason.because === "guards");
    assert.equal(miss.reason.candidates[0]?.guard, "polarity");
    await store(AGAIN);
    assert.equal(hitOf(await lookup(ASKED)).prompt, AGAIN);
  });

  it("never looks into another partition: user, model, system prompt, tools, variables", async () => {
    const { store, lookup } = open();
    await store(ASKED);
    for (const partition of [
      { ...PARTITION, scope: { tenant: "t", user: "v" } },
      { ...PARTITION, model: "n" },
      { ...PARTITION, system: "s" },
      { ...PARTITION, tools: ["t"] },
    ])
      assert.equal(reasonOf(await lookup(ASKED, { partition })), "empty-partition");
    assert.equal(reasonOf(await lookup(ASKED, { variables: { id: 1 } })), "empty-partition");
  });

  it("neither stores nor serves what must not be reused", async () => {
    const { similar, store, lookup } = open();
    assert.deepEqual(await store("Please cancel the order"), { stored: false, reason: "side-effect" });
    assert.equal(reasonOf(await lookup("What is the latest price?")), "refused");
    assert.equal(similar.stats().items, 0);
  });

  it("serves nothing past its expiry", async () => {
    const { clock, store, lookup } = open();
    await store(ASKED);
    await clock.advance(1000);
    assert.equal(reasonOf(await lookup(ASKED)), "no-candidate");
    assert.equal(reasonOf(await lookup(AGAIN)), "empty-partition");
  });

  it("never serves a rejected pair again, and drops an entry that is wrong again and again", async () => {
    const { similar, store, lookup } = open({ maxError: 1 });
    await store(ASKED);
    assert.equal(await similar.reject(hitOf(await lookup(AGAIN)).id), true);
    assert.equal(reasonOf(await lookup(AGAIN)), "guards");
    for (const prompt of ["How can I install the pump?", "How should I install the pump?"])
      await similar.reject(hitOf(await lookup(prompt)).id);
    assert.equal(similar.stats().items, 0);
    assert.equal(similar.stats().rejected, 3);
    assert.equal(await similar.reject("unknown"), false);
  });

  it("holds back an entry that was wrong until its bound is low enough", async () => {
    const { similar, store, lookup } = open();
    await store(ASKED);
    await similar.reject(hitOf(await lookup(AGAIN)).id);
    const miss = await lookup("How can I install the pump?");
    assert.ok(miss.kind === "miss" && miss.reason.because === "guards");
    assert.equal(miss.reason.candidates[0]?.guard, "learned");
  });

  it("asks the verifier below the threshold only, and takes anything but a yes in time for a no", async () => {
    const asked: string[] = [];
    const answers: (() => Promise<boolean>)[] = [
      () => Promise.reject(new Error("down")),
      () => new Promise<boolean>(() => void clock.advance(5000)),
      () => Promise.resolve(false),
      () => Promise.resolve(true),
    ];
    const namespaces = { faq: { threshold: 0.6 } };
    const verify = ({ asked: prompt }: { asked: string }) => {
      asked.push(prompt);
      return answers[asked.length - 1]?.() ?? Promise.resolve(false);
    };
    const { clock, store, lookup, similar } = open({ verify, namespaces });
    await similar.store({ partition: PARTITION, prompt: ASKED, entryId: "e", expiresAt: clock.now() + 1e9 });
    await store("unused words elsewhere", { ...PARTITION, namespace: "other" });
    assert.equal(reasonOf(await lookup(AGAIN)), "guards");
    assert.equal(reasonOf(await lookup(AGAIN)), "guards");
    assert.equal(reasonOf(await lookup(AGAIN)), "guards");
    assert.equal(reasonOf(await lookup(AGAIN)), "guards", "a no is kept");
    assert.equal(asked.length, 3);
  });

  it("serves below the threshold what the verifier says yes to, never what a guard objects to", async () => {
    const asked: string[] = [];
    const verify = async ({ asked: prompt }: { asked: string }) => asked.push(prompt) > 0;
    const { store, lookup } = open({ verify, namespaces: { faq: { threshold: 0.6 } } });
    await store(ASKED);
    const hit = hitOf(await lookup(AGAIN));
    assert.deepEqual([hit.isVerified, hit.similarity < 0.6], [true, true]);
    assert.equal(reasonOf(await lookup("What are the steps to uninstall the pump?")), "guards");
    hitOf(await lookup(AGAIN));
    assert.deepEqual(asked, [AGAIN], "asked once for a pair");
  });

  it("asks the verifier no more often than its budget a minute allows", async () => {
    let count = 0;
    const verify = async () => ++count > 0;
    const { clock, similar, lookup } = open({ verify, verifyPerMinute: 1, namespaces: { faq: { threshold: 0.8 } } });
    await similar.store({ partition: PARTITION, prompt: ASKED, entryId: "e", expiresAt: clock.now() + 1e9 });
    hitOf(await lookup("How can I install the pump?"));
    assert.equal(reasonOf(await lookup("How should I install the pump?")), "guards");
    await clock.advance(60_000);
    hitOf(await lookup("How should I install the pump?"));
    assert.equal(count, 2);
  });

  it("looks past what has expired, and past many that are near and wrong", async () => {
    const { clock, similar, store, lookup } = open();
    for (let index = 0; index < 20; index++) await store(`How do I install pump ${index}?`);
    await clock.advance(1000);
    for (let index = 0; index < 7; index++) await store(`How do I install pump ${index} of the other hall?`);
    await store(AGAIN);
    hitOf(await lookup(ASKED));
    assert.ok(similar.stats().items < 28);
  });

  it("measures in shadow without serving: a rate with its interval", async () => {
    const { similar, store, lookup } = open({ namespaces: { faq: { isShadow: true } }, maxError: 1 });
    await store(ASKED);
    for (let index = 0; index < 10; index++) {
      const found = await lookup(AGAIN);
      assert.ok(found.kind === "miss" && found.reason.because === "shadow");
      if (index < 9) await similar.confirm(found.reason.hit.id);
      else await similar.reject(found.reason.hit.id);
    }
    const { rate, interval } = similar.stats().falseReuse["faq"] ?? {};
    assert.equal(rate, 0.1);
    assert.ok((interval?.[0] ?? 0) > 0.005 && (interval?.[1] ?? 1) < 0.45);
  });

  it("stays within its bounds and keeps what is used", async () => {
    const { similar, store, lookup } = open({ maxItems: 20 });
    await store(ASKED);
    for (let index = 0; index < 100; index++) {
      hitOf(await lookup(ASKED));
      await store(`How do I replace part ${index} of the gate?`);
    }
    assert.equal(similar.stats().items, 20);
    assert.equal(similar.stats().evictions, 81);
    hitOf(await lookup(ASKED));
  });

  it("misses when the embedder fails or changes its size", async () => {
    const embedder = { ...createHashEmbedder(), embed: async () => [[1, 2, 3]] };
    const { store } = open({ embedder });
    assert.deepEqual(await store(ASKED), { stored: false, reason: "embedder-failed" });
  });

  it("has its questions and what it learned again after a restart", async () => {
    const rows = createDatabaseRows(openDatabase());
    const first = open({ rows, maxError: 1 });
    await first.store(ASKED);
    await first.store("How do I paint the fence?");
    await first.similar.reject(hitOf(await first.lookup(AGAIN)).id);
    await first.similar.forget("answer to How do I paint the fence?");
    const second = open({ rows, maxError: 1 });
    assert.equal(reasonOf(await second.lookup(AGAIN)), "guards");
    assert.equal(hitOf(await second.lookup("How can I install the pump?")).entryId, `answer to ${ASKED}`);
    assert.equal(second.similar.stats().items, 1);
  });

  it("goes on measuring after a restart, and leaves nothing behind that has expired or is too much", async () => {
    const database = openDatabase();
    const rows = createDatabaseRows(database);
    const namespaces = { faq: { sampleRate: 1 } };
    const first = open({ rows, namespaces });
    await first.store(ASKED);
    for (let index = 0; index < 30; index++) await first.similar.confirm(hitOf(await first.lookup(AGAIN)).id);
    await first.similar.reject(hitOf(await first.lookup(AGAIN)).id);
    const second = open({ rows, namespaces, maxItems: 3 });
    await second.lookup(ASKED);
    const measured = second.similar.stats().falseReuse["faq"];
    assert.deepEqual([measured?.sampled, measured?.wrong], [31, 1]);
    assert.ok((measured?.interval[1] ?? 1) < 0.17);

    for (let index = 0; index < 9; index++) await first.store(`How do I clean filter ${index}?`);
    const third = open({ rows, maxItems: 3 });
    await third.lookup(ASKED);
    assert.ok(third.similar.stats().items <= 3);
    const late = open({ rows });
    await late.clock.advance(5000);
    await late.lookup(ASKED);
    assert.deepEqual((await database.all("select count(*) as n from similar_questions", {}))[0]?.["n"], 0);
  });
});

function openDatabase(): CacheDatabase {
  const database = new DatabaseSync(":memory:");
  for (const name of ["0001-similar-questions.sql", "0002-similar-samples.sql"])
    database.exec(readFileSync(new URL(name, SIMILAR_MIGRATIONS), "utf8"));
  const all = async (sql: string, params: Readonly<Record<string, SQLInputValue>> = {}) =>
    database.prepare(sql).all({ ...params }) as Record<string, string>[];
  return {
    all,
    get: async (sql, params) => (await all(sql, params))[0],
    write: async (statements) =>
      Promise.all(statements.map(async ({ sql, params }) => ({ changes: 1, rows: await all(sql, params) }))),
  };
}
