import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { createCache, type OpenCache } from "../cache/create-cache.ts";
import { createMemoryLevel } from "../cache/memory/memory-level.ts";
import { systemClock } from "../core/clock.ts";
import { isErrorCode } from "../core/errors.ts";
import { createEvents } from "../core/events.ts";
import { createIds } from "../core/ids.ts";
import { createLog } from "../core/log.ts";
import { systemRandom } from "../core/random.ts";
import { defineAutomation } from "../runs/automation.ts";
import { createEngine } from "../runs/create-engine.ts";
import type { Engine } from "../runs/engine.ts";
import { event } from "../runs/event-type.ts";
import { on } from "../runs/trigger.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import { route } from "./route.ts";
import { createServer, type Server, type ServerOptions } from "./server.ts";

const PROBLEM = "application/problem+json; charset=utf-8";
const LOCAL = { host: "127.0.0.1:8018" };

const greet = defineAutomation(
  "greet",
  { description: "Greets.", on: [on.manual(z.strictObject({ name: z.string() })), on.cron("0 3 * * *")] },
  async ({ step }) => ({ greeting: await step.run("write", () => "hello") }),
);
const fail = defineAutomation("fail", { on: [on.manual()], retry: { attempts: 1 } }, async ({ step }) => {
  await step.run("large", () => "x".repeat(20_000));
  await step.run("broken", () => {
    throw new Error("no luck");
  });
});
const wait = defineAutomation("wait", { on: [on.manual()] }, async ({ step, signal }) => {
  await step.run("for ever", () => systemClock.sleep(3_600_000, signal));
});

const Answered = event("question.answered", z.object({ question: z.string(), ok: z.boolean() }), {
  match: ({ question }) => question,
});
const question = defineAutomation(
  "question",
  { on: [on.manual(z.object({ question: z.string() }))], waits: [Answered] },
  async ({ event: { data }, step }) => {
    await step.run("ask", () => null);
    const answer = await step.wait("answer", { for: Answered, match: data.question, timeout: "7d" });
    return { ok: answer?.ok ?? null };
  },
);
const heard = defineAutomation("heard", { on: [on.event(Answered)] }, async () => null);

const thing = route({
  method: "POST",
  path: "/api/things/:id",
  summary: "Takes a thing.",
  params: z.object({ id: z.coerce.number("It is a number.") }),
  body: z.strictObject({ size: z.int("It is a whole number."), colour: z.string("It is a text.") }),
  handle: ({ params, body }) => ({ ...params, ...body }),
});
const broken = route({
  method: "GET",
  path: "/api/broken",
  summary: "Breaks.",
  handle: () => {
    throw new Error("the password is swordfish");
  },
});

let folder = "";
let store: Store;
let engine: Engine;
let cache: OpenCache;
let server: Server;
let options: ServerOptions;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-http-"));
  const shared = {
    clock: systemClock,
    random: systemRandom,
    ids: createIds({ clock: systemClock, random: systemRandom }),
    events: createEvents(),
    log: createLog({ level: "silent" }),
    timezone: "UTC",
  };
  store = await openSqliteStore({ directory: join(folder, "data"), ...shared });
  engine = createEngine({ store, automations: [greet, fail, wait, question, heard], services: () => ({}), ...shared });
  cache = createCache({ memory: createMemoryLevel(), ...shared });
  options = {
    ...shared,
    host: "127.0.0.1",
    port: 0,
    version: "1.2.3",
    providers: ["anthropic"],
    store,
    engine,
    cache: { cache, similarIfOpen: () => undefined, warming: () => undefined },
    role: () => "owner",
    routes: [thing, broken],
    dashboard: join(folder, "dashboard"),
  };
  await engine.start();
  server = await createServer(options);
});
after(async () => {
  await server.close();
  await engine.close();
  await cache.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

type Method = "GET" | "POST" | "DELETE" | "HEAD";

interface Asked {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
  readonly body: any;
}

async function ask(method: Method, url: string, payload?: unknown, headers: object = {}): Promise<Asked> {
  const answer = await server.inject({
    method,
    url,
    headers: { ...LOCAL, ...headers },
    ...(payload === undefined ? {} : { payload: payload as object }),
  });
  const isJson = String(answer.headers["content-type"]).includes("json");
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.payload,
    body: isJson && answer.payload !== "" ? answer.json() : undefined,
  };
}

async function runToEnd(name: string, input?: unknown): Promise<string> {
  const { runId } = await engine.trigger(name, input);
  await engine.ended(runId);
  return runId;
}

describe("the API of runs", () => {
  it("starts a run, answers with its id, and shows it with its steps", async () => {
    const started = await ask("POST", "/api/automations/greet/runs", { input: { name: "Ada" } });
    assert.equal(started.status, 202);
    assert.equal(started.body.isNew, true);
    await engine.ended(started.body.id);
    const { status, body } = await ask("GET", `/api/runs/${started.body.id}`);
    assert.equal(status, 200);
    assert.equal(body.status, "done");
    assert.deepEqual(body.event.data, { name: "Ada" });
    assert.deepEqual(body.output, { greeting: "hello" });
    assert.deepEqual([body.steps[0].id, body.steps[0].output, body.steps[0].outputBytes], ["write", "hello", 7]);
    assert.match(body.createdAt, /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.equal(typeof body.ms, "number");
  });

  it("answers 200 with the earlier run for a key it has seen", async () => {
    const payload = { input: { name: "Bo" }, key: "once" };
    const first = await ask("POST", "/api/automations/greet/runs", payload);
    const second = await ask("POST", "/api/automations/greet/runs", payload);
    assert.deepEqual([first.status, second.status], [202, 200]);
    assert.deepEqual(second.body, { id: first.body.id, isNew: false });
  });

  it("names every mistake of an input by its pointer and starts nothing", async () => {
    const before = (await ask("GET", "/api/runs")).body.total;
    const { status, body } = await ask("POST", "/api/automations/greet/runs", { input: { name: 1 } });
    assert.equal(status, 400);
    assert.equal(body.code, "INPUT_INVALID");
    assert.equal(body.errors[0].pointer, "/name");
    assert.equal((await ask("GET", "/api/runs")).body.total, before);
  });

  it("leaves a large result out and tells its size", async () => {
    const id = await runToEnd("fail");
    const { body } = await ask("GET", `/api/runs/${id}`);
    const large = body.steps.find((step: { id: string }) => step.id === "large");
    assert.equal("output" in large, false);
    assert.equal(large.outputBytes, 20_002);
  });

  it("retries a failed run, and refuses what its state does not allow", async () => {
    const id = await runToEnd("fail");
    assert.equal((await ask("POST", `/api/runs/${id}/retry`)).status, 200);
    await engine.ended(id);
    const refused = await ask("POST", `/api/runs/${id}/cancel`);
    assert.deepEqual([refused.status, refused.body.code], [409, "RUN_STATE"]);
  });

  it("cancels a run", async () => {
    const { runId } = await engine.trigger("wait");
    const { status, body } = await ask("POST", `/api/runs/${runId}/cancel`);
    assert.deepEqual([status, body.status], [200, "canceled"]);
  });

  it("pages through all runs without a gap or a repeat, newest first", async () => {
    for (let index = 0; index < 5; index++) await runToEnd("greet", { name: `page ${index}` });
    const seen: string[] = [];
    let url = "/api/runs?limit=2&automation=greet";
    let total = 0;
    for (;;) {
      const { body } = await ask("GET", url);
      total = body.total;
      seen.push(...body.items.map((run: { id: string }) => run.id));
      if (body.next === null) break;
      url = `/api/runs?limit=2&automation=greet&cursor=${body.next}`;
    }
    assert.equal(seen.length, total);
    assert.deepEqual(seen, [...new Set(seen)].toSorted().toReversed());
  });

  it("pages on without a gap or a repeat while runs are added", async () => {
    const known = new Set<string>(
      (await ask("GET", "/api/runs?limit=200")).body.items.map((run: { id: string }) => run.id),
    );
    const seen: string[] = [];
    for (let cursor = ""; ;) {
      const { body } = await ask("GET", `/api/runs?limit=3${cursor}`);
      seen.push(...body.items.map((run: { id: string }) => run.id));
      if (body.next === null) break;
      cursor = `&cursor=${body.next}`;
      await runToEnd("greet", { name: "between" });
    }
    assert.deepEqual(new Set(seen), known);
    assert.equal(seen.length, known.size);
  });

  it("filters by status", async () => {
    const { body } = await ask("GET", "/api/runs?status=canceled");
    assert.ok(body.items.length > 0);
    assert.ok(body.items.every((run: { status: string }) => run.status === "canceled"));
  });

  it("refuses a cursor of another list", async () => {
    const { body } = await ask("GET", "/api/runs?limit=1");
    const refused = await ask("GET", `/api/runs?limit=1&automation=greet&cursor=${body.next}`);
    assert.deepEqual([refused.status, refused.body.code], [400, "CURSOR_INVALID"]);
  });

  it("lists automations with what starts them and their newest run", async () => {
    const id = await runToEnd("greet", { name: "last" });
    const { body } = await ask("GET", "/api/automations");
    const view = body.items.find((each: { name: string }) => each.name === "greet");
    assert.equal(view.lastRun.id, id);
    const cron = view.triggers.find((trigger: { kind: string }) => trigger.kind === "cron");
    assert.match(cron.nextAt, /T03:00:00\.000Z$/);
  });
});

describe("events and waiting runs", () => {
  async function startQuestion(text: string): Promise<string> {
    const { body } = await ask("POST", "/api/automations/question/runs", { input: { question: text }, key: text });
    for (;;) {
      const shown = await ask("GET", `/api/runs/${body.id}`);
      if (shown.body.status === "waiting") return body.id;
      await systemClock.sleep(5);
    }
  }

  it("tell what a run waits for, and let an event go on with it, once for its id", async () => {
    const id = await startQuestion("shall we?");
    const { body: shown } = await ask("GET", `/api/runs/${id}`);
    const waiting = shown.steps.find((step: { id: string }) => step.id === "answer");
    assert.deepEqual(
      [waiting.kind, waiting.state, waiting.event, waiting.match, waiting.endedAt],
      ["wait", "open", "question.answered", "shall we?", null],
    );
    // The clock of the machine may go on by a millisecond between the two.
    const waitedMs = Date.parse(waiting.until) - Date.parse(waiting.startedAt);
    assert.equal(Math.round(waitedMs / 60_000), 7 * 24 * 60);
    const { body: explained } = await ask("GET", `/api/runs/${id}/explain`);
    assert.match(explained.why.join(" "), /question\.answered.*shall we\?/);
    const data = { question: "shall we?", ok: true };
    const emitted = await ask("POST", "/api/events", { name: "question.answered", data, id: "answer 1" });
    assert.equal(emitted.status, 202);
    assert.deepEqual([emitted.body.id, emitted.body.isNew, emitted.body.runs.length], ["answer 1", true, 1]);
    assert.deepEqual((await engine.ended(id)).output, '{"ok":true}');
    const again = await ask("POST", "/api/events", { name: "question.answered", data, id: "answer 1" });
    assert.deepEqual([again.status, again.body], [200, { id: "answer 1", isNew: false, runs: [] }]);
  });

  it("refuse an event that nobody knows, and data that do not fit, with every mistake", async () => {
    const unknown = await ask("POST", "/api/events", { name: "question.asked" });
    assert.deepEqual([unknown.status, unknown.body.code], [404, "NOT_FOUND"]);
    assert.match(unknown.body.advice, /question\.answered/);
    const unfit = await ask("POST", "/api/events", { name: "question.answered", data: { question: 1 } });
    assert.deepEqual([unfit.status, unfit.body.code, unfit.body.errors.length], [400, "INPUT_INVALID", 2]);
    const misspelt = await ask("POST", "/api/events", { nmae: "question.answered" });
    assert.equal(misspelt.status, 400);
    assert.match(misspelt.text, /It holds `name`, `data` and `id`, nothing else/);
  });

  it("cancel a run by its automation and key", async () => {
    const id = await startQuestion("or not?");
    const canceled = await ask("POST", "/api/runs/cancel", { automation: "question", key: "or not?" });
    assert.deepEqual([canceled.status, canceled.body.id, canceled.body.status], [200, id, "canceled"]);
    const unknown = await ask("POST", "/api/runs/cancel", { automation: "question", key: "never" });
    assert.deepEqual([unknown.status, unknown.body.code], [404, "RUN_UNKNOWN"]);
  });

  it("try a run again from a step on, and name the steps when there is no such", async () => {
    const id = await runToEnd("greet", { name: "twice" });
    const wrong = await ask("POST", `/api/runs/${id}/retry`, { from: "wirte" });
    assert.deepEqual([wrong.status, wrong.body.code], [400, "INPUT_INVALID"]);
    assert.match(wrong.body.advice, /write/);
    const again = await ask("POST", `/api/runs/${id}/retry`, { from: "write" });
    assert.equal(again.status, 200, again.text);
    assert.equal((await engine.ended(id)).status, "done");
  });
});

describe("health and readiness", () => {
  it("tells that the process lives, and that everything answers", async () => {
    const health = await ask("GET", "/api/health");
    assert.deepEqual([health.body.status, health.body.version], ["ok", "1.2.3"]);
    const ready = await ask("GET", "/api/ready");
    assert.equal(ready.status, 200);
    assert.deepEqual([ready.body.role, ready.body.providers, ready.body.timezone], ["owner", ["anthropic"], "UTC"]);
  });

  it("answers 503 with the same body while the engine has not started", async () => {
    const early = await createServer({ ...options, role: () => undefined });
    const answer = await early.inject({ url: "/api/ready", headers: LOCAL });
    assert.equal(answer.statusCode, 503);
    assert.equal(answer.json().ready, false);
    await early.close();
  });
});

describe("problems", () => {
  const cases: readonly [string, Method, string, object | string | undefined, object, number, string][] = [
    ["an unknown address", "GET", "/api/nothing", undefined, {}, 404, "NOT_FOUND"],
    ["an unknown address with a body", "POST", "/api/nothing", "{", { "content-type": "x/y" }, 404, "NOT_FOUND"],
    ["an unknown run", "GET", "/api/runs/none", undefined, {}, 404, "RUN_UNKNOWN"],
    ["an unknown automation", "POST", "/api/automations/none/runs", {}, {}, 404, "AUTOMATION_UNKNOWN"],
    ["another method", "DELETE", "/api/runs/1", undefined, {}, 405, "METHOD_NOT_ALLOWED"],
    ["another method on the dashboard", "POST", "/", undefined, {}, 405, "METHOD_NOT_ALLOWED"],
    ["a form", "POST", "/api/things/1", "a=1", { "content-type": "text/plain" }, 415, "MEDIA_TYPE_UNSUPPORTED"],
    ["broken JSON", "POST", "/api/things/1", "{", { "content-type": "application/json" }, 400, "INPUT_INVALID"],
    ["a large body", "POST", "/api/things/1", { x: "x".repeat(1_100_000) }, {}, 413, "PAYLOAD_TOO_LARGE"],
    ["an unknown query parameter", "GET", "/api/runs?stauts=done", undefined, {}, 400, "INPUT_INVALID"],
    ["a query where there is none", "GET", "/api/health?x=1", undefined, {}, 400, "INPUT_INVALID"],
    ["a limit beyond the most", "GET", "/api/runs?limit=201", undefined, {}, 400, "INPUT_INVALID"],
    ["a body where there is none", "POST", "/api/runs/1/cancel", { x: 1 }, {}, 400, "INPUT_INVALID"],
    ["a bad address", "GET", "/%zz", undefined, {}, 400, "INPUT_INVALID"],
    ["a foreign name", "GET", "/api/health", undefined, { host: "evil.example" }, 403, "ORIGIN_REFUSED"],
    [
      "a foreign origin",
      "POST",
      "/api/runs/1/cancel",
      undefined,
      { origin: "http://evil.example" },
      403,
      "ORIGIN_REFUSED",
    ],
    ["another local port", "GET", "/api/runs", undefined, { origin: "http://127.0.0.1:3000" }, 403, "ORIGIN_REFUSED"],
    [
      "a foreign site",
      "POST",
      "/api/runs/1/retry",
      undefined,
      { "sec-fetch-site": "cross-site" },
      403,
      "ORIGIN_REFUSED",
    ],
    ["a fault of ours", "GET", "/api/broken", undefined, {}, 500, "INTERNAL"],
  ];
  for (const [what, method, url, payload, headers, status, code] of cases) {
    it(`answers ${what} with ${status} ${code}`, async () => {
      const answer = await ask(method, url, payload, headers);
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.headers["content-type"], PROBLEM);
      assert.deepEqual([answer.body.status, answer.body.code], [status, code]);
      assert.equal(answer.body.requestId, answer.headers["x-request-id"]);
      assert.equal(answer.body.instance, url.split("?")[0]);
      assert.doesNotMatch(answer.text, /swordfish|\bat .*\.ts/);
    });
  }

  it("says which methods an address takes", async () => {
    assert.equal((await ask("DELETE", "/api/runs")).headers["allow"], "GET, HEAD");
    assert.equal((await ask("GET", "/api/things/1")).headers["allow"], "POST");
    const stream = await ask("HEAD", "/api/events/stream");
    assert.deepEqual([stream.status, stream.headers["allow"]], [405, "GET"]);
  });

  it("lists all mistakes of a body, not the first", async () => {
    const { body } = await ask("POST", "/api/things/7", { size: "big" });
    assert.deepEqual(
      body.errors.map((error: { pointer: string }) => error.pointer),
      ["/size", "/colour"],
    );
  });

  it("takes a request from its own page", async () => {
    const own = { origin: "http://127.0.0.1:8018", "sec-fetch-site": "same-origin" };
    const { status, body } = await ask("POST", "/api/things/7", { size: 1, colour: "red" }, own);
    assert.deepEqual([status, body], [200, { id: 7, size: 1, colour: "red" }]);
  });

  it("sends headers that keep a browser from loading or framing anything foreign, with errors too", async () => {
    for (const url of ["/api/health", "/api/nothing", "/"]) {
      const { headers } = await ask("GET", url);
      assert.match(String(headers["content-security-policy"]), /script-src 'self'.*frame-ancestors 'none'/);
      assert.doesNotMatch(String(headers["content-security-policy"]), /unsafe/);
      assert.deepEqual([headers["x-content-type-options"], headers["referrer-policy"]], ["nosniff", "no-referrer"]);
    }
  });
});

describe("any request", () => {
  const paths = [
    "health",
    "ready",
    "runs",
    "runs/x/cancel",
    "automations/greet/runs",
    "things/1",
    "events/stream",
    "..",
    "",
  ];
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("..", "__proto__", "1e309", "\u0000", "x".repeat(3_000)),
  );
  const url = fc
    .tuple(
      fc.constantFrom(...paths),
      fc.array(texts, { maxLength: 3 }),
      fc.array(fc.tuple(texts, texts), { maxLength: 3 }),
    )
    .map(([path, parts, query]) => {
      const below = parts.map((part) => `/${encodeURIComponent(part)}`).join("");
      const pairs = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
      return `/api/${path}${below}?${pairs.join("&")}`;
    });
  const body = fc.oneof(fc.json(), fc.string(), fc.constantFrom("", "[".repeat(50_000), '{"__proto__":{"input":1}}'));
  const type = fc.constantFrom("application/json", "text/plain", "", "application/json; charset=x");

  it("is answered below 500, and a refusal is a problem document", async () => {
    const request = fc.record({ method: fc.constantFrom("POST", "DELETE", "PUT", "OPTIONS"), url, body, type });
    await fc.assert(
      fc.asyncProperty(request, async ({ method, url, body, type }) => {
        const headers = { ...LOCAL, "content-type": type };
        const answer = await server.inject({ method: method as "POST", url, headers, payload: body });
        assert.ok(answer.statusCode < 500, answer.payload);
        if (answer.statusCode >= 400) assert.equal(answer.headers["content-type"], PROBLEM);
        if (answer.statusCode === 405) assert.ok(answer.headers["allow"]);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the dashboard", () => {
  it("tells how to build it where it was not built, then serves what was built", async () => {
    const missing = await ask("GET", "/");
    assert.equal(missing.status, 200);
    assert.match(missing.text, /npm run build/);
    mkdirSync(join(folder, "dashboard", "assets"), { recursive: true });
    writeFileSync(join(folder, "dashboard", "index.html"), "<title>the page</title>");
    writeFileSync(join(folder, "dashboard", "assets", "index-a1B2c3D4.js"), "1;");
    for (const url of ["/", "/runs", "/runs/0199-abc"]) {
      const page = await ask("GET", url);
      assert.match(page.text, /the page/, url);
      assert.equal(page.headers["cache-control"], "no-cache");
    }
    const asset = await ask("GET", "/assets/index-a1B2c3D4.js");
    assert.match(String(asset.headers["content-type"]), /javascript/);
    assert.equal(asset.headers["cache-control"], "public, max-age=31536000, immutable");
    const absent = await ask("GET", "/assets/gone-a1B2c3D4.js");
    assert.deepEqual([absent.status, absent.body.code], [404, "NOT_FOUND"]);
    assert.equal((await ask("GET", "/..%2fdata%2fmillrace.db")).status >= 400, true);
  });

  it("stands below the path that a proxy on this machine names, and only below a path", async () => {
    mkdirSync(join(folder, "dashboard"), { recursive: true });
    writeFileSync(join(folder, "dashboard", "index.html"), '<script src="/assets/index-a1B2c3D4.js"></script>');
    const below = await ask("GET", "/runs", undefined, { "x-ingress-path": "/api/hassio_ingress/a-1_B" });
    assert.match(below.text, / src="\/api\/hassio_ingress\/a-1_B\/assets\/index/);
    assert.match(String(below.headers["content-security-policy"]), /frame-ancestors 'self'/);
    for (const value of ['/"><script>', "//elsewhere.example", "https://elsewhere.example", ""]) {
      const page = await ask("GET", "/runs", undefined, { "x-ingress-path": value });
      assert.match(page.text, / src="\/assets\/index/, value);
      assert.match(String(page.headers["content-security-policy"]), /frame-ancestors 'none'/);
    }
  });
});

describe("listening", () => {
  it("names a taken port and how to choose another", async () => {
    const first = await createServer(options);
    const port = Number(new URL(await first.listen()).port);
    const second = await createServer({ ...options, port });
    await assert.rejects(second.listen(), (error) => {
      assert.ok(isErrorCode(error, "ADDRESS_IN_USE"));
      assert.match(`${error.message} ${error.advice}`, new RegExp(`${port}.*--port`));
      return true;
    });
    await second.close();
    await first.close();
  });

  it("refuses to listen where others could reach it", async () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.5", "example.org"]) {
      await assert.rejects(createServer({ ...options, host }), (error) => isErrorCode(error, "TOKEN_REQUIRED"));
    }
  });

  it("answers what is no HTTP with a problem", async () => {
    const open = await createServer(options);
    const { port } = new URL(await open.listen());
    const text = await new Promise<string>((resolve, reject) => {
      let received = "";
      const socket = connect(Number(port), "127.0.0.1", () => socket.write("NONSENSE\r\n\r\n"));
      socket.on("data", (chunk) => void (received += chunk.toString()));
      socket.on("end", () => resolve(received));
      socket.on("error", reject);
    });
    assert.match(text, /^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*"code":"INPUT_INVALID"/);
    await open.close();
  });

  it("closes at once though streams are open that nobody reads", async () => {
    const open = await createServer(options);
    const { port } = new URL(await open.listen());
    const socket = connect(Number(port), "127.0.0.1");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await new Promise<void>((resolve) => {
      socket.once("data", () => (socket.pause(), resolve()));
      socket.write("GET /api/events/stream HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
    });
    for (let index = 0; index < 2_000; index++) {
      const name = "x".repeat(10_000);
      options.events.emit("run-queued", { runId: String(index), automation: name, at: 0 });
    }
    const from = systemClock.monotonic();
    await open.close();
    assert.ok(systemClock.monotonic() - from < 2_000);
    socket.resume();
    await closed;
  });

  it("streams what happens, and says bye when it closes", async () => {
    const open = await createServer(options);
    const url = await open.listen();
    const stream = await fetch(`${url}/api/events/stream`);
    assert.equal(stream.headers.get("content-type"), "text/event-stream; charset=utf-8");
    assert.match(stream.headers.get("content-security-policy") ?? "", /frame-ancestors/);
    const text = stream.text();
    const id = await runToEnd("greet", { name: "live" });
    await open.close();
    const received = await text;
    for (const event of ["run-queued", "run-start", "step-start", "step-end", "run-end"]) {
      assert.match(received, new RegExp(`event: ${event}\ndata: \\{[^\n]*"runId":"${id}"`));
    }
    assert.match(received, /event: bye\ndata: \{\}\n\n$/);
  });
});
