/* One side of B4 in a process of its own: executes as many runs of three steps as it is asked for, and says how many microseconds one took.
   Arguments: the side, a folder, how many are executed at a time, and the port of Redis where it is wanted. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { automation, loadConfig, on, openHost } from "millrace";
import { createLog } from "millrace/testing";
import { importPeer } from "../harness/peers.ts";
import { serve } from "../harness/side-process.ts";
import { openBullJobs } from "./bull-jobs.ts";

interface ThreeSteps {
  /** Resolves when so many runs, started at once, have come to their end. */
  run(runs: number): Promise<void>;
  close(): Promise<void>;
}

const [, , side = "", directory = "", atOnce = "", redisPort = ""] = process.argv;
const slots = Number(atOnce);

const SIDES: Readonly<Record<string, () => Promise<ThreeSteps>>> = {
  async millrace() {
    const three = automation("three", { on: [on.manual()] }, async ({ step }) => {
      const one = await step.run("one", () => 1);
      const two = await step.run("two", () => one + 1);
      return step.run("three", () => two + 1);
    });
    const config = await loadConfig({ environment: {}, cwd: directory, flags: { data: join(directory, "millrace") } });
    const host = await openHost({ config, automations: [three], slots, log: createLog({ level: "warn" }) });
    await host.start();
    return {
      async run(runs) {
        const started = await Promise.all(Array.from({ length: runs }, () => host.engine.trigger("three")));
        const ended = await Promise.all(started.map(({ runId }) => host.engine.ended(runId)));
        if (ended.some(({ output }) => output !== "3")) throw new Error("a run came out wrong");
      },
      close: async () => void (await host.close()),
    };
  },

  async openworkflow() {
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
    const worker = client.newWorker({ concurrency: slots });
    await worker.start();
    return {
      async run(runs) {
        left = runs;
        all = Promise.withResolvers();
        await Promise.all(Array.from({ length: runs }, () => three.run()));
        await all.promise;
      },
      async close() {
        await worker.stop();
        await backend.stop();
      },
    };
  },

  bullmq: () => openBullJobs({ redisPort: Number(redisPort) }, 3, slots),

  async "by hand"() {
    const database = new DatabaseSync(join(directory, "by-hand.db"));
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
    return {
      async run(runs) {
        for (let run = 0; run < runs; run++) start.run();
        for (let row = claim.get(); row !== undefined; row = claim.get()) {
          const id = Number(row["id"]);
          let value = 0;
          for (const step of ["one", "two", "three"]) put.run(id, step, JSON.stringify((value += 1)));
          finish.run(JSON.stringify(value), id);
        }
      },
      close: async () => database.close(),
    };
  },
};

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

const open = SIDES[side];
if (open === undefined) throw new Error(`no side is called ${side}`);
const opened = await open();
serve(
  async (runs) => {
    globalThis.gc?.();
    const startedAt = performance.now();
    await opened.run(runs);
    return ((performance.now() - startedAt) * 1_000) / runs;
  },
  () => opened.close(),
);
