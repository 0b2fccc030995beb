import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { systemClock } from "../core/clock.ts";
import { ModelFailure } from "./failure.ts";
import { openProvider } from "./open-model.ts";
import { createTransport } from "./transport.ts";

type Reply = (body: { input: string[]; encoding_format: string; dimensions?: number }) => unknown;

/** A server of embeddings: each text becomes [length, 0.5]. */
const right: Reply = ({ input, encoding_format }) => ({
  data: input
    .map((text, index) => {
      const vector = Float32Array.of(text.length, 0.5);
      const embedding = encoding_format === "base64" ? Buffer.from(vector.buffer).toString("base64") : [...vector];
      return { object: "embedding", index, embedding };
    })
    .toReversed(),
  usage: { prompt_tokens: 7 },
});

async function open(kind: "openai" | "openai-compatible", reply: Reply) {
  const bodies: Parameters<Reply>[0][] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    request.on("end", () => {
      const body = JSON.parse(text) as Parameters<Reply>[0];
      bodies.push(body);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(reply(body)));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const transport = createTransport();
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const provider = await openProvider("it", { kind, apiKey: "k", baseUrl }, { transport, clock: systemClock });
  return {
    embedder: await provider.embedder("text-embedding-3-small"),
    bodies,
    async [Symbol.asyncDispose]() {
      await transport.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

describe("an embedder", () => {
  for (const [kind, format] of [
    ["openai", "base64"],
    ["openai-compatible", "float"],
  ] as const) {
    it(`turns many texts into vectors with one request, in their order (${kind})`, async () => {
      await using opened = await open(kind, right);
      const { embeddings, tokens } = await opened.embedder.embed({ values: ["a", "bcd", "éé"], dimensions: 2 });
      assert.deepEqual(embeddings, [Float32Array.of(1, 0.5), Float32Array.of(3, 0.5), Float32Array.of(2, 0.5)]);
      assert.equal(tokens, 7);
      assert.deepEqual(opened.bodies, [
        { model: "text-embedding-3-small", input: ["a", "bcd", "éé"], encoding_format: format, dimensions: 2 },
      ]);
    });
  }

  it("takes no fewer vectors than texts, and none that are empty", async () => {
    for (const data of [
      [],
      [{ index: 0, embedding: [1] }],
      [
        { index: 0, embedding: [1] },
        { index: 7, embedding: [1] },
      ],
    ]) {
      await using opened = await open("openai", () => ({ data }));
      await assert.rejects(
        opened.embedder.embed({ values: ["a", "b"] }),
        (error) => error instanceof ModelFailure && error.kind === "unusable",
      );
    }
  });

  it("sends nothing that no server takes", async () => {
    await using opened = await open("openai", right);
    await assert.rejects(opened.embedder.embed({ values: [] }), RangeError);
    await assert.rejects(opened.embedder.embed({ values: ["a", ""] }), /text 1 .* is empty/);
    await assert.rejects(opened.embedder.embed({ values: Array.from({ length: 2_049 }, () => "a") }), RangeError);
    assert.equal(opened.bodies.length, 0);
  });
});
