import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/core/clock.ts";
import { postgresForTests } from "../../src/store/postgres/test-server.ts";
import { type Child, startChild, withGround } from "./child.ts";
import { createMachineClock, type MachineClock } from "./machine-clock.ts";

const PROGRAM = fileURLToPath(new URL("./clock-process.ts", import.meta.url));
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Twice the lease of the processes, which is longer than a busy machine lets one of them rest. */
const LEASES_MS = 6_000;

const server = await postgresForTests(process.env);
if (typeof server !== "string") after(() => server.close());

interface World {
  readonly clock: MachineClock;
  readonly child: Child;
  /** Resolves when one of the processes has said it. */
  readonly said: (line: string) => Promise<void>;
  readonly release: string;
  readonly effects: () => Readonly<Record<string, number>>;
  /** Waits until leases that nobody renewed would be over; SQLite knows of none. */
  readonly outlastLeases: () => Promise<void>;
}

/** A quarter past the hour before, so that no hour strikes by itself. */
function quarterPast(): number {
  return Math.floor(Date.now() / HOUR) * HOUR - 45 * MINUTE;
}

/** Processes on one machine: on SQLite one, on Postgres another one that would take over what is lost. */
async function withWorld(database: string | undefined, work: (world: World) => Promise<void>): Promise<void> {
  await withGround(async (ground) => {
    const { directory } = ground;
    const clock = createMachineClock(join(directory, "clock"), quarterPast());
    const release = join(directory, "release");
    const orders = {
      directory,
      effects: join(directory, "effects.txt"),
      release,
      ...(database === undefined ? {} : { database }),
    };
    const children: Child[] = [];
    const start = async (): Promise<Child> => {
      const child = startChild(PROGRAM, orders, clock.environment);
      children.push(child);
      await child.said("owner");
      return child;
    };
    try {
      const child = await start();
      child.tell("start long");
      await child.said("working");
      if (database !== undefined) await start();
      const said = (line: string): Promise<void> => Promise.any(children.map((one) => one.said(line)));
      const outlastLeases = () => systemClock.sleep(database === undefined ? 0 : LEASES_MS);
      await work({ clock, child, said, release, effects: () => ground.effects(), outlastLeases });
      for (const one of children) one.tell("end");
      for (const one of children) assert.deepEqual(await one.gone, { code: 0, signal: null });
      for (const { run } of await ground.stored())
        assert.deepEqual([run.status, run.crashes], ["done", 0], `${run.automation}: ${run.error?.message}`);
      const long = (await ground.stored()).find(({ run }) => run.automation === "long");
      assert.equal(long?.run.epoch, 1, "the claim was lost");
    } finally {
      await Promise.all(children.map((one) => one.kill()));
    }
  }, database);
}

const iso = (at: number): string => new Date(at).toISOString();

async function aDayAhead({ clock, child, said, release, effects, outlastLeases }: World): Promise<void> {
  for (const line of ["start doze", "start nobody", "cache", "look 1", "await doze", "await nobody"]) child.tell(line);
  await Promise.all([said("doze waits"), said("nobody waits"), said("look 1: there")]);
  clock.set(clock.now() + DAY);
  const struck = `struck ${iso(Math.floor(clock.now() / HOUR) * HOUR)}`;
  await Promise.all([said("dozed"), said("answered null"), said(struck)]);
  child.tell("look 2");
  await said("look 2: gone");
  await outlastLeases();
  await writeFile(release, "");
  await said("worked");
  const once = ["working", "dozing", "dozed", "answered null", struck, "worked"];
  assert.deepEqual(effects(), Object.fromEntries(once.map((what) => [what, 1])));
}

async function anHourBack({ clock, child, said, release, effects, outlastLeases }: World): Promise<void> {
  const hour = Math.ceil(clock.now() / HOUR) * HOUR;
  clock.set(hour - 200);
  await said(`struck ${iso(hour)}`);
  child.tell("start flaky");
  await said("try 1");
  child.tell("cache");
  clock.set(clock.now() - HOUR);
  // What waits for a moment in place, what is in flight, and what is begun now do not wait for an hour.
  child.tell("start nap");
  await Promise.all([said("try 2"), said("napped")]);
  await outlastLeases();
  await writeFile(release, "");
  await said("worked");
  // The hour that has struck does not strike again, and the next one does.
  clock.set(hour - 200);
  await systemClock.sleep(500);
  clock.set(hour + HOUR - 200);
  await said(`struck ${iso(hour + HOUR)}`);
  const once = ["working", `struck ${iso(hour)}`, "try 1", "try 2", "napped", "worked", `struck ${iso(hour + HOUR)}`];
  assert.deepEqual(effects(), Object.fromEntries(once.map((what) => [what, 1])));
  child.tell("look 3");
  await said("look 3: gone");
}

async function sleepersWait({ clock, child, said, release, effects }: World): Promise<void> {
  for (const line of ["start doze", "await doze"]) child.tell(line);
  await said("doze waits");
  clock.set(clock.now() - 10 * MINUTE);
  await systemClock.sleep(500);
  clock.set(clock.now() + 30 * MINUTE);
  await said("dozed");
  await writeFile(release, "");
  await said("worked");
  assert.deepEqual(effects(), { working: 1, dozing: 1, dozed: 1, worked: 1 });
}

const STORES = [
  { name: "SQLite", skip: false, database: () => Promise.resolve(undefined) },
  {
    name: "Postgres",
    skip: typeof server === "string" ? server : false,
    database: () => (typeof server === "string" ? Promise.resolve(undefined) : server.database()),
  },
] as const;

for (const { name, skip, database } of STORES) {
  describe(`a machine whose clock is set, with ${name}`, { skip, timeout: 180_000, concurrency: 2 }, () => {
    it("a day ahead: what slept goes on, the latest hour strikes once, nothing in flight is lost", async () => {
      await withWorld(await database(), aDayAhead);
    });
    it("an hour back: nothing is done again, nothing hangs, and no hour strikes twice", async () => {
      await withWorld(await database(), anHourBack);
    });
  });
}

describe("a machine whose clock is set back and right again", { timeout: 180_000 }, () => {
  it("goes on with what sleeps when its time has come", async () => {
    await withWorld(undefined, sleepersWait);
  });
});
