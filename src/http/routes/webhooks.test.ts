import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { z } from "zod";
import { withBench } from "../../../test/crash/engine-harness.ts";
import { createCache } from "../../cache/create-cache.ts";
import { createMemoryLevel } from "../../cache/memory/memory-level.ts";
import { systemClock } from "../../core/clock.ts";
import { createEvents } from "../../core/events.ts";
import { createIds } from "../../core/ids.ts";
import { createLog } from "../../core/log.ts";
import { systemRandom } from "../../core/random.ts";
import { defineAutomation } from "../../runs/automation.ts";
import { on } from "../../runs/trigger.ts";
import type { Store } from "../../store/store.ts";
import { createServer } from "../server.ts";

const SECRET = "a secret of the sender";

const signed = defineAutomation(
  "signed",
  { on: [on.webhook("signed/in", { schema: z.object({ n: z.number() }), secret: SECRET, signature: "github" })] },
  async ({ event }) => event.data.n,
);
const open = defineAutomation("open", { on: [on.webhook("open")] }, async () => null);

function sign(body: string): string {
  return `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`;
}

/** Serves the webhooks on a real port of this machine. */
async function withServer(work: (address: string, store: Store) => Promise<void>): Promise<void> {
  const shared = {
    clock: systemClock,
    random: systemRandom,
    ids: createIds({ clock: systemClock, random: systemRandom }),
    events: createEvents(),
    log: createLog({ level: "silent" }),
    timezone: "UTC",
  };
  await withBench(async ({ engine: create, store }) => {
    const engine = create([signed, open]);
    const cache = createCache({ memory: createMemoryLevel(), ...shared });
    const server = await createServer({
      ...shared,
      host: "127.0.0.1",
      port: 0,
      version: "1.2.3",
      providers: [],
      store,
      engine,
      routes: [],
      cache: { cache, similarIfOpen: () => undefined, warming: () => undefined },
      role: () => "owner",
      dashboard: "/nowhere",
    });
    try {
      await work(await server.listen(), store);
    } finally {
      await server.close();
      await cache.close();
    }
  });
}

interface Answer {
  readonly id: string;
  readonly isNew: boolean;
  readonly code: string;
  readonly detail: string;
}

async function post(url: string, body: string | undefined, headers: Record<string, string> = {}) {
  const response = await fetch(url, { method: "POST", headers, ...(body === undefined ? {} : { body }) });
  return { status: response.status, answer: (await response.json()) as Answer };
}

describe("POST /api/webhooks/…", () => {
  it("answers 202 when the run is stored, and 200 with the same run for the same delivery", async () => {
    await withServer(async (address, store) => {
      const body = '{ "n": 1 }';
      const headers = {
        "x-hub-signature-256": sign(body),
        "x-github-delivery": "d1",
        "content-type": "application/json",
      };
      const first = await post(`${address}/api/webhooks/signed/in`, body, headers);
      assert.equal(first.status, 202);
      const run = await store.runs.get(first.answer.id);
      assert.equal(run?.automation, "signed");
      const again = await post(`${address}/api/webhooks/signed/in`, body, headers);
      assert.deepEqual([again.status, again.answer], [200, { id: first.answer.id, isNew: false }]);
      const many = await Promise.all(
        Array.from({ length: 20 }, () =>
          post(`${address}/api/webhooks/signed/in`, body, { ...headers, "x-github-delivery": "d2" }),
        ),
      );
      assert.equal(many.filter(({ status }) => status === 202).length, 1);
      assert.equal((await store.runs.list({ limit: 10 })).total, 2);
    });
  });

  it("refuses a delivery that is not signed, changed, no JSON or not as the schema says, and stores nothing", async () => {
    await withServer(async (address, store) => {
      const url = `${address}/api/webhooks/signed/in`;
      const cases = [
        [undefined, {}, 401, "SIGNATURE_REFUSED"],
        ['{"n":1}', {}, 401, "SIGNATURE_REFUSED"],
        ['{"n":2}', { "x-hub-signature-256": sign('{"n":1}') }, 401, "SIGNATURE_REFUSED"],
        ["n=1", { "x-hub-signature-256": sign("n=1") }, 400, "INPUT_INVALID"],
        ['{"n":"1"}', { "x-hub-signature-256": sign('{"n":"1"}') }, 400, "INPUT_INVALID"],
      ] as const;
      for (const [body, headers, status, code] of cases) {
        const refused = await post(url, body, headers);
        assert.deepEqual([refused.status, refused.answer.code], [status, code], body);
        assert.ok(!JSON.stringify(refused).includes(SECRET));
      }
      const large = JSON.stringify({ n: 1, text: "x".repeat(1_100_000) });
      const refused = await post(url, large, { "x-hub-signature-256": sign(large) });
      assert.deepEqual([refused.status, refused.answer.code], [413, "PAYLOAD_TOO_LARGE"]);
      assert.equal((await store.runs.list({ limit: 10 })).total, 0);
    });
  });

  it("lets signed deliveries come through a tunnel under any name, and others from this machine alone", async () => {
    await withServer(async (address) => {
      const body = '{"n":1}';
      const origin = { origin: "https://elsewhere.example" };
      const tunneled = await post(`${address}/api/webhooks/signed/in`, body, {
        "x-hub-signature-256": sign(body),
        ...origin,
      });
      assert.equal(tunneled.status, 202);
      const foreign = await post(`${address}/api/webhooks/open`, body, origin);
      assert.deepEqual([foreign.status, foreign.answer.code], [403, "ORIGIN_REFUSED"]);
      assert.equal((await post(`${address}/api/webhooks/open`, body)).status, 202);
      const keyed = [1, 2].map(() => post(`${address}/api/webhooks/open`, body, { "idempotency-key": "k" }));
      assert.deepEqual(new Set((await Promise.all(keyed)).map(({ status }) => status)), new Set([200, 202]));
    });
  });

  it("names what there is not, and what it does not take", async () => {
    await withServer(async (address) => {
      assert.equal((await post(`${address}/api/webhooks/nothing`, "{}")).answer.code, "NOT_FOUND");
      const got = await fetch(`${address}/api/webhooks/open`);
      assert.deepEqual([got.status, got.headers.get("allow")], [405, "POST"]);
      await got.body?.cancel();
    });
  });
});
