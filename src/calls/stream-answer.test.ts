import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock, type ManualClock } from "../core/manual-clock.ts";
import type { AnswerStream } from "./ai.ts";
import { type CallsWorld, ended, openCallsWorld, until } from "./test-world.ts";

const NOON = Date.parse("2026-03-10T12:00:00Z");

/** A provider that writes twenty tokens a second, on a clock that stands still. */
async function openSlowWorld(): Promise<CallsWorld & { readonly clock: ManualClock }> {
  const clock = createManualClock(NOON);
  const simulator = { clock, tokensPerSecond: 20, latencyMs: 0 };
  return Object.assign(await openCallsWorld({ clock, simulator }), { clock });
}

/** When what text came, in milliseconds since now. */
async function watch(
  clock: ManualClock,
  stream: AnswerStream,
  came: [number, string][] = [],
): Promise<readonly (readonly [number, string])[]> {
  const from = clock.monotonic();
  for await (const piece of stream) came.push([clock.monotonic() - from, piece]);
  return came;
}

const textOf = (came: readonly (readonly [number, string])[]): string => came.map(([, piece]) => piece).join("");

describe("a stream that is kept", () => {
  it("comes at once, or at the pace at which it came when it was made, in another process, too", async () => {
    await using world = await openSlowWorld();
    const { clock, simulator } = world;
    const ask = (replay?: "pace" | "now") =>
      world.ai.stream({ prompt: "Tell me of mills", ...(replay === undefined ? {} : { replay }) });
    const first = await ended(clock, watch(clock, ask("pace")));
    const took = (came: typeof first): number => (came.at(-1)?.[0] ?? 0) - (came[0]?.[0] ?? 0);
    assert.ok(took(first) > 500, `it took ${took(first)} ms to be made`);

    const atOnce = await watch(clock, ask());
    assert.deepEqual(atOnce, [[0, textOf(first)]]);

    await world.restart();
    const stream = ask("pace");
    const came: [number, string][] = [];
    const watching = watch(clock, stream, came);
    // The database has a deadline by the same clock: time goes on once it has answered.
    await until(() => came.length > 0);
    const again = await ended(clock, watching, 1);
    assert.equal(textOf(again), textOf(first));
    assert.ok(Math.abs(took(again) - took(first)) <= 20, `${took(again)} ms, made in ${took(first)} ms`);
    assert.ok(again.length > 2 && again.length <= first.length);
    const answer = await stream.answer;
    assert.deepEqual([answer.source, answer.requests, answer.ms], ["database", 0, 0]);
    assert.equal(simulator.stats().requests, 1);
  });

  it("ends for who calls it off, and for who has no more time all of it comes", async () => {
    await using world = await openSlowWorld();
    const { clock } = world;
    const whole = textOf(await ended(clock, watch(clock, world.ai.stream({ prompt: "Tell me of mills" }))));

    const leaving = new AbortController();
    const left = world.ai.stream({ prompt: "Tell me of mills", replay: "pace", signal: leaving.signal });
    const reading = left[Symbol.asyncIterator]();
    assert.ok(whole.startsWith((await reading.next()).value ?? "nothing"));
    leaving.abort();
    await assert.rejects(left.answer, { code: "CALL_ABORTED" });
    await assert.rejects(reading.next(), { code: "CALL_ABORTED" });

    const hurried = world.ai.stream({ prompt: "Tell me of mills", replay: "pace", timeoutMs: 300 });
    const came = await ended(clock, watch(clock, hurried), 1);
    assert.equal(textOf(came), whole);
    assert.ok((came.at(-1)?.[0] ?? 0) <= 300);
    assert.equal((await hurried.answer).source, "memory");
  });

  it("ends when Millrace closes", async () => {
    await using world = await openSlowWorld();
    await ended(world.clock, world.ai.stream({ prompt: "Tell me of mills" }).answer);
    const { answer } = world.ai.stream({ prompt: "Tell me of mills", replay: "pace" });
    const refused = assert.rejects(answer, { code: "CALL_ABORTED" });
    await until(() => world.ends.length === 2);
    await world.factory.close();
    await refused;
  });
});

describe("a stream that is joined late", () => {
  it("gives what came before at once, then the rest as it comes, also where a pace is asked for", async () => {
    await using world = await openSlowWorld();
    const { clock, simulator } = world;
    const first = watch(clock, world.ai.stream({ prompt: "Tell me of mills" }));
    await until(() => simulator.stats().inFlight === 1);
    const before = world.ai.stream({ prompt: "Tell me of mills" });
    const reader = before[Symbol.asyncIterator]();
    await ended(clock, reader.next());
    await clock.advance(200);
    const joinedAt = clock.monotonic();
    const late = watch(clock, world.ai.stream({ prompt: "Tell me of mills", replay: "pace" }));
    const [whole, rest] = await ended(clock, Promise.all([first, late]), 1);
    assert.equal(textOf(rest), textOf(whole));
    const known = whole.filter(([at]) => at <= joinedAt).map(([, piece]) => piece);
    assert.ok((rest[0]?.[1] ?? "").length > 0 && rest[0]?.[0] === 0, "the beginning is there at once");
    assert.ok((rest[0]?.[1] ?? "").length <= known.join("").length);
    assert.ok((rest.at(-1)?.[0] ?? 0) > 0, "the end comes as it is made");
    assert.equal(simulator.stats().requests, 1);
  });
});
