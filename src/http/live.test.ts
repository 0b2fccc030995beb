import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import { isErrorCode } from "../core/errors.ts";
import { createEvents } from "../core/events.ts";
import { createManualClock } from "../core/manual-clock.ts";
import { createLive, type Live } from "./live.ts";

const HEARTBEAT_MS = 15_000;

let server: Server;
let live: Live | undefined;

before(async () => {
  server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    live?.connect(response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterEach(() => {
  live?.close();
  live = undefined;
});
after(() => void server.close());

async function open(): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  const [response] = (await once(get({ host: "127.0.0.1", port, agent: false }), "response")) as [IncomingMessage];
  return response;
}

/** Reads until a text has come. */
async function readUntil(response: IncomingMessage, wanted: string): Promise<string> {
  let text = "";
  for await (const chunk of response) {
    text += String(chunk);
    if (text.includes(wanted)) return text;
  }
  assert.fail(`the stream ended before ${wanted}: ${text.slice(-200)}`);
}

const queued = (runId: string) => ({ runId, automation: "x", at: 0 });

describe("live events", () => {
  it("keep the line open with a comment every 15 seconds", async () => {
    const clock = createManualClock();
    live = createLive({ events: createEvents(), clock, heartbeatMs: HEARTBEAT_MS });
    const response = await open();
    await clock.advance(HEARTBEAT_MS);
    assert.match(await readUntil(response, ": still here"), /^retry: 2000\n\n: still here\n\n$/);
  });

  it("tell a reader that fell behind to load anew, and keep no more for it than the limit", async () => {
    const events = createEvents();
    live = createLive({ events, clock: createManualClock(), maxWaiting: 10 });
    const response = await open();
    const large = "x".repeat(100_000);
    for (let index = 0; index < 200; index++) events.emit("run-queued", queued(`${index}-${large}`));
    const text = await readUntil(response, "event: resync");
    const received = text.match(/event: run-queued/g)?.length ?? 0;
    assert.ok(received < 200, `${received} of 200 came although nobody read`);
    events.emit("run-queued", queued("afterwards"));
    live.close();
  });

  it("go on after a resync", async () => {
    const events = createEvents();
    live = createLive({ events, clock: createManualClock(), maxWaiting: 1 });
    const response = await open();
    const large = "x".repeat(500_000);
    for (let index = 0; index < 50; index++) events.emit("run-queued", queued(large));
    let text = "";
    let isTold = false;
    for await (const chunk of response) {
      text = (text + String(chunk)).slice(-5_000);
      if (!isTold && text.includes("event: resync")) {
        isTold = true;
        events.emit("run-queued", queued("afterwards"));
      }
      if (text.includes('"runId":"afterwards"')) break;
    }
    assert.match(text, /event: resync\ndata: \{\}\n\nevent: run-queued\ndata: \{"runId":"afterwards"/);
  });

  it("hang up on a reader that reads nothing for a minute", async () => {
    const events = createEvents();
    const clock = createManualClock();
    live = createLive({ events, clock, heartbeatMs: HEARTBEAT_MS });
    const response = await open();
    for (let index = 0; index < 100; index++) events.emit("run-queued", queued("x".repeat(500_000)));
    await clock.advance(4 * HEARTBEAT_MS);
    const failed = once(response, "error");
    response.resume();
    const [error] = (await failed) as [NodeJS.ErrnoException];
    assert.equal(error.code, "ECONNRESET");
  });

  it("have room for so many readers and no more", async () => {
    live = createLive({ events: createEvents(), clock: createManualClock(), maxClients: 1 });
    const response = await open();
    assert.throws(
      () => live?.requireRoom(),
      (error) => isErrorCode(error, "CAPACITY_REACHED"),
    );
    response.destroy();
  });
});
