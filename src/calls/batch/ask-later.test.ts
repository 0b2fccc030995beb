import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { createManualClock, type ManualClock } from "../../core/manual-clock.ts";
import type { CallsConfig } from "../config.ts";
import { createMemoryBatchStore } from "./batch-store.ts";
import { openCallsWorld, until } from "../test-world.ts";

const ITEMS = Array.from({ length: 7 }, (_, index) => ({ id: `file ${index}.txt`, prompt: `Sum up file ${index}` }));
const MODELS = { anthropic: "anthropic/claude-haiku-4-5", openai: "openai/gpt-5.4-mini" };

async function openLater(batchMs: number, calls: CallsConfig = {}) {
  const clock = createManualClock(Date.parse("2026-03-10T12:00:00Z"));
  const batches = createMemoryBatchStore();
  const world = await openCallsWorld({ clock, calls, simulator: { clock, batchMs }, factory: { batches } });
  return Object.assign(world, { clock, batches });
}

describe("ai.later", () => {
  for (const [lane, model] of Object.entries(MODELS)) {
    it(`asks ${lane} in one batch, pays half, says what that saved, and keeps every answer`, async () => {
      await using world = await openLater(2_000);
      const { items, usd, savedUsd } = await ended(
        world.clock,
        world.ai.later({ name: "sums", model, items: ITEMS, poll: "500ms" }),
      );
      assert.deepEqual(
        items.map(({ id, status }) => [id, status]),
        ITEMS.map(({ id }) => [id, "answered"]),
      );
      for (const item of items) assert.equal(item.status === "answered" && item.answer.source, "batch");
      assert.ok(usd !== null && usd > 0 && Math.abs(usd - (savedUsd ?? 0)) < 1e-12);
      const { byRoute } = world.simulator.stats();
      const submitted = byRoute["POST /v1/batches"] ?? byRoute["POST /v1/messages/batches"];
      assert.equal(submitted, 1);
      const direct = await world.ai.text({ model, prompt: "Sum up file 3" });
      assert.deepEqual([direct.source, direct.savedUsd !== null], ["memory", true]);
      const again = await world.ai.later({ name: "sums again", model, items: ITEMS });
      assert.deepEqual([again.usd, again.items.length], [0, 7]);
      assert.equal(world.ends.filter(({ source }) => source === "batch").length, 7);
    });
  }

  it("waits after a crash for the batch that it handed in, instead of handing it in again", async () => {
    await using world = await openLater(2_000);
    const lost = world.ai.later({ name: "sums", items: ITEMS });
    lost.catch(() => undefined);
    await until(() => world.simulator.stats().byRoute["POST /v1/messages/batches"] === 1);
    while ((await world.batches.find("run-1", "sums")) === undefined)
      await new Promise((resolve) => setImmediate(resolve));
    await world.restart();
    const { items } = await ended(world.clock, world.ai.later({ name: "sums", items: ITEMS, poll: "500ms" }));
    assert.equal(items.filter(({ status }) => status === "answered").length, 7);
    assert.equal(world.simulator.stats().byRoute["POST /v1/messages/batches"], 1);
    assert.equal(await world.batches.find("run-1", "sums"), undefined);
  });

  for (const [lane, model] of Object.entries(MODELS)) {
    it(`looks at ${lane} for a batch whose receipt was lost, and does not take another's for it`, async () => {
      await using world = await openLater(2_000);
      const lost = { runId: "run-1", name: "sums", model, batchId: null, submittedAt: world.clock.now() };
      const other = world.factory.forRun({ id: "run-2", signal: new AbortController().signal });
      await ended(world.clock, other.later({ name: "sums", model, items: ITEMS, cache: false, poll: "500ms" }));
      await world.batches.put(lost);
      const asked = { name: "sums", model, items: ITEMS, cache: false, poll: "500ms" } as const;
      await ended(world.clock, world.ai.later(asked));
      const submissions = (): number | undefined => {
        const { byRoute } = world.simulator.stats();
        return byRoute["POST /v1/batches"] ?? byRoute["POST /v1/messages/batches"];
      };
      assert.equal(submissions(), 2, "it was never handed in, so it is now");
      await world.batches.put(lost);
      const { items } = await ended(world.clock, world.ai.later(asked));
      assert.equal(items.filter((item) => item.status === "answered" && item.answer.source === "batch").length, 7);
      assert.equal(submissions(), 2, "it was handed in, so it is found");
    });
  }

  it("counts for the budgets before it is handed in, with what it cost in the end", async () => {
    await using world = await openLater(1_000, { budgets: { day: 0.03 } });
    const { usd } = await ended(world.clock, world.ai.later({ name: "sums", items: ITEMS, poll: "500ms" }));
    const [row] = await world.store.db.all("select spent from call_budgets");
    assert.ok(Math.abs(Number(row?.["spent"]) - (usd ?? 0)) < 1e-12);
    const more = Array.from({ length: 20 }, (_, index) => ({ id: `${index}`, prompt: `Sum up more of ${index}` }));
    await assert.rejects(world.ai.later({ name: "more", items: more }), { code: "BUDGET_SPENT" });
    assert.equal(world.simulator.stats().byRoute["POST /v1/messages/batches"], 1);
    assert.equal(await world.batches.find("run-1", "more"), undefined);
  });

  it("asks directly what the batch has not answered in time", async () => {
    await using world = await openLater(60_000);
    const { items } = await ended(
      world.clock,
      world.ai.later({ name: "sums", items: ITEMS, within: "1s", poll: "500ms" }),
    );
    assert.equal(items.filter((item) => item.status === "answered" && item.answer.source === "provider").length, 7);
    assert.equal(world.simulator.stats().byRoute["POST /v1/messages"], 7);
  });

  it("reads results of any size line by line, those of a broken connection once, and asks what has no usable line", async () => {
    const text = "word ".repeat(200_000);
    const lines = (ids: readonly string[]): string[] =>
      ids.map((id, index) =>
        index === 3
          ? "{no JSON"
          : JSON.stringify({ custom_id: id, result: { type: "succeeded", message: messageOf(text) } }),
      );
    await using provider = await openBatchProvider(async (ids, response, turn) => {
      for (const [index, line] of lines(ids).entries()) {
        if (turn === 1 && index === 20) return void response.destroy();
        if (!response.write(`${line}\n`)) await once(response, "drain");
      }
      response.end();
    });
    const clock = createManualClock(Date.parse("2026-03-10T12:00:00Z"));
    const anthropic = { kind: "anthropic", apiKey: "k", baseUrl: provider.url } as const;
    await using world = await openCallsWorld({ clock, providers: { anthropic } });
    const items = Array.from({ length: 45 }, (_, index) => ({ id: `${index}`, prompt: `Tell ${index}` }));
    const later = await ended(clock, world.ai.later({ name: "long", items, cache: false, poll: "500ms" }));
    assert.deepEqual(
      later.items.map((item) => item.status === "answered" && [item.answer.source, item.answer.value.length]),
      items.map((_, index) => (index === 3 ? ["provider", 5] : ["batch", text.length])),
    );
    assert.equal(provider.readings(), 2);
    assert.equal(world.ends.filter(({ source }) => source === "batch").length, 44, "none is charged twice");
  });

  it("does not call off a batch that may be another's", async () => {
    await using world = await openLater(60_000);
    const other = world.factory.forRun({ id: "run-2", signal: new AbortController().signal });
    const theirs = other.later({ name: "sums", items: ITEMS, cache: false, poll: "500ms" });
    await until(() => world.simulator.stats().byRoute["POST /v1/messages/batches"] === 1);
    const lost = {
      runId: "run-1",
      name: "sums",
      model: MODELS.anthropic,
      batchId: null,
      submittedAt: world.clock.now(),
    };
    await world.batches.put(lost);
    const mine = world.ai.later({ name: "sums", items: ITEMS, cache: false, within: "1s", poll: "500ms" });
    const answered = await ended(world.clock, Promise.all([mine, theirs]));
    const sources = answered.map(({ items }) => items.map((item) => item.status === "answered" && item.answer.source));
    assert.deepEqual(sources, [ITEMS.map(() => "provider"), ITEMS.map(() => "batch")]);
  });

  it("names what is wrong with its items before anything is sent", async () => {
    await using world = await openLater(1_000);
    await assert.rejects(world.ai.later({ name: "x", items: [] }), { code: "INPUT_INVALID" });
    await assert.rejects(world.ai.later({ name: "x", items: [...ITEMS, ...ITEMS] }), /an id of its own/);
    assert.deepEqual(world.simulator.stats().byRoute, {});
  });
});

/** Lets time pass until the work has ended. */
async function ended<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  const state = { isDone: false };
  void work.finally(() => (state.isDone = true)).catch(() => undefined);
  while (!state.isDone) await clock.advance(250);
  return await work;
}

function messageOf(text: string): object {
  const usage = { input_tokens: 9, output_tokens: 9 };
  const content = [{ type: "text", text }];
  return { id: "m", type: "message", role: "assistant", model: "m", content, stop_reason: "end_turn", usage };
}

/** Plays Anthropic's batches, which end at once, and answers what is asked directly. */
async function openBatchProvider(
  results: (ids: readonly string[], response: ServerResponse, turn: number) => Promise<void>,
): Promise<AsyncDisposable & { readonly url: string; readings(): number }> {
  let ids: readonly string[] = [];
  let turn = 0;
  const server = createServer((request, response) => void serve(request, response));
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const piece of request.setEncoding("utf8")) body += piece as string;
    response.setHeader("content-type", "application/json");
    const path = `${request.method} ${request.url}`;
    if (path === "POST /messages/batches") {
      const { requests } = JSON.parse(body) as { readonly requests: readonly { readonly custom_id: string }[] };
      ids = requests.map((each) => each.custom_id);
    }
    if (path === "GET /messages/batches/b/results") await results(ids, response, ++turn);
    else if (path === "POST /messages") response.end(JSON.stringify(messageOf("again")));
    else response.end(JSON.stringify({ id: "b", processing_status: "ended" }));
  }
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    readings: () => turn,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
