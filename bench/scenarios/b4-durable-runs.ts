import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { automation, type Host, loadConfig, on, openHost } from "millrace";
import { measurePaired, ratio, type Side } from "../harness/paired.ts";
import { importPeer } from "../harness/peers.ts";
import type { BenchContext, Scenario } from "../harness/scenario.ts";

const RUNS = 2_000;
/** openworkflow is so slow that it gets fewer; the figure is per run. */
const PEER_RUNS = 200;
const SLOTS = 32;
const OURS = "millrace";
const PEER = "openworkflow";
const HAND = "by hand";
const TARGETS = { peer: 20, hand: 0.7 };

/** B4: durable runs of three steps on SQLite. */
export const durableRuns: Scenario = {
  id: "B4",
  title: "durable runs of three steps on SQLite",
  description: `${RUNS} runs are started at once (${PEER_RUNS} for openworkflow), each of three steps whose results are stored before the next begins; both engines execute ${SLOTS} at a time, each as it comes. By hand is a loop over \`node:sqlite\` with the same two tables, WAL, synchronous NORMAL and a commit a step, which recovers nothing and schedules nothing. Wall time a run, from the first start to the last end.`,
  target: `at least ${TARGETS.peer} times openworkflow, ${TARGETS.hand} of by hand`,
  async run(context) {
    const closers: (() => unknown)[] = [];
    try {
      const rows = await measurePaired(
        [await ours(context, closers), await openworkflow(context, closers), byHand(context, closers)],
        { rounds: 5 },
      );
      const ratios = {
        "openworkflow to millrace": ratio(rows, PEER, OURS),
        "by hand to millrace": ratio(rows, HAND, OURS),
      };
      const met = ratios["openworkflow to millrace"] >= TARGETS.peer && ratios["by hand to millrace"] >= TARGETS.hand;
      return { rows, ratios, met };
    } finally {
      for (const close of closers.toReversed()) await close();
    }
  },
};

/** Microseconds a run, from before the first start. */
function side(name: string, runs: number, work: (runs: number) => Promise<void> | void): Side {
  return {
    name,
    unit: "µs",
    async measure() {
      const startedAt = performance.now();
      await work(runs);
      return ((performance.now() - startedAt) * 1_000) / runs;
    },
  };
}

async function ours({ directory, log }: BenchContext, closers: (() => unknown)[]): Promise<Side> {
  const three = automation("three", { on: [on.manual()] }, async ({ step }) => {
    const one = await step.run("one", () => 1);
    const two = await step.run("two", () => one + 1);
    return step.run("three", () => two + 1);
  });
  const data = join(directory, "millrace");
  const config = await loadConfig({ environment: {}, cwd: directory, flags: { data } });
  const host: Host = await openHost({ config, automations: [three], slots: SLOTS, log });
  closers.push(() => host.close());
  await host.start();
  return side(OURS, RUNS, async (runs) => {
    const started = await Promise.all(Array.from({ length: runs }, () => host.engine.trigger("three")));
    const ended = await Promise.all(started.map(({ runId }) => host.engine.ended(runId)));
    if (ended.some(({ output }) => output !== "3")) throw new Error("a run came out wrong");
  });
}

/** What is used of openworkflow. */
interface OpenWorkflowModule {
  readonly OpenWorkflow: new (options: { readonly backend: object }) => {
    defineWorkflow(
      options: { readonly name: string },
      body: (context: {
        readonly step: { run<T>(options: { readonly name: string }, work: () => T): Promise<T> };
      }) => Promise<unknown>,
    ): { run(): Promise<unknown> };
    newWorker(options: { readonly concurrency: number }): { start(): Promise<void>; stop(): Promise<void> };
  };
}

interface OpenWorkflowSqlite {
  readonly BackendSqlite: { connect(path: string): object & { stop(): Promise<void> } };
}

async function openworkflow({ directory }: BenchContext, closers: (() => unknown)[]): Promise<Side> {
  const { OpenWorkflow } = await importPeer<OpenWorkflowModule>("openworkflow");
  const { BackendSqlite } = await importPeer<OpenWorkflowSqlite>("openworkflow/sqlite");
  const backend = BackendSqlite.connect(join(directory, "openworkflow.db"));
  const client = new OpenWorkflow({ backend });
  let left = 0;
  let all = Promise.withResolvers<void>();
  const three = client.defineWorkflow({ name: "three" }, async ({ step }) => {
    const one = await step.run({ name: "one" }, () => 1);
    const two = await step.run({ name: "two" }, () => one + 1);
    const result = await step.run({ name: "three" }, () => two + 1);
    // In its favour: that the end is stored is not waited for, as its own wait for a result looks once a second.
    if (--left === 0) all.resolve();
    return result;
  });
  const worker = client.newWorker({ concurrency: SLOTS });
  await worker.start();
  closers.push(async () => {
    await worker.stop();
    await backend.stop();
  });
  return side(PEER, PEER_RUNS, async (runs) => {
    left = runs;
    all = Promise.withResolvers<void>();
    await Promise.all(Array.from({ length: runs }, () => three.run()));
    await all.promise;
  });
}

function byHand({ directory }: BenchContext, closers: (() => unknown)[]): Side {
  const database = new DatabaseSync(join(directory, "by-hand.db"));
  closers.push(() => database.close());
  database.exec(`pragma journal_mode = wal; pragma synchronous = normal;
    create table runs (id integer primary key, event text not null, status text not null, output text);
    create index runs_queued on runs (id) where status = 'queued';
    create table steps (run integer not null, id text not null, output text, primary key (run, id)) without rowid`);
  const start = database.prepare("insert into runs (event, status) values ('{}', 'queued')");
  const claim = database.prepare(
    "update runs set status = 'running' where id = (select id from runs where status = 'queued' order by id limit 1) returning id",
  );
  const put = database.prepare("insert into steps (run, id, output) values (?, ?, ?)");
  const finish = database.prepare("update runs set status = 'done', output = ? where id = ?");
  return side(HAND, RUNS, (runs) => {
    for (let run = 0; run < runs; run++) start.run();
    for (let row = claim.get(); row !== undefined; row = claim.get()) {
      const id = Number(row["id"]);
      let value = 0;
      for (const step of ["one", "two", "three"]) put.run(id, step, JSON.stringify((value += 1)));
      finish.run(JSON.stringify(value), id);
    }
  });
}
