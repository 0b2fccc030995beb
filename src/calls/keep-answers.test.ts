import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { createManualClock } from "../core/manual-clock.ts";
import { isErrorCode, MillraceError } from "../core/errors.ts";
import { openCallsWorld, until } from "./test-world.ts";

const DAY = 86_400_000;
const Word = z.object({ word: z.string() });

describe("answers that are kept", () => {
  it("ask the provider once for a thousand equal calls at the same time, and once for all that follow", async () => {
    await using world = await openCallsWorld();
    const ask = () => world.ai.text({ prompt: "Why is the sky blue?" });
    const answers = await Promise.all(Array.from({ length: 1_000 }, ask));
    assert.equal(world.simulator.stats().requests, 1);
    assert.equal(new Set(answers.map(({ value }) => value)).size, 1);
    assert.deepEqual(countBy(answers.map(({ source }) => source)), { provider: 1, joined: 999 });
    assert.equal(
      answers.reduce((sum, { requests }) => sum + requests, 0),
      1,
    );
    const fresh = answers.find(({ source }) => source === "provider");
    assert.deepEqual([fresh?.ageMs, fresh?.savedUsd], [null, 0]);
    const later = await ask();
    assert.deepEqual([later.source, later.requests, later.usd, later.savedUsd], ["memory", 0, 0, fresh?.usd]);
    assert.deepEqual([later.usage.inputTokens, later.usage.outputTokens], [0, 0]);
    assert.ok(later.ageMs !== null);
    assert.equal(world.simulator.stats().requests, 1);
    const last = world.ends.at(-1);
    assert.match(last?.key ?? "", /^answers:anthropic\/claude-haiku-4-5\/[0-9a-f]{32}$/);
    assert.deepEqual([last?.source, last?.savedUsd, last?.inputTokens], ["memory", fresh?.usd, 0]);
  });

  it("outlive the process, objects too, and are checked by the schema when they are read", async () => {
    await using world = await openCallsWorld();
    const schema = z.object({ word: z.string().transform((word) => word.length) });
    const ask = () => world.ai.object({ prompt: "One word", schema });
    const first = await ask();
    await world.restart();
    const second = await ask();
    assert.deepEqual([second.source, second.value], ["database", first.value]);
    assert.equal(world.simulator.stats().requests, 1);
    await world.restart();
    // The same JSON Schema, and a check that the kept answer does not stand.
    const { value: kept } = await world.ai.object({ prompt: "Another word", schema: Word });
    const stricter = Word.refine(({ word }) => word !== kept.word, "taken");
    const before = world.simulator.stats().requests;
    const other = await world.ai.object({ prompt: "Another word", schema: stricter });
    assert.deepEqual([other.source, other.requests], ["provider", 2]);
    assert.equal(world.simulator.stats().requests, before + 2, "asked anew, and once more for repair");
    assert.deepEqual((await world.ai.object({ prompt: "Another word", schema: Word })).value, other.value);
  });

  it("differ by everything that shapes an answer, and by nothing else", async () => {
    await using world = await openCallsWorld();
    const base = { prompt: "Hello", system: "Be brief." };
    await world.ai.text(base);
    const same = await world.ai.text({ system: "Be brief.", prompt: "Hello", timeoutMs: 5_000, tags: ["greeting"] });
    assert.equal(same.source, "memory");
    for (const other of [
      { ...base, prompt: "hello" },
      { ...base, system: "Be long." },
      { ...base, maxOutputTokens: 1_000 },
      { ...base, model: "openai/gpt-5.4-mini" },
      { ...base, tenant: "acme" },
      { ...base, cache: false },
    ]) {
      assert.equal((await world.ai.text(other)).source, "provider", JSON.stringify(other));
    }
    await world.cache.evict({ kind: "pattern", pattern: "answers:openai/*" });
    assert.equal((await world.ai.text({ ...base, model: "openai/gpt-5.4-mini" })).source, "provider");
    assert.equal((await world.ai.text(base)).source, "memory");
    await world.cache.evict({ kind: "pattern", pattern: "answers:*" });
    assert.equal((await world.ai.text(base)).source, "provider");
  });

  it("go with the tag that they depend on, everywhere", async () => {
    await using world = await openCallsWorld();
    const ask = () => world.ai.text({ prompt: "Sum up notes.txt", tags: ["notes.txt"] });
    await ask();
    await world.restart();
    await world.cache.evict({ kind: "tag", tag: "notes.txt" });
    assert.equal((await ask()).source, "provider");
    assert.equal(world.simulator.stats().requests, 2);
  });

  it("are given past their time when nobody answers, and say why, but not past their grace", async () => {
    const clock = createManualClock(Date.parse("2026-03-10T12:00:00Z"));
    await using world = await openCallsWorld({ clock });
    const ask = () => world.ai.text({ prompt: "Is it open?", rules: () => "by rule" });
    const first = await ask();
    await world.simulator.stop();
    clock.jump(2 * DAY);
    const calls = Promise.all([ask(), ask()]);
    await until(() => world.failures.length === 1);
    await clock.advance(4_000);
    await until(() => world.failures.length === 2);
    await clock.advance(8_000);
    const [leader, joined] = await calls;
    assert.deepEqual([leader.value, leader.source], [first.value, "stale"]);
    assert.match(leader.degraded ?? "", /cannot be reached/);
    assert.ok((leader.ageMs ?? 0) >= 2 * DAY);
    assert.deepEqual([joined.source, joined.degraded], ["stale", leader.degraded]);
    assert.deepEqual([leader.requests + joined.requests, leader.savedUsd], [3, first.usd]);
    clock.jump(8 * DAY);
    const late = ask();
    await until(() => world.failures.length === 4);
    await clock.advance(4_000);
    await until(() => world.failures.length === 5);
    await clock.advance(8_000);
    assert.equal((await late).source, "rules");
  });

  it("are given past their time at the deadline of a call that hears nothing", async () => {
    const clock = createManualClock(Date.parse("2026-03-10T12:00:00Z"));
    await using world = await openCallsWorld({ clock });
    const ask = () => world.ai.text({ prompt: "Is it open?", timeoutMs: 5_000 });
    await ask();
    clock.jump(2 * DAY);
    world.simulator.configure({ faultRate: 1, faults: ["silent"] });
    const call = ask();
    await until(() => world.simulator.stats().requests === 2);
    await clock.advance(5_000);
    const answer = await call;
    assert.deepEqual([answer.source, answer.requests, answer.usd], ["stale", 1, null]);
    assert.match(answer.degraded ?? "", /no answer in time/);
  });

  it("are given at once while a fresh one is made, where that is asked for, and tell what that cost", async () => {
    const clock = createManualClock(Date.parse("2026-03-10T12:00:00Z"));
    await using world = await openCallsWorld({ clock });
    const ask = () => world.ai.text({ prompt: "How warm is it?", cache: { ttl: "1m", staleWhileRevalidate: "1h" } });
    await ask();
    clock.jump(120_000);
    const old = await ask();
    assert.deepEqual([old.source, old.requests, old.usd], ["stale", 0, 0]);
    await until(() => world.ends.length === 3);
    const behind = world.ends.find(({ isBackground }) => isBackground === true);
    assert.ok((behind?.inputTokens ?? 0) > 0 && (behind?.usd ?? 0) > 0);
    assert.equal((await ask()).source, "memory");
    assert.equal(world.simulator.stats().requests, 2);
  });

  it("never are a refusal, a cut answer or a rule's", async () => {
    await using world = await openCallsWorld({ simulator: { script: ["refusal", "none", "unauthorized"] } });
    const ask = () => world.ai.text({ prompt: "Hello", rules: () => "by rule" });
    assert.equal((await ask()).source, "rules");
    assert.equal(
      (await world.ai.text({ prompt: "Hello there", maxOutputTokens: 2, rules: () => "r" })).source,
      "rules",
    );
    assert.equal((await world.ai.text({ prompt: "Hello again", rules: () => "r" })).source, "rules");
    assert.equal((await ask()).source, "provider");
    assert.deepEqual(await world.cache.keys("answers:*"), [world.ends.at(-1)?.key]);
  });
});

describe("calls that wait for the same answer", () => {
  it("fail together, each with its own error, after one request", async () => {
    await using world = await openCallsWorld({ simulator: { faultRate: 1, faults: ["unauthorized"] } });
    const errors = await Promise.all(
      Array.from({ length: 20 }, () => world.ai.text({ prompt: "Hello" }).catch((error: unknown) => error)),
    );
    assert.equal(world.simulator.stats().requests, 1);
    assert.equal(new Set(errors).size, 20);
    for (const error of errors) assert.ok(error instanceof MillraceError && error.code === "CALL_FAILED");
  });

  it("go on when one of them is called off, the first one too", async () => {
    const clock = createManualClock();
    await using world = await openCallsWorld({ clock, simulator: { latencyMs: 1_000, clock } });
    const stop = new AbortController();
    const first = world.ai.text({ prompt: "Hello", signal: stop.signal }).catch((error: unknown) => error);
    await until(() => world.simulator.stats().inFlight === 1);
    const second = world.ai.text({ prompt: "Hello" });
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    assert.ok((await first) instanceof MillraceError);
    await clock.advance(1_000);
    const answer = await second;
    assert.deepEqual([answer.source, answer.requests], ["joined", 0]);
    assert.equal(world.simulator.stats().requests, 1);
    // Nobody's bill holds it, so it is told by itself.
    await until(() => world.ends.length === 2);
    assert.equal(world.ends.filter(({ isBackground }) => isBackground === true).length, 1);
  });

  it("are asked for anew by whoever joined a call whose own budget was spent", async () => {
    await using world = await openCallsWorld({ calls: { budgets: { perAutomation: { poor: 0.000_000_1 } } } });
    const { signal } = new AbortController();
    const ask = (automation: string) =>
      world.factory.forRun({ id: automation, automation, signal }).text({ prompt: "Hello" });
    const [poor, ...others] = await Promise.allSettled(["poor", "rich", "rich", "other"].map(ask));
    assert.ok(poor?.status === "rejected" && isErrorCode(poor.reason, "BUDGET_SPENT"));
    assert.ok(others.every(({ status }) => status === "fulfilled"));
    assert.equal(world.simulator.stats().requests, 1);
  });

  it("have as much time as whoever has most", async () => {
    const clock = createManualClock();
    await using world = await openCallsWorld({ clock, simulator: { latencyMs: 8_000, clock } });
    const short = world.ai.text({ prompt: "Hello", timeoutMs: 5_000, rules: () => "by rule" });
    await until(() => world.simulator.stats().inFlight === 1);
    const long = world.ai.text({ prompt: "Hello", timeoutMs: 20_000 });
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(5_000);
    assert.equal((await short).source, "rules");
    await clock.advance(3_000);
    assert.equal((await long).source, "joined");
  });
});

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
