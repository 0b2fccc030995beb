import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createSimulator } from "../../simulator/index.ts";
import type { LaterAnswer } from "../../src/calls/ai.ts";

const PROGRAM = fileURLToPath(new URL("./ask-later.ts", import.meta.url));
const PROMPTS = ["Sum up the first file", "Sum up the second file", "Sum up the third file"];
const LANES = [
  { model: "anthropic/claude-haiku-4-5", path: "/v1/messages/batches" },
  { model: "openai/gpt-5.4-mini", path: "/v1/batches" },
] as const;

/** Stands before the provider and holds the reply to one request back: the provider has done what it was asked, and the client never hears. */
async function openHold(to: string) {
  let wanted: string | undefined;
  let held = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const upstream = sendRequest(`${to}${request.url ?? ""}`, { method: request.method, headers: request.headers });
    request.pipe(upstream);
    upstream.on("response", (reply) => {
      if (`${request.method} ${request.url}`.startsWith(wanted ?? "none")) {
        reply.resume();
        reply.on("end", () => held.resolve());
        return;
      }
      response.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(response);
    });
    upstream.on("error", () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Holds replies to what begins so from now on; `reached` resolves when the first one is held. */
    hold(start: string | undefined) {
      wanted = start;
      held = Promise.withResolvers();
      return held.promise;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

describe("kill -9 while a batch is asked", () => {
  for (const { model, path } of LANES) {
    it(`hands it in to ${model.split("/")[0]} once, wherever the process dies, and takes every answer at half the price`, async () => {
      const data = await mkdtemp(join(tmpdir(), "millrace-later-"));
      await using simulator = createSimulator({ batchMs: 1 });
      await using hold = await openHold(await simulator.start());
      const orders = JSON.stringify({ data, url: hold.url, model, prompts: PROMPTS });
      const start = (): ChildProcess =>
        spawn(process.execPath, ["--conditions=millrace-source", PROGRAM, orders], {
          stdio: ["ignore", "pipe", "inherit"],
        });
      const killAt = async (request: string): Promise<void> => {
        const reached = hold.hold(request);
        const child = start();
        const gone = once(child, "close");
        await Promise.race([reached, gone.then(() => assert.fail("it ended before it was killed"))]);
        child.kill("SIGKILL");
        await gone;
      };
      try {
        // The provider has the batch, and its id is not written yet; then it is written, and the results are not.
        await killAt(`POST ${path}`);
        await killAt(`GET ${path}/`);
        void hold.hold(undefined);
        const child = start();
        let said = "";
        child.stdout?.on("data", (piece: Buffer) => (said += String(piece)));
        await once(child, "close");
        const { items, usd, savedUsd } = JSON.parse(said) as LaterAnswer;
        for (const item of items) assert.equal(item.status === "answered" && item.answer.source, "batch");
        assert.equal(items.length, PROMPTS.length);
        assert.ok(usd !== null && usd > 0 && Math.abs(usd - (savedUsd ?? 0)) < 1e-12, `${usd} paid, ${savedUsd} saved`);
        assert.equal(simulator.stats().byRoute[`POST ${path}`], 1);
        assert.deepEqual(
          simulator.ledger().map(({ calls, batchItems }) => [calls, batchItems]),
          [[PROMPTS.length, PROMPTS.length]],
        );
      } finally {
        await rm(data, { recursive: true, force: true });
      }
    });
  }
});
