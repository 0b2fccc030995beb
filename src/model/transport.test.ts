import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { createTransport, type TransportOptions } from "./transport.ts";

interface Served extends AsyncDisposable {
  readonly url: string;
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
