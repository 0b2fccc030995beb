import assert from "node:assert/strict";
import { describe, it } from "node:test";
import OpenAI from "openai";
import { createManualClock } from "../../src/core/manual-clock.ts";
import { openGatewayWorld } from "./world.ts";

const ASKED = { model: "gpt-5.4-mini", messages: [{ role: "user" as const, content: "Tell me of mills" }] };

describe("a stream of the gateway that is kept", () => {
  it("comes at its pace where the header asks for it, from its real source, and is let go with its client", async () => {
    const clock = createManualClock(Date.parse("2026-03-10T12:00:00Z"));
    await using world = await openGatewayWorld({ clock, simulator: { tokensPerSecond: 20, latencyMs: 0 } });
    const over = new AbortController();
    const time = (async () => {
      while (!over.signal.aborted) {
        for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
        await clock.advance(5);
      }
    })();
    const ask = (replay: string) =>
      world.openai.chat.completions
        .create({ ...ASKED, stream: true }, { headers: { "x-millrace-replay": replay } })
        .withResponse();
    const read = async (replay: string) => {
      const { data, response } = await ask(replay);
      const from = clock.monotonic();
      let text = "";
      let pieces = 0;
      for await (const chunk of data) {
        const delta = chunk.choices[0]?.delta.content ?? "";
        text += delta;
        if (delta !== "") pieces++;
      }
      return { text, pieces, ms: clock.monotonic() - from, source: response.headers.get("x-millrace-source") };
    };
    try {
      const made = await read("now");
      const atOnce = await read("now");
      const paced = await read("pace");
      assert.deepEqual([atOnce.text, atOnce.pieces, atOnce.source], [made.text, 1, "memory"]);
      assert.deepEqual([paced.text, paced.source], [made.text, "memory"]);
      assert.ok(paced.pieces > 2 && paced.ms > 500, `${paced.pieces} pieces in ${paced.ms} ms`);
      const { data } = await ask("pace");
      for await (const _chunk of data) break;
      await assert.rejects(
        ask("slowly"),
        (error) => error instanceof OpenAI.BadRequestError && /x-millrace-replay.*pace/.test(error.message),
      );
      assert.equal(world.simulator.stats().requests, 1);
    } finally {
      over.abort();
      await time;
    }
  });
});
