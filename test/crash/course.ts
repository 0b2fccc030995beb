// A process whose runs go through every kind of step, each of them until the one point at which it stands still.
import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { argv, stdin } from "node:process";
import { createInterface } from "node:readline";
import { z } from "zod";
import { systemClock } from "../../src/core/clock.ts";
import { MillraceError } from "../../src/core/errors.ts";
import { createEvents } from "../../src/core/events.ts";
import { createIds } from "../../src/core/ids.ts";
import { systemRandom } from "../../src/core/random.ts";
import { type AutomationContext, defineAutomation } from "../../src/runs/automation.ts";
import { createEngine } from "../../src/runs/create-engine.ts";
import { event } from "../../src/runs/event-type.ts";
import { on } from "../../src/runs/trigger.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { RunRecord } from "../../src/store/store.ts";
import type { CourseWork } from "./course-work.ts";
import { ALL_POINTS, nameOf } from "./course-points.ts";
import { silentLog } from "./engine-harness.ts";
import { createStandstill } from "./standstill.ts";

interface Orders {
  readonly directory: string;
  /** A Postgres database in place of the folder. */
  readonly database?: string;
  /** Each body writes a line here: the run's key, what it did, and a token that nobody gives twice. */
  readonly effects: string;
}

/** Which point, of those whose runs are started together. */
interface Place {
  readonly group: string;
  readonly point: string;
}

const orders = JSON.parse(argv[2] ?? "{}") as Orders;
const { directory, database: url, effects } = orders;
const clock = systemClock;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const points = new Map(ALL_POINTS.map((point) => [nameOf(point), point]));
/** The group whose runs stand still in this process. */
let halting: string | undefined;

const toKey = ({ group, point }: Place): string => `${group}: ${point}`;
function placeOf(key: string): Place {
  const [group = "", point = ""] = key.split(": ");
  return { group, point };
}
function pointOf(key: string): string | undefined {
  const { group, point } = placeOf(key);
  return group === halting ? points.get(point)?.at : undefined;
}

const kept =
  url === undefined
    ? await openSqliteStore({ directory, clock })
    : await openPostgresStore({ url, clock, executes: "many", leaseMs: 3_000, min: 2, max: 10 });
const still = createStandstill({
  runs: kept.runs,
  pointOf,
  onStanding: (key) => say(`stands ${key}`),
  onParked: (runId, step) => {
    if (step === "hear") void hear(runId);
  },
});
const store = {
  runs: still.runs,
  db: kept.db,
  own: () => kept.own(),
  hasOutsideChanges: () => kept.hasOutsideChanges(),
};
await store.db.write([{ sql: "create table if not exists notes (run text)" }]);

const Keyed = z.object({ key: z.string(), run: z.string() });
const Told = event("told", Keyed);
const Heard = event("heard", Keyed, { match: ({ run }) => run });
const Start = z.object({ key: z.string() });
type Context = AutomationContext<{ readonly data: { readonly key: string } }>;

const keys = new Map<string, string>();
async function hear(runId: string): Promise<void> {
  await engine.emit(Heard, { key: keys.get(runId) ?? "", run: runId }, { id: `heard ${runId}` });
}

function note(key: string, what: string): { readonly line: string; readonly token: string } {
  const token = randomUUID();
  return { line: JSON.stringify([key, what, token]), token };
}

/** A body: it has its effect, and gives what it gives only this time. */
async function act({ event: { data }, run }: Pick<Context, "event"> & { run: { id: string } }, what: string) {
  const { line, token } = note(data.key, what);
  appendFileSync(effects, `${line}\n`);
  await still.reach(run.id, `in ${what}`);
  return token;
}

function isHelperLate(key: string): boolean {
  return pointOf(key)?.endsWith("park ask") === true;
}

const echo = defineAutomation("echo", { on: [on.event(Told)] }, async (context) => {
  await context.step.run("echo", () => act(context, "echo"));
});

const helper = defineAutomation("helper", { on: [on.manual(Start)] }, async (context) => {
  return context.step.run("help", async () => {
    // It must not end before its caller was given back.
    if (isHelperLate(context.event.data.key)) await new Promise(() => undefined);
    return act(context, "help");
  });
});

const course = defineAutomation(
  "course",
  {
    on: [on.manual(Start)],
    retry: { attempts: 1 },
    onFailure: async (failed) => void (await act(failed, "tell of it")),
  },
  async (context) => {
    const { step, run, event: started } = context;
    const { key } = started.data;
    keys.set(run.id, key);
    const { ending } = points.get(placeOf(key).point) ?? {};
    const book = await step.run("book", () => act(context, "book"), {
      compensate: async () => void (await act(context, "unbook")),
    });
    const each = await step.map("each", ["a", "b", "c"], (item) => act(context, `each:${item}`), {
      key: (item) => item,
      parallel: 1,
    });
    const noted = await step.tx("note", async () => {
      const result = await act(context, "note");
      return { write: [{ sql: "insert into notes (run) values (:run)", params: { run: run.id } }], result };
    });
    const halted = pointOf(key) === "in crunch" ? `stands ${key}` : undefined;
    const work: CourseWork = { effects, ...note(key, "crunch"), halted };
    const crunch = await step.cpu<string>("crunch", new URL("./course-work.ts", import.meta.url), work);
    await step.sleep("pause", 2_000);
    await step.send("tell", Told, { key, run: run.id });
    await step.wait("hear", { for: Heard, match: run.id });
    const ask = await step.call("ask", helper, { key });
    if (ending === "failed") throw new Error("no visa");
    if (ending === "canceled") await step.run("stay", ({ signal }) => beCanceled(run.id, signal));
    return {
      book,
      "each:a": each.done[0],
      "each:b": each.done[1],
      "each:c": each.done[2],
      note: noted,
      crunch,
      help: ask,
    };
  },
);

async function beCanceled(runId: string, signal: AbortSignal): Promise<void> {
  const over = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  await engine.cancel(runId);
  await over;
}

const engine = createEngine({
  store,
  automations: [course, helper, echo],
  services: () => ({}),
  clock,
  random: systemRandom,
  ids: createIds({ clock, random: systemRandom }),
  events: createEvents(),
  log: silentLog,
  timezone: "UTC",
  slots: 200,
});

async function start(group: string, point: string): Promise<string> {
  const key = toKey({ group, point });
  const { runId } = await engine.trigger("course", { key }, { key });
  keys.set(runId, key);
  return runId;
}

/** Starts what was perhaps started, tells what was perhaps told, and waits until all have ended. */
async function goOn(group: string): Promise<void> {
  const ids = await Promise.all([...points.keys()].map((point) => start(group, point)));
  await Promise.all(ids.map(hear));
  await Promise.all(ids.map((id) => engine.ended(id)));
  // Those that nobody waits for.
  while (await isSomethingLeft(group)) await clock.sleep(20);
}

/** Waits until nothing goes on but what stands, and callers of what stands, who have done their part. */
async function becomeStill(group: string): Promise<void> {
  while (await isSomethingMoving(group)) await clock.sleep(20);
}

async function isSomethingMoving(group: string): Promise<boolean> {
  const all = await Promise.all(["course", "helper", "echo"].map(listed));
  return all.flat().some(({ id, automation, endedAt, event: text }) => {
    const { data } = JSON.parse(text) as { data: { key: string } };
    if (placeOf(data.key).group !== group || endedAt !== null || still.stands(id)) return false;
    const at = pointOf(data.key) ?? "";
    if (automation === "helper" && isHelperLate(data.key)) return false;
    return automation !== "course" || !(at === "in crunch" || at.endsWith("helper") || / help\b/.test(at));
  });
}

async function listed(automation: string): Promise<readonly RunRecord[]> {
  return (await store.runs.list({ automation, limit: 200 })).runs;
}

async function isSomethingLeft(group: string): Promise<boolean> {
  const all = await Promise.all(["helper", "echo"].map(listed));
  return all.flat().some(({ endedAt, event: text }) => endedAt === null && text.includes(`"${group}: `));
}

say(await engine.start());
for await (const line of createInterface({ input: stdin })) {
  const [what, group = ""] = line.split(" ");
  if (what === "halt") {
    halting = group;
    for (const point of points.keys()) void start(group, point);
  } else if (what === "still") {
    await becomeStill(group);
    say(line);
  } else if (what === "go") {
    await goOn(group).catch((error: unknown) => say(error instanceof MillraceError ? error.message : String(error)));
    say(`ended ${group}`);
  } else break;
}
stdin.destroy();
await engine.close();
await kept.close();
