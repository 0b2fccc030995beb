import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { type AnyApp, defineApp } from "./app.ts";
import { loadConfig } from "./config.ts";
import { isErrorCode } from "./core/errors.ts";
import { createLog } from "./core/log.ts";
import { type Host, openHost, type OpenHostOptions } from "./host.ts";
import { automation, on } from "./index.ts";

const log = createLog({ level: "silent" });
let folder = "";
let count = 0;

before(() => void (folder = mkdtempSync(join(tmpdir(), "millrace-host-"))));
after(() => rmSync(folder, { recursive: true, force: true }));

async function open(options: Partial<OpenHostOptions> & { readonly data?: string } = {}): Promise<Host> {
  const { data = join(folder, `data-${++count}`), apps = [] } = options;
  const config = await loadConfig({ apps, environment: {}, cwd: folder, flags: { data } });
  return await openHost({ config, log, ...options });
}

const one = automation("one", { on: [on.manual()] }, async () => ({ ran: "one" }));
const nightly = automation("nightly", { on: [on.manual(), on.cron("0 3 * * *")] }, async () => ({}));
const ask = automation("ask", { on: [on.manual()] }, async ({ ai }) => ({
  answer: await ai.text({ prompt: "Hello?", rules: () => "by rule" }),
}));

describe("openHost", () => {
  it("gives automations an ai that answers by rules where no provider is configured", async () => {
    const host = await open({ automations: [ask] });
    assert.equal(await host.start(), "owner");
    const { runId } = await host.engine.trigger("ask");
    const { output } = await host.engine.ended(runId);
    const { answer } = JSON.parse(output ?? "") as { answer: { value: string; source: string } };
    assert.deepEqual([answer.value, answer.source], ["by rule", "rules"]);
    await host.close();
  });

  it("gives an app its configuration, a folder of its own, routes, and a start", async () => {
    const seen: unknown[] = [];
    const app: AnyApp = defineApp({
      name: "garden",
      config: z.strictObject({ beds: z.int().default(3) }),
      create: ({ config, directory, engine }) => ({
        automations: [one],
        routes: [],
        started: async () => {
          seen.push(config.beds, directory.endsWith("garden"), (await engine.trigger("one")).isNew);
        },
      }),
    });
    const host = await open({ apps: [app] });
    assert.deepEqual(seen, []);
    await host.start();
    await host.started();
    assert.deepEqual(seen, [3, true, true]);
    await host.close();
  });

  it("closes in the reverse of the order in which things were opened", async () => {
    const host = await open();
    host.resources.add("http", () => undefined);
    assert.deepEqual(await host.close(), {
      closed: ["http", "engine", "providers", "call ledger", "cache", "metrics", "audit log", "store"],
      failed: [],
    });
  });

  it("closes what is open when something later fails", async () => {
    const data = join(folder, "twice");
    await assert.rejects(open({ data, automations: [one, one] }), (error) =>
      isErrorCode(error, "AUTOMATION_DUPLICATE"),
    );
    assert.ok(existsSync(data));
    const again = await open({ data });
    assert.equal(await again.start(), "owner");
    await again.close();
  });

  it("makes one process the owner, and the next one when the first has gone", async () => {
    const data = join(folder, "shared");
    const first = await open({ data, automations: [one] });
    const second = await open({ data, automations: [one] });
    assert.deepEqual([await first.start(), await second.start()], ["owner", "guest"]);
    assert.equal(second.role(), "guest");
    await first.close();
    const { runId } = await second.engine.trigger("one");
    await second.engine.ended(runId);
    assert.equal(second.role(), "owner");
    await second.close();
  });
});

describe("openHost with `only`", () => {
  it("leaves the runs of others queued and their schedules as they were", async () => {
    const data = join(folder, "only");
    const all = await open({ data, automations: [one, nightly] });
    await all.start();
    const schedules = await all.store.runs.schedules();
    await all.close();

    const queueing = await open({ data, automations: [one, nightly] });
    const { runId: other } = await queueing.engine.trigger("nightly");
    await queueing.close();

    const single = await open({ data, automations: [one, nightly], only: "one" });
    await single.start();
    const { runId } = await single.engine.trigger("one");
    await single.engine.ended(runId);
    assert.equal((await single.store.runs.get(other))?.status, "queued");
    assert.equal(schedules.length, 1);
    assert.deepEqual(await single.store.runs.schedules(), schedules);
    await single.close();
  });

  it("refuses an automation that there is not, naming the nearest", async () => {
    await assert.rejects(open({ automations: [nightly], only: "nihgtly" }), (error) => {
      assert.ok(isErrorCode(error, "AUTOMATION_UNKNOWN"));
      assert.match(error.message, /Did you mean "nightly"/);
      return true;
    });
  });
});
