import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/core/clock.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { postgresForTests } from "../../src/store/postgres/test-server.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { RunRecord, StepRecord } from "../../src/store/store.ts";
import { type Child, startChild } from "./child.ts";
import { ALL_POINTS, COURSE_POINTS, type CoursePoint, nameOf } from "./course-points.ts";
import { silentLog } from "./engine-harness.ts";

const PROGRAM = fileURLToPath(new URL("./course.ts", import.meta.url));
const BODIES = ["book", "each:a", "each:b", "each:c", "note", "crunch", "echo", "help"];
const STEPS = ["ask", "book", "crunch", "each:a", "each:b", "each:c", "hear", "note", "pause", "tell"];
const AFTERWARDS = {
  done: { bodies: [], steps: [] },
  failed: { bodies: ["unbook", "tell of it"], steps: ["#failure", "#undo:book"] },
  canceled: { bodies: ["unbook"], steps: ["#undo:book"] },
} as const;
/** Groups of runs: those whose process dies while another one lives, and those whose every process dies. */
const GROUPS = { one: "of one of two processes", all: "of all processes" } as const;

const server = await postgresForTests(process.env);
if (typeof server !== "string") after(() => server.close());

interface Outcome {
  /** Of the bodies, by the key of their run: what they did, and the token that they gave, in order. */
  readonly acts: ReadonlyMap<string, readonly (readonly [what: string, token: string])[]>;
  readonly courses: ReadonlyMap<string, { readonly run: RunRecord; readonly steps: readonly StepRecord[] }>;
  /** How many runs there are of an automation under a key, and how many rows a run has written. */
  readonly counts: ReadonlyMap<string, number>;
}

async function standStill(child: Child, group: string): Promise<void> {
  child.tell(`halt ${group}`);
  for (const point of ALL_POINTS) await child.said(`stands ${group}: ${nameOf(point)}`);
  child.tell(`still ${group}`);
  await child.said(`still ${group}`);
}

async function goOn(child: Child, group: string): Promise<void> {
  child.tell(`go ${group}`);
  await child.said(`ended ${group}`);
}

/** Three lives: the first is killed beside the second, the second with nobody beside it, and the third comes to the end. */
async function live(directory: string, database: string | undefined): Promise<Outcome> {
  const effects = join(directory, "effects.txt");
  const children: Child[] = [];
  const start = async (): Promise<Child> => {
    const child = startChild(PROGRAM, { directory, effects, ...(database === undefined ? {} : { database }) });
    children.push(child);
    await Promise.any([child.said("owner"), child.said("guest")]);
    return child;
  };
  try {
    const first = await start();
    await standStill(first, "one");
    const second = await start();
    await first.kill();
    await goOn(second, "one");
    await standStill(second, "all");
    await second.kill();
    const third = await start();
    await goOn(third, "all");
    third.tell("end");
    assert.deepEqual(await third.gone, { code: 0, signal: null });
    return await read(directory, database, effects);
  } finally {
    await Promise.all(children.map((child) => child.kill()));
  }
}

async function read(directory: string, url: string | undefined, effects: string): Promise<Outcome> {
  const options = { clock: systemClock, log: silentLog };
  const store =
    url === undefined
      ? await openSqliteStore({ directory, ...options })
      : await openPostgresStore({ url, ...options, min: 0, max: 4 });
  const acts = new Map<string, (readonly [string, string])[]>();
  for (const line of readFileSync(effects, "utf8").trimEnd().split("\n")) {
    const [key, what, token] = JSON.parse(line) as [string, string, string];
    acts.set(key, [...(acts.get(key) ?? []), [what, token]]);
  }
  const counts = new Map<string, number>();
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  const courses = new Map<string, { run: RunRecord; steps: readonly StepRecord[] }>();
  try {
    for (const { run } of await store.db.all("select run from notes")) count(`note ${String(run)}`);
    for (const automation of ["course", "helper", "echo"]) {
      const { runs } = await store.runs.list({ automation, limit: 200 });
      for (const run of runs) {
        const { data } = JSON.parse(run.event) as { data: { key: string } };
        count(`${automation} ${data.key}`);
        if (automation === "course") courses.set(data.key, { run, steps: await store.runs.steps(run.id) });
      }
    }
  } finally {
    await store.close();
  }
  return { acts, courses, counts };
}

function requireWhole({ acts, courses, counts }: Outcome, group: string, point: CoursePoint): void {
  const key = `${group}: ${nameOf(point)}`;
  const { ending, again } = point;
  const { bodies, steps } = AFTERWARDS[ending];
  const did = acts.get(key) ?? [];
  const times = (what: string): number => did.filter(([name]) => name === what).length;
  const expected = Object.fromEntries([...BODIES, ...bodies].map((what) => [what, what === again ? 2 : 1]));
  assert.deepEqual(Object.fromEntries(did.map(([what]) => [what, times(what)])), expected, key);
  const { run, steps: stored } = courses.get(key) ?? {};
  assert.deepEqual([run?.status, run?.error?.message], [ending, ending === "failed" ? "no visa" : undefined], key);
  const done = stored?.filter(({ state }) => state === "done").map(({ id }) => id);
  assert.deepEqual(done?.toSorted(), [...STEPS, ...steps].toSorted(), key);
  // What a body gave last is what is kept.
  const given = new Map(did);
  for (const id of ["book", "each:a", "each:b", "each:c", "note", "crunch"])
    assert.equal(stored?.find((step) => step.id === id)?.output, JSON.stringify(given.get(id)), `${key}: ${id}`);
  assert.equal(stored?.find(({ id }) => id === "ask")?.output, JSON.stringify(given.get("help")), key);
  if (ending === "done") {
    given.delete("echo");
    assert.deepEqual(JSON.parse(run?.output ?? "null"), Object.fromEntries(given), key);
  }
  for (const what of [`course ${key}`, `helper ${key}`, `echo ${key}`, `note ${run?.id}`])
    assert.equal(counts.get(what), 1, what);
}

const STORES = [
  { name: "SQLite", skip: false, database: () => Promise.resolve(undefined) },
  {
    name: "Postgres with pg-boss",
    skip: typeof server === "string" ? server : false,
    database: () => (typeof server === "string" ? Promise.resolve(undefined) : server.database()),
  },
] as const;

for (const { name, skip, database } of STORES) {
  describe(`kill -9 of processes whose runs go through every kind of step, on ${name}`, { skip }, () => {
    let directory: string;
    let outcome: Outcome;
    before(async () => {
      directory = await mkdtemp(join(tmpdir(), "millrace-matrix-"));
      outcome = await live(directory, await database());
    });
    after(() => rm(directory, { recursive: true, force: true }));

    for (const [group, whose] of Object.entries(GROUPS)) {
      for (const [kind, points] of Object.entries(COURSE_POINTS)) {
        it(`${kind}, ${whose}: nothing stored is done again, and nothing is lost`, () => {
          for (const point of points) requireWhole(outcome, group, point);
        });
      }
    }
  });
}
