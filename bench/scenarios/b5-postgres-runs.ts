import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { automation, loadConfig, on, openHost } from "millrace";
import { measurePaired, ratio, type Side } from "../harness/paired.ts";
import { importPeer } from "../harness/peers.ts";
import type { Scenario } from "../harness/scenario.ts";
import { openBullJobs } from "../sides/bull-jobs.ts";
import { openBenchPostgres } from "../sides/postgres.ts";
import { openBenchRedis } from "../sides/redis.ts";

const RUNS = 600;
const SLOTS = 32;
const ONE = "1 step: ";
const THREE = "3 steps: ";
const TABLE = "millrace by its table";
const BULL = "BullMQ";

/** B5: durable runs on Postgres. */
export const postgresRuns: Scenario = {
  id: "B5",
  title: "durable runs on Postgres",
  description: `${RUNS} runs started at once and executed to their end by one process with ${SLOTS} slots, each side in a database of its own on one server that does not wait for the disk. A run has 3 steps, or 1, that do nothing. pg-boss alone knows no steps: it takes and completes jobs, in batches of ${SLOTS}. BullMQ's jobs keep the results of their steps in the job's data (\`updateData\`), in a database of that server, or on a Redis as it ships, which loses what came since its last snapshot when it is killed. Millrace brings runs to workers by jobs of pg-boss (the default), or by its table of runs alone.`,
  target: "above openworkflow and DBOS with 3 steps; at least 0.8 of pg-boss alone with 1",
  async run({ directory, log, say }) {
    const server = await openBenchPostgres();
    const closers: (() => Promise<void>)[] = [() => server.close()];
    try {
      const own = await openMillrace(await server.database("millrace"), "pg-boss", { directory, log });
      closers.push(() => own.close());
      const table = await openMillrace(await server.database("table"), "table", { directory, log });
      closers.push(() => table.close());
      const openworkflow = await openOpenworkflow(await server.database("openworkflow"));
      closers.push(() => openworkflow.close());
      const dbos = await openDbos(await server.database("dbos"));
      closers.push(() => dbos.close());
      const bull = await openBullJobs({ postgresUrl: await server.database("bull") }, 3, SLOTS);
      closers.push(() => bull.close());
      const redis = await openBenchRedis(join(directory, "redis"), []);
      closers.push(() => redis.close());
      const bullOnRedis = await openBullJobs({ redisPort: redis.port }, 3, SLOTS);
      closers.push(() => bullOnRedis.close());
      const boss = await openBoss(await server.database("boss"));
      closers.push(() => boss.close());
      say("each side is open");
      const side = (name: string, work: () => Promise<unknown>): Side => ({
        name,
        unit: "runs/s",
        async measure() {
          const startedAt = performance.now();
          await work();
          return (RUNS / (performance.now() - startedAt)) * 1_000;
        },
      });
      const rows = await measurePaired(
        [
          side(`${THREE}millrace`, () => own.run(3)),
          side(`${THREE}${TABLE}`, () => table.run(3)),
          side(`${THREE}openworkflow`, () => openworkflow.run()),
          side(`${THREE}DBOS`, () => dbos.run()),
          side(`${THREE}${BULL}, Postgres`, () => bull.run(RUNS)),
          side(`${THREE}${BULL}, Redis as it ships`, () => bullOnRedis.run(RUNS)),
          side(`${ONE}millrace`, () => own.run(1)),
          side(`${ONE}${TABLE}`, () => table.run(1)),
          side(`${ONE}pg-boss alone`, () => boss.run()),
        ],
        { rounds: 3 },
      );
      const ratios = {
        "to openworkflow": ratio(rows, `${THREE}millrace`, `${THREE}openworkflow`),
        "to DBOS": ratio(rows, `${THREE}millrace`, `${THREE}DBOS`),
        "to BullMQ on Postgres": ratio(rows, `${THREE}millrace`, `${THREE}${BULL}, Postgres`),
        "to BullMQ on Redis": ratio(rows, `${THREE}millrace`, `${THREE}${BULL}, Redis as it ships`),
        "to pg-boss alone, 1 step": ratio(rows, `${ONE}millrace`, `${ONE}pg-boss alone`),
        "by the table, to openworkflow": ratio(rows, `${THREE}${TABLE}`, `${THREE}openworkflow`),
        "by the table, to pg-boss alone, 1 step": ratio(rows, `${ONE}${TABLE}`, `${ONE}pg-boss alone`),
      };
      const met = ratios["to openworkflow"] > 1 && ratios["to DBOS"] > 1 && ratios["to pg-boss alone, 1 step"] >= 0.8;
      return { rows, ratios, met };
    } finally {
      for (const close of closers.toReversed()) await close();
    }
  },
};

type Log = Parameters<Scenario["run"]>[0]["log"];

async function openMillrace(
  url: string,
  dispatch: "pg-boss" | "table",
  { directory: data, log }: { readonly directory: string; readonly log: Log },
) {
  const environment = { MILLRACE_DATABASE_URL: url, MILLRACE_DISPATCH: dispatch };
  const config = await loadConfig({ environment, cwd: data, flags: { data } });
  const make = (steps: number) =>
    automation(`steps-${steps}`, { on: [on.manual()] }, async ({ step }) => {
      let sum = 0;
      for (let index = 0; index < steps; index++) sum += await step.run(`step ${index}`, () => index);
      return sum;
    });
  const host = await openHost({ config, log, slots: SLOTS, automations: [make(1), make(3)] });
  await host.start();
  return {
    async run(steps: number) {
      const started = await Promise.all(Array.from({ length: RUNS }, () => host.engine.trigger(`steps-${steps}`)));
      await Promise.all(started.map(({ runId }) => host.engine.ended(runId)));
    },
    close: async () => void (await host.close()),
  };
}

interface Workflow {
  run(input: object): Promise<{ result(): Promise<unknown> }>;
}
interface OpenWorkflowModule {
  OpenWorkflow: new (options: { backend: unknown }) => {
    defineWorkflow(
      spec: { name: string },
      work: (context: {
        step: { run(options: { name: string }, work: () => unknown): Promise<unknown> };
      }) => Promise<unknown>,
    ): Workflow;
    newWorker(options: { concurrency: number }): { start(): Promise<void>; stop(): Promise<void> };
  };
}
interface OpenWorkflowPostgres {
  BackendPostgres: {
    connect(url: string): Promise<{ stop(): Promise<void>; getWorkflowRun(params: object): Promise<unknown> }>;
  };
}

async function openOpenworkflow(url: string) {
  const { OpenWorkflow } = await importPeer<OpenWorkflowModule>("openworkflow");
  const { BackendPostgres } = await importPeer<OpenWorkflowPostgres>("openworkflow/postgres");
  const backend = await BackendPostgres.connect(url);
  const client = new OpenWorkflow({ backend });
  let left = 0;
  let done = Promise.withResolvers<void>();
  const workflow = client.defineWorkflow({ name: "steps" }, async ({ step }) => {
    for (let index = 0; index < 3; index++) await step.run({ name: `step ${index}` }, () => index);
    // Its last write comes after this: in its favour.
    if (--left === 0) done.resolve();
    return 3;
  });
  const worker = client.newWorker({ concurrency: SLOTS });
  await worker.start();
  return {
    async run() {
      left = RUNS;
      done = Promise.withResolvers();
      await Promise.all(Array.from({ length: RUNS }, () => workflow.run({})));
      await done.promise;
    },
    async close() {
      await worker.stop();
      await backend.stop();
    },
  };
}

interface DbosModule {
  DBOS: {
    setConfig(config: object): void;
    launch(): Promise<void>;
    shutdown(): Promise<void>;
    registerWorkflow(work: () => Promise<number>, options: { name: string }): () => Promise<number>;
    runStep<T>(work: () => Promise<T>, options: { name: string }): Promise<T>;
    startWorkflow(workflow: () => Promise<number>): () => Promise<{ getResult(): Promise<number> }>;
  };
}

async function openDbos(url: string) {
  const { DBOS } = await importPeer<DbosModule>("@dbos-inc/dbos-sdk");
  DBOS.setConfig({ name: "bench", systemDatabaseUrl: url, logLevel: "error", runAdminServer: false });
  const workflow = DBOS.registerWorkflow(
    async () => {
      for (let index = 0; index < 3; index++) await DBOS.runStep(async () => index, { name: `step ${index}` });
      return 3;
    },
    { name: "steps" },
  );
  await DBOS.launch();
  return {
    async run() {
      let left = RUNS;
      const lane = async (): Promise<void> => {
        while (left-- > 0) await (await DBOS.startWorkflow(workflow)()).getResult();
      };
      await Promise.all(Array.from({ length: SLOTS }, lane));
    },
    close: () => DBOS.shutdown(),
  };
}

interface Job {
  readonly id: string;
}
interface BossModule {
  PgBoss: new (options: object) => {
    on(event: "error", listener: (error: Error) => void): void;
    start(): Promise<void>;
    stop(options: object): Promise<void>;
    createQueue(name: string): Promise<void>;
    insert(name: string, jobs: readonly object[]): Promise<unknown>;
    send(name: string, data: object): Promise<unknown>;
    fetch(name: string, options: { batchSize: number }): Promise<readonly Job[]>;
    complete(name: string, ids: readonly string[]): Promise<unknown>;
  };
}

async function openBoss(url: string) {
  const { PgBoss } = await importPeer<BossModule>("pg-boss");
  const boss = new PgBoss({ connectionString: url, max: 10, supervise: false, schedule: false });
  boss.on("error", (error) => console.error(error.message));
  await boss.start();
  await boss.createQueue("runs");
  return {
    async run() {
      await Promise.all(Array.from({ length: RUNS }, () => boss.send("runs", { id: randomUUID() })));
      for (let left = RUNS; left > 0;) {
        const jobs = await boss.fetch("runs", { batchSize: SLOTS });
        left -= jobs.length;
        await boss.complete(
          "runs",
          jobs.map(({ id }) => id),
        );
      }
    },
    close: () => boss.stop({ graceful: false }),
  };
}
