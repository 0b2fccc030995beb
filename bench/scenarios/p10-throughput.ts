import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { automation, loadConfig, on, openHost, systemClock } from "millrace";
import { measurePaired, ratio, type Side } from "../harness/paired.ts";
import type { BenchContext, Scenario } from "../harness/scenario.ts";

const EVENTS = 60;
const MANY = 10 * EVENTS;
const STEP_MS = 10;
const NAIVE = "one after the other";
const OURS = "millrace";
const OURS_MANY = "millrace, ten times as many at once";

/** P10: events that each ask two slow things, against a loop that takes them one after the other. */
export const throughput: Scenario = {
  id: "P10",
  title: "events through an automation",
  description: `${EVENTS} events come at once; each asks two things that answer after ${STEP_MS} ms, and stores both answers. The naive way is the loop that one writes first: it takes one event after the other, keeps them in memory, and stores each with SQLite as it ships. Millrace stores the event, each answer and the end durably, with its defaults. The third row is ${MANY} events at once.`,
  target: "at least 1.5 times the naive way, also with ten times as many at once",
  async run(context) {
    const database = openNaive(context);
    const host = await openOurs(context);
    try {
      const rows = await measurePaired(
        [
          side(NAIVE, EVENTS, (events) => runNaive(database, events)),
          side(OURS, EVENTS, (events) => runOurs(host, events)),
          side(OURS_MANY, MANY, (events) => runOurs(host, events)),
        ],
        { rounds: 5 },
      );
      const ratios = {
        "to the naive way": ratio(rows, OURS, NAIVE),
        "ten times as many, to the naive way": ratio(rows, OURS_MANY, NAIVE),
      };
      return { rows, ratios, met: Object.values(ratios).every((one) => one >= 1.5) };
    } finally {
      await host.close();
      database.close();
    }
  },
};

function side(name: string, events: number, work: (events: number) => Promise<void>): Side {
  return {
    name,
    unit: "events/s",
    async measure() {
      const startedAt = performance.now();
      await work(events);
      return (events * 1_000) / (performance.now() - startedAt);
    },
  };
}

async function ask(what: number): Promise<number> {
  await systemClock.sleep(STEP_MS);
  return what + 1;
}

function openNaive({ directory }: BenchContext): DatabaseSync {
  const database = new DatabaseSync(join(directory, "naive.db"));
  database.exec("create table answers (event integer not null, first text not null, second text not null)");
  return database;
}

async function runNaive(database: DatabaseSync, events: number): Promise<void> {
  const insert = database.prepare("insert into answers (event, first, second) values (?, ?, ?)");
  for (let event = 0; event < events; event++) {
    const first = await ask(event);
    insert.run(event, String(first), String(await ask(first)));
  }
}

async function openOurs({ directory, log }: BenchContext) {
  const data = join(directory, "millrace");
  const asking = automation("asking", { on: [on.manual()] }, async ({ event, step }) => {
    const first = await step.run("first", () => ask(Number(event.data)));
    return step.run("second", () => ask(first));
  });
  const config = await loadConfig({ environment: {}, cwd: directory, flags: { data } });
  const host = await openHost({ config, automations: [asking], log });
  await host.start();
  return host;
}

async function runOurs({ engine }: Awaited<ReturnType<typeof openOurs>>, events: number): Promise<void> {
  const started = await Promise.all(Array.from({ length: events }, (_, event) => engine.trigger("asking", event)));
  const ended = await Promise.all(started.map(({ runId }) => engine.ended(runId)));
  if (ended.some(({ status }) => status !== "done")) throw new Error("an event came out wrong");
}
