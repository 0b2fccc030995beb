import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Commands, commandsIn, type Ended, type Running } from "../../test/command.ts";
import { systemClock } from "../core/clock.ts";
import { cacheInvalidate, cacheWarm } from "./cache.ts";
import { Misuse } from "./failure.ts";

const CONFIG = `
import { automation, defineConfig, on } from "millrace";
export default defineConfig({
  apps: { home: { sample: false } },
  automations: [automation("keep", { on: [on.manual()] }, async ({ cache }) => {
    await cache.set("things:1", { name: "one" }, { ttl: "1h", staleIfError: "1h", tags: ["odd"] });
    await cache.set("things:2", { name: "two" }, { ttl: "1h" });
    return {};
  })],
});
`;

let folder = "";
let commands: Commands;
const running: Running[] = [];

before(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-cache-cli-"));
  writeFileSync(join(folder, "millrace.config.ts"), CONFIG);
  commands = commandsIn(folder);
});
after(async () => {
  for (const { child, ended } of running) {
    child.kill("SIGKILL");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

async function cache(...args: readonly string[]): Promise<Ended> {
  return await commands.millrace("cache", ...args, "--data", join(folder, "data"));
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers of every shape
async function cacheJson(...args: readonly string[]): Promise<any> {
  const { stdout } = await cache(...args, "--json");
  return JSON.parse(stdout);
}

function assertClear({ code, stderr }: Ended, exit: number, message: RegExp): void {
  assert.equal(code, exit, stderr);
  assert.match(stderr, message);
  assert.equal(stderr.match(/^error: /gm)?.length, 1, stderr);
}

describe("millrace cache", () => {
  const data = (): string => join(folder, "data");

  it("speaks of the server that runs on the data folder, and reaches what it holds in memory", async () => {
    const server = commands.begin(["start", "--port", "0", "--data", data(), "--json"]);
    running.push(server);
    const { url } = JSON.parse(await server.seen('"url"')) as { url: string };
    assert.equal((await commands.millrace("run", "keep", "--data", data())).code, 0);
    const stats = await cacheJson("stats");
    assert.deepEqual([stats.server, stats.process.pid], [url, server.child.pid]);
    assert.equal(stats.levels[0].name, "memory");
    const shown = await cache("get", "things:1");
    assert.match(
      shown.stdout,
      /levels +memory, database\n[^]*then stale for +60 min[^]*tags +odd\nvalue +\{"name":"one"\}\n$/,
    );
    assert.equal((await cache("invalidate", "--pattern", "things:1", "a:**", "--tag", "x")).code, 0);
    // The server looks at the journal by itself, soon.
    while ((await fetch(`${url}/api/cache/entries/things:1`)).status !== 404) await systemClock.sleep(20);
    assertClear(await cache("get", "things:1"), 1, /\(NOT_FOUND\)\n.*\/api\/cache\/entries/);
    server.child.kill("SIGKILL");
    await server.ended;
  });

  it("shows and forgets what a dead server left, and does not take its note for a living one", async () => {
    assert.equal(readdirSync(join(data(), "servers")).length, 1);
    const stats = await cacheJson("stats");
    assert.equal(stats.server, null);
    assert.deepEqual(
      stats.levels.map(({ name, items }: { name: string; items: number }) => [name, items]),
      [
        ["database", 1],
        ["files", 0],
      ],
    );
    assert.match((await cache("invalidate", "--tag", "odd", "--key", "a", "b")).stdout, /2 keys, 1 tag/);
    assert.deepEqual((await cacheJson("get", "things:2")).levels, ["database"]);
    assert.equal((await cache("clear")).code, 0);
    assertClear(await cache("get", "things:2"), 1, /holds nothing under things:2\. \(NOT_FOUND\)\n.*colons/);
    const next = commands.begin(["start", "--port", "0", "--data", data(), "--json"]);
    running.push(next);
    await next.seen('"url"');
    assert.deepEqual(readdirSync(join(data(), "servers")), [`${next.child.pid}.json`]);
    next.child.kill("SIGTERM");
    assert.equal((await next.ended).code, 0);
    assert.deepEqual(readdirSync(join(data(), "servers")), []);
  });

  it("says what is missing or unknown, and makes no data folder", async () => {
    const flags = { data: join(folder, "none") };
    await assert.rejects(cacheInvalidate({ ...flags, mode: "evict" }), { name: "MillraceError", advice: /--key KEY/ });
    for (const pattern of ["**", "*:*"]) {
      const everything = cacheInvalidate({ ...flags, mode: "evict", key: ["a"], pattern: [pattern] });
      await assert.rejects(everything, (error) => error instanceof Misuse && error.message.includes(`"${pattern}"`));
    }
    await assert.rejects(cacheWarm("plans", flags), { code: "NOT_FOUND", advice: "No app has one." });
    assert.equal(existsSync(flags.data), false);
  });
});
