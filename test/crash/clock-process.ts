// A process that lives by a clock which a test sets: it starts runs when it is told to, and says how they go.
import { appendFileSync, existsSync } from "node:fs";
import { argv, stdin } from "node:process";
import { createInterface } from "node:readline";
import { z } from "zod";
import { createCache } from "../../src/cache/create-cache.ts";
import { createMemoryLevel } from "../../src/cache/memory/memory-level.ts";
import { systemClock } from "../../src/core/clock.ts";
import { createEvents } from "../../src/core/events.ts";
import { createIds } from "../../src/core/ids.ts";
import { createLog } from "../../src/core/log.ts";
import { systemRandom } from "../../src/core/random.ts";
import { defineAutomation } from "../../src/runs/automation.ts";
import { createEngine } from "../../src/runs/create-engine.ts";
import { event } from "../../src/runs/event-type.ts";
import { on } from "../../src/runs/trigger.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";

interface Orders {
  readonly directory: string;
  /** A Postgres database in place of the folder. */
  readonly database?: string;
  readonly effects: string;
  /** A body that is in flight ends once there is this file. */
  readonly release: string;
}

const orders = JSON.parse(argv[2] ?? "{}") as Orders;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
function act(run: string, what: string): void {
  appendFileSync(orders.effects, `${run} ${what}\n`);
  say(what);
}

const Never = event("never", z.object({}));
const manual = [on.manual()];

const long = defineAutomation("long", { on: manual }, async ({ step, run }) => {
  await step.run("work", async ({ signal }) => {
    act(run.id, "working");
    while (!existsSync(orders.release)) await systemClock.sleep(20, signal);
  });
  await step.run("after", () => act(run.id, "worked"));
});
const doze = defineAutomation("doze", { on: manual }, async ({ step, run }) => {
  await step.run("before", () => act(run.id, "dozing"));
  await step.sleep("doze", "20m");
  await step.run("after", () => act(run.id, "dozed"));
});
const siesta = defineAutomation("siesta", { on: manual }, async ({ step, run }) => {
  await step.run("before", () => act(run.id, "lying down"));
  await step.sleep("siesta", "20m");
  await step.run("after", () => act(run.id, "got up"));
});
const nap = defineAutomation("nap", { on: manual }, async ({ step, run }) => {
  await step.sleep("nap", 1_500);
  await step.run("after", () => act(run.id, "napped"));
});
const nobody = defineAutomation("nobody", { on: manual }, async ({ step, run }) => {
  const answer = await step.wait("answer", { for: Never, timeout: "2h" });
  await step.run("after", () => act(run.id, `answered ${JSON.stringify(answer)}`));
});
const flaky = defineAutomation("flaky", { on: manual }, async ({ step, run }) => {
  await step.run("try", ({ attempt }) => {
    act(run.id, `try ${attempt}`);
    if (attempt === 1) throw Object.assign(new Error("away"), { retryAfterMs: 900 });
  });
});
const hourly = defineAutomation("hourly", { on: [on.cron("0 * * * *", { timezone: "UTC" })] }, async (context) => {
  const { step, run } = context;
  await step.run("strike", () => act(run.id, `struck ${context.event.data.scheduledFor}`));
});

const { directory, database: url } = orders;
const clock = systemClock;
const log = createLog({ level: "silent" });
const store =
  url === undefined
    ? await openSqliteStore({ directory, clock })
    : await openPostgresStore({ url, clock, executes: "many", leaseMs: 3_000, min: 2, max: 10 });
const engine = createEngine({
  store,
  automations: [long, doze, siesta, nap, nobody, flaky, hourly],
  services: () => ({}),
  clock,
  random: systemRandom,
  ids: createIds({ clock, random: systemRandom }),
  events: createEvents(),
  log,
  timezone: "UTC",
});
const cache = createCache({ memory: createMemoryLevel(), clock, random: systemRandom, log });

/** Says so once a run of this automation has been given back and waits. */
async function parked(automation: string): Promise<void> {
  while ((await store.runs.list({ automation, status: "waiting", limit: 1 })).runs.length === 0)
    await systemClock.sleep(10);
  say(`${automation} waits`);
}

say(await engine.start());
for await (const line of createInterface({ input: stdin })) {
  const [what = "", name = ""] = line.split(" ");
  if (what === "start") await engine.trigger(name, {}, { key: line });
  else if (what === "cache") await cache.set("kept", 1, { ttl: "1h" });
  else if (what === "await") await parked(name);
  else if (what === "look") say(`${line}: ${cache.peek("kept") === undefined ? "gone" : "there"}`);
  else break;
}
stdin.destroy();
await engine.close();
await cache.close();
await store.close();
