import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { createManualClock } from "../core/manual-clock.ts";
import type { Timeouts } from "./timeouts.ts";
import { createTransport, type HttpRequest, type Transport, type TransportOptions } from "./transport.ts";

interface Served extends AsyncDisposable {
  readonly url: string;
  readonly transport: Transport;
  readonly server: Server;
  readonly fetch: typeof globalThis.fetch;
}

async function serve(listener: RequestListener, options?: TransportOptions): Promise<Served> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const transport = createTransport(options);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    transport,
    fetch: transport.fetch,
    async [Symbol.asyncDispose]() {
      await transport.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readAll(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) chunks.push(piece.value);
  return Buffer.concat(chunks).toString("utf8");
}

function get(origin: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { origin, path: "/", method: "GET", headers: {}, body: null, ...more };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

/** Found on most machines; what needs it is left out on the others. */
const OPENSSL = "openssl";

/** A certificate of ours for 127.0.0.1; undefined where there is no openssl to make one. */
function certificate(): { readonly key: string; readonly cert: string } | undefined {
  const ask =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 -keyout - -out - -addext";
  const { status, stdout } = spawnSync(OPENSSL, [...ask.split(" "), "subjectAltName=IP:127.0.0.1"], {
    encoding: "utf8",
  });
  const at = status === 0 ? stdout.indexOf("-----BEGIN CERTIFICATE") : -1;
  return at === -1 ? undefined : { key: stdout.slice(0, at), cert: stdout.slice(at) };
}

describe("the transport's sockets", () => {
  it("are as many as may be at once, and only so many stay when they fall idle", async () => {
    let sockets = 0;
    let most = 0;
    const waiting: ServerResponse[] = [];
    await using served = await serve((_request, response) => void waiting.push(response), { kept: 3, connections: 5 });
    served.server.on("connection", (socket) => {
      most = Math.max(most, (sockets += 1));
      socket.once("close", () => (sockets -= 1));
    });
    await served.transport.preload();
    const calls = Array.from({ length: 8 }, () => served.transport.send(get(served.url)));
    await until(() => waiting.length === 5);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([waiting.length, most], [5, 5], "the others wait");
    const bodies = calls.map(async (call) => (await call.head, (await call.whole(Infinity)).text));
    const answering = (async () => {
      for (let answered = 0; answered < 8; answered++) {
        await until(() => waiting.length > 0);
        waiting.shift()?.end("ok");
      }
    })();
    assert.deepEqual(
      await Promise.all(bodies),
      Array.from({ length: 8 }, () => "ok"),
    );
    await answering;
    await until(() => sockets <= 3);
    assert.equal(most, 5);
  });

  it("speak HTTP/2 where it is offered, many requests over one", { skip: certificate() === undefined }, async () => {
    const { key, cert } = certificate() ?? { key: "", cert: "" };
    for (const http2 of [true, false]) {
      let sockets = 0;
      const versions = new Set<string>();
      const waiting: (() => void)[] = [];
      const server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
        versions.add(request.httpVersion);
        if (waiting.push(() => void response.end("ok")) === 10) for (const go of waiting) go();
      });
      server.on("secureConnection", () => (sockets += 1));
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const transport = createTransport({ http2, ca: cert });
      await transport.preload();
      const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const calls = Array.from({ length: 10 }, async () => {
        const exchange = transport.send(get(origin));
        await exchange.head;
        return (await exchange.whole(Infinity)).text;
      });
      assert.deepEqual(new Set(await Promise.all(calls)), new Set(["ok"]));
      assert.deepEqual([[...versions], sockets], http2 ? [["2.0"], 1] : [["1.1"], 10]);
      await transport.close();
      server.close();
    }
  });
});

describe("the transport's time", () => {
  it("is watched part by part, and what takes too long frees its socket", async () => {
    const clock = createManualClock();
    let sockets = 0;
    let asked = 0;
    await using served = await serve(
      (request, response) => {
        asked += 1;
        if (request.url === "/body") response.write("begun");
      },
      { clock },
    );
    served.server.on("connection", (socket) => {
      sockets += 1;
      socket.once("close", () => (sockets -= 1));
    });
    await served.transport.preload();
    const cases: readonly (readonly [string, Timeouts, string])[] = [
      ["/", { firstByteMs: 2_000 }, "UND_ERR_HEADERS_TIMEOUT"],
      ["/body", { firstByteMs: 500, betweenBytesMs: 2_000 }, "UND_ERR_BODY_TIMEOUT"],
      ["/body", { totalMs: 2_000 }, "UND_ERR_BODY_TIMEOUT"],
    ];
    for (const [path, timeouts, code] of cases) {
      const before = asked;
      const exchange = served.transport.send(get(served.url, { path, timeouts }));
      const end = assert.rejects(async () => (await exchange.head, await exchange.whole(Infinity)), { code });
      await until(() => asked > before);
      if (path === "/body") await exchange.head;
      await clock.advance(1_999);
      assert.equal(sockets, 1);
      await clock.advance(1);
      await end;
      await until(() => sockets === 0);
    }
  });

  it("is given to the wait for a free socket as well", async () => {
    const clock = createManualClock();
    let asked = 0;
    await using served = await serve(() => void (asked += 1), { clock, kept: 1, connections: 1 });
    await served.transport.preload();
    const first = served.transport.send(get(served.url));
    first.head.catch(() => undefined);
    await until(() => asked === 1);
    const second = served.transport.send(get(served.url, { timeouts: { connectMs: 1_000 } }));
    const end = assert.rejects(second.head, { code: "UND_ERR_CONNECT_TIMEOUT" });
    await clock.advance(1_000);
    await end;
    first.cancel();
    await until(() => asked === 1);
  });
});

describe("the transport", () => {
  it("sends method, headers and body, and gives status, headers and body back", async () => {
    await using served = await serve((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      request.on("end", () => {
        response.writeHead(418, "Teapot", { "x-found": String(request.headers["x-sent"]) });
        response.end(`${request.method} ${request.url} ${body}`);
      });
    });
    const init = { method: "POST", headers: { "X-Sent": "yes" }, body: "tea" };
    const response = await served.fetch(`${served.url}/pot?size=1`, init);
    assert.deepEqual([response.ok, response.status, response.statusText], [false, 418, "Teapot"]);
    assert.equal(response.headers.get("X-Found"), "yes");
    assert.equal(Object.fromEntries(response.headers)["x-found"], "yes");
    assert.equal(await readAll(response), "POST /pot?size=1 tea");
  });

  it("uses sockets again for requests in a row, and as many as needed side by side", async () => {
    let sockets = 0;
    const waiting: (() => void)[] = [];
    await using served = await serve((request, response) => {
      request.resume();
      if (request.url === "/row") response.end("ok");
      else if (waiting.push(() => response.end("ok")) === 5) for (const go of waiting) go();
    });
    served.server.on("connection", () => sockets++);
    for (let index = 0; index < 20; index++) await readAll(await served.fetch(`${served.url}/row`));
    // The end of a body is seen a moment before its socket is free, so two may take turns.
    assert.ok(sockets <= 2, `${sockets} sockets`);
    const together = Array.from({ length: 5 }, async () => readAll(await served.fetch(`${served.url}/together`)));
    assert.deepEqual(await Promise.all(together), ["ok", "ok", "ok", "ok", "ok"]);
    assert.ok(sockets >= 5 && sockets <= 7, `${sockets} sockets`);
  });

  it("frees the socket and rejects with the reason when it is aborted before the headers", async () => {
    const stop = new AbortController();
    await using served = await serve((request) => {
      request.resume();
      stop.abort(new Error("not wanted any more"));
    });
    const closed = new Promise<void>((resolve) => {
      served.server.once("connection", (socket) => socket.once("close", () => resolve()));
    });
    await assert.rejects(served.fetch(served.url, { signal: stop.signal }), /not wanted any more/);
    await closed;
  });

  it("rejects the body with the reason when it is aborted in the middle", async () => {
    const stop = new AbortController();
    await using served = await serve((_request, response) => {
      response.write("half");
    });
    const response = await served.fetch(served.url, { signal: stop.signal });
    const reader = response.body?.getReader();
    assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), "half");
    stop.abort(new Error("enough"));
    await assert.rejects(async () => reader?.read(), /enough/);
  });

  it("does not send when the signal has fired before", async () => {
    let requests = 0;
    await using served = await serve((_request, response) => {
      requests += 1;
      response.end();
    });
    await assert.rejects(served.fetch(served.url, { signal: AbortSignal.abort(new Error("too late")) }), /too late/);
    assert.equal(requests, 0);
  });

  it("refuses a body above the limit", async () => {
    await using served = await serve((_request, response) => response.end("x".repeat(2_000)), { maxReplyBytes: 1_000 });
    await assert.rejects(async () => readAll(await served.fetch(served.url)), {
      code: "UND_ERR_RES_EXCEEDED_MAX_SIZE",
    });
  });

  it("makes the other side wait for a slow reader, and loses nothing", async () => {
    const chunk = "y".repeat(64 * 1024);
    await using served = await serve((_request, response) => {
      for (let index = 0; index < 64; index++) response.write(chunk);
      response.end();
    });
    const response = await served.fetch(served.url);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await readAll(response)).length, 64 * chunk.length);
  });

  it("says what it cannot take", async () => {
    const { fetch } = createTransport();
    await assert.rejects(fetch("http://127.0.0.1/", { method: "POST", body: new FormData() }), /takes a text as body/);
    await assert.rejects(fetch(new Request("http://127.0.0.1/")), /not a Request object/);
  });
});
