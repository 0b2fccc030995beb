import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { after, describe, it } from "node:test";
import { isErrorCode, type MillraceError, systemClock } from "millrace";
import { createManualClock } from "millrace/testing";
import { ask, type Connection } from "./connection.ts";
import { HomeAssistants } from "./config.ts";
import { openSocket } from "./socket.ts";

const TOKEN = "a-token-that-nobody-may-see";
const servers: Server[] = [];
/** Found on most machines; what needs it is left out on the others. */
const OPENSSL = "openssl";

async function serve(listener: RequestListener, server: Server = createServer()): Promise<string> {
  server.on("request", listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

function answering(status: number, body: string): RequestListener {
  return (_, response) => response.writeHead(status, { location: "/elsewhere" }).end(body);
}

function connect(url: string): Connection {
  return { url, token: TOKEN, fetch: globalThis.fetch, clock: systemClock };
}

/** A certificate that nobody trusts; undefined where there is no openssl to make one. */
function selfSigned(): { readonly key: string; readonly cert: string } | undefined {
  const args =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=home -keyout - -out -";
  const { status, stdout } = spawnSync(OPENSSL, args.split(" "), { encoding: "utf8" });
  const at = status === 0 ? stdout.indexOf("-----BEGIN CERTIFICATE") : -1;
  return at < 0 ? undefined : { key: stdout.slice(0, at), cert: stdout.slice(at) };
}

async function failureOf(work: Promise<unknown>): Promise<MillraceError> {
  const error: unknown = await work.then(
    () => assert.fail("it went well"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error && "code" in error);
  const said = JSON.stringify([error.message, error]) + String(error.stack);
  assert.ok(!said.includes(TOKEN), said);
  return error as MillraceError;
}

describe("a Home Assistant that cannot be asked", () => {
  after(() => {
    for (const server of servers) server.close();
  });

  it("says by its code whether it refuses, is away, or answers with an error", async () => {
    const codes: string[] = [];
    for (const status of [401, 403, 503, 500, 302, 404]) {
      const url = `http://${await serve(answering(status, "no"))}`;
      codes.push(`${status} ${(await failureOf(ask(connect(url), "/api/config"))).code}`);
    }
    assert.deepEqual(codes, [
      "401 HOME_ASSISTANT_REFUSED",
      "403 HOME_ASSISTANT_REFUSED",
      "503 HOME_ASSISTANT_UNREACHABLE",
      "500 HOME_ASSISTANT_FAILED",
      "302 HOME_ASSISTANT_FAILED",
      "404 HOME_ASSISTANT_FAILED",
    ]);
    const down = await failureOf(ask(connect("http://127.0.0.1:9"), "/api/config"));
    assert.equal(down.code, "HOME_ASSISTANT_UNREACHABLE");
  });

  it("is not sent the token over a certificate that is not trusted, and says how to trust it", async (t) => {
    const made = selfSigned();
    if (made === undefined) return t.skip("there is no openssl to make a certificate with");
    const { key, cert } = made;
    const url = `https://${await serve(answering(200, "{}"), createTlsServer({ key, cert }))}`;
    const error = await failureOf(ask(connect(url), "/api/config"));
    assert.equal(error.code, "HOME_ASSISTANT_UNREACHABLE");
    assert.match(error.message, /certificate/);
    assert.match(error.advice, /NODE_EXTRA_CA_CERTS/);
  });

  it("is given up after the time-out, and at once when the run is canceled", async () => {
    const url = `http://${await serve(() => undefined)}`;
    const clock = createManualClock();
    const waiting = failureOf(ask({ ...connect(url), clock }, "/api/config", { timeoutMs: 5_000 }));
    await clock.advance(5_000);
    assert.match((await waiting).message, /no answer in 5 s/);
    const stop = new AbortController();
    const asked = ask(connect(url), "/api/config", { signal: stop.signal });
    stop.abort(new Error("canceled"));
    await assert.rejects(asked, /canceled/);
  });

  it("does not hold up a socket that nobody answers", async () => {
    const stop = new AbortController();
    const error = await failureOf(
      openSocket(connect(`http://${await serve(answering(200, "not a socket"))}`), { signal: stop.signal, WebSocket }),
    );
    assert.ok(isErrorCode(error, "HOME_ASSISTANT_UNREACHABLE"), error.code);
  });
});

describe("the setting homeAssistant", () => {
  it("takes an address as people copy it, and one home or several", () => {
    const urls = [
      "http://ha.local:8123",
      "http://ha.local:8123/",
      "https://ha.example/base/",
      "http://ha.local:8123/api/",
    ];
    assert.deepEqual(
      urls.map((url) => HomeAssistants.parse({ url, token: "t" })[0]?.url),
      ["http://ha.local:8123", "http://ha.local:8123", "https://ha.example/base", "http://ha.local:8123"],
    );
    const homes = HomeAssistants.parse([
      { url: "http://a", token: "t", name: "a" },
      { url: "http://b", token: "t", name: "b" },
    ]);
    assert.deepEqual(
      homes.map(({ name }) => name),
      ["a", "b"],
    );
  });

  it("refuses what is no address, secrets in it, and two homes of one name", () => {
    for (const value of [
      { url: "ha.local", token: "t" },
      { url: "http://user:pass@ha.local", token: "t" },
      { url: "http://ha.local", token: "" },
      [
        { url: "http://a", token: "t" },
        { url: "http://b", token: "t" },
      ],
    ]) {
      assert.equal(HomeAssistants.safeParse(value).success, false, JSON.stringify(value));
    }
  });
});
