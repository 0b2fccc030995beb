import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { cachedDataVersionTag } from "node:v8";

const MAIN = new URL("../src/main.ts", import.meta.url).pathname;

/** Writes down what was loaded, when the process ends. */
const HOOK = `
import { registerHooks } from "node:module";
import { writeFileSync } from "node:fs";
import { cachedDataVersionTag } from "node:v8";
const urls = [];
let tag;
registerHooks({
  load(url, context, next) {
    urls.push(url);
    if (url.endsWith("/src/http/server.ts")) tag = cachedDataVersionTag();
    return next(url, context);
  },
});
process.on("exit", () => writeFileSync(process.env.LOADED, JSON.stringify({ urls, builtin: process.moduleLoadList, tag })));
`;

describe("the start of a server that nobody asked a model yet", () => {
  const directory = mkdtempSync(join(tmpdir(), "millrace-start-"));
  let urls: readonly string[] = [];
  let builtin: readonly string[] = [];
  let tag: number | undefined;

  before(async () => {
    const hook = join(directory, "hook.mjs");
    const loaded = join(directory, "loaded.json");
    writeFileSync(hook, HOOK);
    const flags = ["start", "--json", "--data", join(directory, "data"), "--port", "0"];
    const args = ["--conditions=millrace-source", "--import", pathToFileURL(hook).href, MAIN, ...flags];
    const child = spawn(process.execPath, args, {
      cwd: directory,
      env: { PATH: process.env["PATH"], LOADED: loaded, MILLRACE_LOG_LEVEL: "error" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const { url } = JSON.parse(line) as { readonly url: string };
    assert.equal((await fetch(`${url}/api/health`)).status, 200);
    child.kill("SIGTERM");
    await once(child, "exit");
    const seen = JSON.parse(readFileSync(loaded, "utf8")) as { urls: string[]; builtin: string[]; tag?: number };
    ({ urls, builtin, tag } = seen);
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const LATE = [
    ["the gateway", "/src/calls/gateway/"],
    ["wire formats", "/src/model/wire/openai/codec"],
    ["wire formats", "/src/model/wire/anthropic/codec"],
    ["what reads answers", "/src/model/wire-model"],
    ["embeddings", "/src/calls/embed-texts"],
    ["batches", "/src/calls/batch/ask-later"],
    ["the HTTP client", "/node_modules/undici/"],
    ["packages of other providers", "/node_modules/@ai-sdk/openai"],
    ["Postgres", "/node_modules/pg/"],
    ["the queue on Postgres", "/node_modules/pg-boss/"],
    ["Redis", "/node_modules/ioredis/"],
    ["watching of files", "/node_modules/chokidar/"],
    ["logs for people", "/node_modules/pino-pretty/"],
    ["the simulator", "/simulator/"],
  ] as const;

  for (const [what, path] of LATE) {
    it(`loads ${path} (${what}) when it is needed`, () => {
      assert.ok(urls.some((url) => url.endsWith("/src/host.ts")));
      assert.deepEqual(
        urls.filter((url) => url.includes(path)),
        [],
      );
    });
  }

  it("does not wake the copies of undici and HTTP/2 within Node, which an import of node:http by name does", () => {
    assert.ok(builtin.includes("NativeModule http"));
    assert.deepEqual(
      builtin.filter((name) => name === "NativeModule internal/deps/undici/undici"),
      [],
    );
  });

  it("sets no flag of V8 before its code is loaded, which would cost Node's own modules their compiled code", () => {
    assert.equal(tag, cachedDataVersionTag());
  });
});
