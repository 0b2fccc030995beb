import assert from "node:assert/strict";
import { get } from "node:http";
import { describe, it } from "node:test";
import { type Clients, openClients } from "../test-clients.ts";

/** Asks under a name that is not the simulator's own, as a browser does that was led astray. */
function statusUnder({ simulator }: Clients, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(`${simulator.url}/_simulator/health`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
}

describe("control calls", () => {
  it("forget everything that was counted, charged, stored or used up, and keep the behaviour", async () => {
    await using clients = await openClients({ limits: { requests: 1 }, batchMs: 0 });
    const params = { model: "m", max_tokens: 9, messages: [{ role: "user" as const, content: "x" }] };
    const { id } = await clients.anthropic.messages.batches.create({ requests: [{ custom_id: "a", params }] });
    await clients.anthropic.messages.create(params);
    await assert.rejects(clients.anthropic.messages.create(params), { status: 429 });
    assert.equal((await clients.control("reset")).status, 200);
    await clients.anthropic.messages.create(params);
    await assert.rejects(clients.anthropic.messages.batches.retrieve(id), { status: 404 });
    assert.deepEqual([clients.simulator.ledger()[0]?.calls, clients.simulator.log().length], [1, 2]);
  });

  it("tell how each request went, without a key or a word of its question", async () => {
    await using clients = await openClients({ script: ["overloaded"] });
    const messages = [{ role: "user" as const, content: "a secret" }];
    const headers = { "x-stainless-retry-count": "1" };
    await assert.rejects(clients.openai.chat.completions.create({ model: "m", messages }, { headers }));
    await clients.openai.chat.completions.create({ model: "m", messages });
    const text = await (await clients.get("/_simulator/log")).text();
    const { requests } = JSON.parse(text) as { requests: { attempt: number; status: number; clientRetry: number }[] };
    assert.deepEqual(
      requests.map(({ attempt, status, clientRetry }) => [attempt, status, clientRetry]),
      [
        [1, 503, 1],
        [2, 200, 0],
      ],
    );
    assert.doesNotMatch(text, /secret|Bearer/);
  });

  it("are refused to pages of a browser", async () => {
    await using clients = await openClients();
    const page = { headers: { origin: "http://evil.example" } };
    assert.equal((await clients.get("/_simulator/stats", page)).status, 403);
    assert.equal(await statusUnder(clients, "evil.example"), 403);
    assert.equal(await statusUnder(clients, "localhost:80"), 200);
    assert.equal((await clients.get("/_simulator/health")).status, 200);
    assert.equal((await clients.get("/_simulator/nothing")).status, 404);
  });

  it("name the field of a rule that makes no sense", async () => {
    await using clients = await openClients();
    const refused = await clients.control("config", { rules: [{ fault: "overloaded", share: 2 }] });
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /rules\.0\.share/);
    assert.equal((await clients.control("config", { limits: { requests: 0 } })).status, 400);
  });
});
