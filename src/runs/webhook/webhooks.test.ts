import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { z } from "zod";
import { isErrorCode, type ErrorCode } from "../../core/errors.ts";
import { createManualClock } from "../../core/manual-clock.ts";
import type { Delivery } from "./signature.ts";
import { createWebhooks } from "./webhooks.ts";
import { webhook, type WebhookOptions, type WebhookTrigger } from "./webhook-trigger.ts";

const NOW = Date.UTC(2026, 5, 1, 12);
const SECRET = "a secret of the sender";

function isRefused(code: ErrorCode, ...parts: readonly string[]) {
  return (error: unknown) => isErrorCode(error, code) && parts.every((part) => error.message.includes(part));
}

/** A webhook, and what runs were stored of it. */
function receiver(options: WebhookOptions<unknown> = {}) {
  const clock = createManualClock(NOW);
  const runs = new Map<string, { readonly data: unknown }>();
  const webhooks = createWebhooks({
    webhooks: [{ automation: "job", trigger: webhook("in", options) }],
    clock,
    async admit(_automation, _trigger, data, key = `run ${runs.size}`) {
      const isNew = !runs.has(key);
      if (isNew) runs.set(key, { data });
      return { runId: key, isNew };
    },
  });
  return { clock, runs, send: (delivery: Delivery) => webhooks.receive("/in", delivery) };
}

function delivery(body: string | Uint8Array, headers: Delivery["headers"] = {}): Delivery {
  return { headers, body: typeof body === "string" ? Buffer.from(body) : body };
}

/** HMAC-SHA-256 by a program that the project did not write. */
function openssl(key: string, text: string): Buffer {
  const hex = Buffer.from(key).toString("hex");
  const args = ["dgst", "-sha256", "-mac", "HMAC", "-macopt", `hexkey:${hex}`, "-binary"];
  return execFileSync("/usr/bin/openssl", args, { input: text });
}

describe("a webhook that GitHub calls", () => {
  // docs.github.com, "Validating webhook deliveries", testing values.
  const secret = "It's a Secret to Everybody";
  const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

  it("takes the delivery of GitHub's own documentation for genuine", async () => {
    const { send } = receiver({ secret, signature: "github" });
    // Genuine, but no JSON.
    await assert.rejects(
      send(delivery("Hello, World!", { "x-hub-signature-256": signature })),
      isRefused("INPUT_INVALID"),
    );
    await assert.rejects(
      send(delivery("Hello, World?", { "x-hub-signature-256": signature })),
      isRefused("SIGNATURE_REFUSED", "does not fit"),
    );
  });

  it("starts one run for a delivery, however often it is sent", async () => {
    const { send, runs } = receiver({ secret, signature: "github" });
    const body = '{"action":"opened"}';
    const headers = {
      "x-hub-signature-256": `sha256=${openssl(secret, body).toString("hex")}`,
      "x-github-delivery": "1",
    };
    assert.equal((await send(delivery(body, headers))).isNew, true);
    assert.equal((await send(delivery(body, headers))).isNew, false);
    assert.equal((await send(delivery(body, { ...headers, "x-github-delivery": "2" }))).isNew, true);
    assert.deepEqual([...runs.values()][0], { data: { action: "opened" } });
  });
});

describe("a webhook that Stripe calls", () => {
  const body = '{"id":"evt_1","type":"invoice.paid"}';
  const at = String(NOW / 1_000);
  const sign = (time: string, key = SECRET) => openssl(key, `${time}.${body}`).toString("hex");

  it("takes one of several signatures, and a retry with a later time for the same delivery", async () => {
    const { send, clock } = receiver({ secret: SECRET, signature: "stripe" });
    const header = `t=${at},v1=${"0".repeat(64)},v1=${sign(at)},v0=old`;
    assert.equal((await send(delivery(body, { "stripe-signature": header }))).isNew, true);
    await clock.advance(60_000);
    const later = String(NOW / 1_000 + 60);
    assert.equal((await send(delivery(body, { "stripe-signature": `t=${later},v1=${sign(later)}` }))).isNew, false);
  });

  it("refuses what was signed too long ago, too far ahead, or at another time than it says", async () => {
    const { send, clock } = receiver({ secret: SECRET, signature: "stripe" });
    const genuine = delivery(body, { "stripe-signature": `t=${at},v1=${sign(at)}` });
    await clock.advance(300_000);
    await send(genuine);
    await clock.advance(1_000);
    await assert.rejects(send(genuine), isRefused("SIGNATURE_REFUSED", "301 s"));
    const ahead = String(NOW / 1_000 + 700);
    await assert.rejects(
      send(delivery(body, { "stripe-signature": `t=${ahead},v1=${sign(ahead)}` })),
      isRefused("SIGNATURE_REFUSED"),
    );
    const forged = String(NOW / 1_000 + 301);
    await assert.rejects(
      send(delivery(body, { "stripe-signature": `t=${forged},v1=${sign(at)}` })),
      isRefused("SIGNATURE_REFUSED", "does not fit"),
    );
  });
});

describe("a webhook after Standard Webhooks", () => {
  // The example of the specification (standard-webhooks/standard-webhooks, spec/standard-webhooks.md).
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const body = '{"test": 2432232314}';
  const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  const at = "1614265330";
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": at,
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  };

  it("takes the example of the specification for genuine, at its time and with another signature beside it", async () => {
    const { send, clock } = receiver({ secret, signature: "standard-webhooks" });
    clock.jump(Number(at) * 1_000 - NOW);
    assert.equal((await send(delivery(body, headers))).isNew, true);
    const two = { ...headers, "webhook-signature": `v1,AAAA v1a,else ${headers["webhook-signature"]}` };
    assert.equal((await send(delivery(body, two))).isNew, false, "the id names the delivery");
  });

  it("refuses the example under another id or at another time: both are signed", async () => {
    const { send, clock } = receiver({ secret, signature: "standard-webhooks" });
    clock.jump(Number(at) * 1_000 - NOW);
    for (const changed of [{ "webhook-id": "msg_other" }, { "webhook-timestamp": "1614265331" }]) {
      await assert.rejects(send(delivery(body, { ...headers, ...changed })), isRefused("SIGNATURE_REFUSED"));
    }
    await clock.advance(301_000);
    await assert.rejects(send(delivery(body, headers)), isRefused("SIGNATURE_REFUSED", "from now"));
  });
});

describe("a webhook", () => {
  const sha256 = (body: string | Uint8Array, key = SECRET) => createHmac("sha256", key).update(body).digest("hex");

  it("signed by a header of the sender's own: one run for an Idempotency-Key, else for a content", async () => {
    const { send } = receiver({ secret: SECRET, signature: { header: "X-Acme-Signature" } });
    const signed = (body: string, more = {}) => delivery(body, { "x-acme-signature": sha256(body), ...more });
    assert.equal((await send(signed("1"))).isNew, true);
    assert.equal((await send(signed("1"))).isNew, false);
    assert.equal((await send(signed("1", { "idempotency-key": "k" }))).isNew, true);
    assert.equal((await send(signed("2", { "idempotency-key": "k" }))).isNew, false);
  });

  it("takes deliveries under each of two secrets while one is being changed", async () => {
    const { send } = receiver({ secret: ["the old secret", "the new secret"] });
    for (const key of ["the old secret", "the new secret"]) {
      const body = JSON.stringify(key);
      await send(delivery(body, { "x-signature-256": `sha256=${sha256(body, key)}` }));
    }
    await assert.rejects(
      send(delivery("1", { "x-signature-256": sha256("1", "another secret") })),
      isRefused("SIGNATURE_REFUSED"),
    );
  });

  it("refuses what has no signature, an empty one, or two, and never names the secret or what would fit", async () => {
    const { send, runs } = receiver({ secret: SECRET });
    const right = sha256("1");
    for (const header of [undefined, "", "sha256=", [right, right], right.slice(1), `${right}0`, "é".repeat(64)]) {
      await assert.rejects(send(delivery("1", { "x-signature-256": header })), (error) => {
        assert.ok(isRefused("SIGNATURE_REFUSED")(error));
        assert.ok(!String(error).includes(SECRET) && !String(error).includes(right));
        return true;
      });
    }
    assert.equal(runs.size, 0);
  });

  it("checks the signature over the bytes that came, before it reads them", async () => {
    const { send } = receiver({ secret: SECRET });
    const bytes = Buffer.from([0x22, 0xff, 0x22]);
    await assert.rejects(
      send(delivery(bytes, { "x-signature-256": sha256(bytes) })),
      isRefused("INPUT_INVALID", "UTF-8"),
    );
    const spaced = ' { "a" :1 } ';
    await send(delivery(spaced, { "x-signature-256": sha256(spaced) }));
  });

  it("names every mistake of the body, and stores what the schema made of it", async () => {
    const schema = z.object({ at: z.coerce.date(), count: z.number(), name: z.string() });
    const { send, runs } = receiver({ schema });
    await assert.rejects(
      send(delivery('{"at":"2026-01-01","count":"1"}')),
      isRefused("INPUT_INVALID", "/count", "/name"),
    );
    await assert.rejects(send(delivery("")), isRefused("INPUT_INVALID", "not JSON"));
    assert.equal(runs.size, 0);
    await send(delivery('{"at":"2026-01-01","count":1,"name":"a","more":1}'));
    assert.deepEqual([...runs.values()], [{ data: { at: "2026-01-01T00:00:00.000Z", count: 1, name: "a" } }]);
  });

  it("without a secret starts a run for each request, or one for an Idempotency-Key", async () => {
    const { send } = receiver();
    const answers = [{}, {}, { "idempotency-key": "k" }, { "idempotency-key": "k" }].map((headers) =>
      send(delivery("{}", headers)),
    );
    assert.deepEqual(
      (await Promise.all(answers)).map(({ isNew }) => isNew),
      [true, true, true, false],
    );
  });

  it("is refused at its definition when its path, secret or signature cannot be right", () => {
    for (const path of ["", "/", "A", "a//b", "a/../b", "a?b", "a b"]) {
      assert.throws(() => webhook(path), isRefused("INPUT_INVALID", `"${path}"`), path);
    }
    for (const secret of ["", "short", [], ["long enough", ""]]) {
      assert.throws(() => webhook("in", { secret }), isRefused("INPUT_INVALID", "secret", "/in"));
    }
    assert.throws(() => webhook("in", { signature: "github" }), isRefused("INPUT_INVALID", "no secret"));
    assert.throws(
      () => webhook("in", { secret: SECRET, signature: "gitlab" as "github" }),
      isRefused("INPUT_INVALID", "gitlab"),
    );
  });

  it("shares its path with no other", () => {
    const trigger = webhook("in") as WebhookTrigger;
    const webhooks = ["a", "b"].map((automation) => ({ automation, trigger }));
    const admit = async () => ({ runId: "", isNew: true });
    assert.throws(
      () => createWebhooks({ webhooks, admit, clock: createManualClock(NOW) }),
      isRefused("INPUT_INVALID", "a and b", "/in"),
    );
  });
});
