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

/** Ten minutes back, and right again when those who sleep have had their time. */
async function backAndRightAgain({ clock, child, said, effects }: World): Promise<void> {
  for (const line of ["start siesta", "await siesta"]) child.tell(line);
  await said("siesta waits");
  clock.set(clock.now() - 10 * MINUTE);
  await systemClock.sleep(500);
  assert.deepEqual(effects(), { working: 1, "lying down": 1 });
  clock.set(clock.now() + 30 * MINUTE);
  await said("got up");
}

async function aDayAhead({ clock, child, said }: World): Promise<readonly string[]> {
  for (const line of ["start doze", "start nobody", "cache", "look 1", "await doze", "await nobody"]) child.tell(line);
  await Promise.all([said("doze waits"), said("nobody waits"), said("look 1: there")]);
  clock.set(clock.now() + DAY);
  const struck = `struck ${iso(Math.floor(clock.now() / HOUR) * HOUR)}`;
  await Promise.all([said("dozed"), said("answered null"), said(struck)]);
  child.tell("look 2");
  await said("look 2: gone");
  await systemClock.sleep(LEASES_MS);
  return ["dozing", "dozed", "answered null", struck];
}

async function anHourBack({ clock, child, said, release }: World): Promise<readonly string[]> {
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
  await systemClock.sleep(LEASES_MS);
  await writeFile(release, "");
  await said("worked");
  // The hour that has struck does not strike again, and the next one does.
  clock.set(hour - 200);
  await systemClock.sleep(500);
  clock.set(hour + HOUR - 200);
  await said(`struck ${iso(hour + HOUR)}`);
  child.tell("look 3");
  await said("look 3: gone");
  return [`struck ${iso(hour)}`, "try 1", "try 2", "napped", "worked", `struck ${iso(hour + HOUR)}`];
}

const STORES = [
  { name: "SQLite", skip: false, database: () => Promise.resolve(undefined) },
  {
    name: "Postgres",
    skip: typeof server === "string" ? server : false,
    database: () => (typeof server === "string" ? Promise.resolve(undefined) : server.database()),
  },
] as const;

describe("a machine whose clock is set back and right again, a day ahead, and an hour back", () => {
  for (const { name, skip, database } of STORES) {
    it(
      `does nothing again, loses nothing in flight, hangs nowhere, and strikes no hour twice, on ${name}`,
      {
        skip,
        timeout: 300_000,
      },
      async () => {
        await withWorld(await database(), async (world) => {
          await backAndRightAgain(world);
          const once = [...(await aDayAhead(world)), ...(await anHourBack(world))];
          const all = ["working", "lying down", "got up", ...once];
          assert.deepEqual(world.effects(), Object.fromEntries(all.map((what) => [what, 1])));
        });
      },
    );
  }
});
