// A process that executes one kind of run on a data folder, and stands still where it is told to, so that it can be killed there.
import { appendFileSync } from "node:fs";
import { argv } from "node:process";

import { systemClock } from "../../src/core/clock.ts";
import { MillraceError } from "../../src/core/errors.ts";
import { createEvents } from "../../src/core/events.ts";
import { createIds } from "../../src/core/ids.ts";
import { createLog } from "../../src/core/log.ts";
import { systemRandom } from "../../src/core/random.ts";
import { defineAutomation } from "../../src/runs/automation.ts";
import { createEngine } from "../../src/runs/create-engine.ts";
import { on } from "../../src/runs/trigger.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";

interface Orders {
  readonly directory: string;
  /** A Postgres database, that several such processes work on, in place of the folder. */
  readonly database?: string;
  /** Says nothing of what fails. */
  readonly isQuiet?: boolean;
  /** On SQLite: each commit is on the disk before it is acknowledged. */
  readonly isDurable?: boolean;
  /** For Postgres: what a process that is gone held is taken over so late, in milliseconds. */
  readonly leaseMs?: number;
  /** Each body of a step writes a line here: what the outside world saw. */
  readonly effects: string;
  /** Where to stand still for ever, for example `in two`. */
  readonly haltAt?: string;
  /** How long each body takes, in milliseconds. */
  readonly ms?: number;
  /** Runs that are started under these keys; without, only what is stored goes on. */
  readonly start?: readonly string[];
}

const orders = JSON.parse(argv[2] ?? "{}") as Orders;
const items = Array.from({ length: 12 }, (_, index) => `item-${index}`);
let halted = 0;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function reach(point: string): Promise<void> {
  if (point !== orders.haltAt) return;
  halted += 1;
  say(`halted ${halted}`);
  await new Promise(() => undefined);
}

/** A body: it has its effect, then takes its time. */
async function act(run: string, what: string, point: string): Promise<string> {
  appendFileSync(orders.effects, `${run} ${what}\n`);
  await reach(`in ${point}`);
  await systemClock.sleep(orders.ms ?? 1);
  return `${what} done`;
}

const journey = defineAutomation("journey", { on: [on.manual()] }, async ({ step, run }) => {
  say("executing");
  const one = await step.run("one", () => act(run.id, "one", "one"));
  const two = await step.run("two", () => act(run.id, "two", "two"));
  const asked = await step.map(
    "ask",
    items,
    (item) => act(run.id, item, items.indexOf(item) >= 5 ? "map" : "early item"),
    { key: (item) => item },
  );
  const three = await step.run("three", () => act(run.id, "three", "three"));
  return { one, two, asked, three };
});

const poison = defineAutomation("poison", { on: [on.manual()] }, async ({ step }) => {
  await step.run("die", () => void process.kill(process.pid, "SIGKILL"));
});

const ids = createIds({ clock: systemClock, random: systemRandom });
/** Asks again, as anybody outside would, when the database is away or full meanwhile. */
async function patiently(ask: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (!(error instanceof MillraceError && error.isRetryable)) throw error;
      await systemClock.sleep(50);
    }
  }
}

async function allEnded(): Promise<void> {
  const { runs } = await store.runs.list({ limit: 200 });
  await Promise.all(runs.map(({ id }) => engine.ended(id)));
}

const { directory, database: url, leaseMs = 1_000 } = orders;
const store =
  url === undefined
    ? await openSqliteStore({
        directory,
        clock: systemClock,
        durability: orders.isDurable === true ? "full" : "normal",
      })
    : await openPostgresStore({ url, clock: systemClock, executes: "many", leaseMs, min: 2, max: 10 });
const engine = createEngine({
  store,
  automations: [journey, poison],
  services: () => ({}),
  clock: systemClock,
  random: systemRandom,
  ids,
  events: createEvents(),
  // A database that goes away on purpose is no news.
  log: createLog({ level: url === undefined && orders.isQuiet !== true ? "error" : "silent" }),
  timezone: "UTC",
});
say(await engine.start());
for (const key of orders.start ?? []) await patiently(() => engine.trigger(key.split(" ")[0] ?? "", {}, { key }));
await patiently(allEnded);
say("ended");
await engine.close();
await store.close();
