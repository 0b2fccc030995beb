import { importPeer } from "../harness/peers.ts";

/** Where BullMQ keeps its jobs. */
export type BullHome = { readonly redisPort: number } | { readonly postgresUrl: string };

/** Jobs of BullMQ whose steps' results are kept in the job's own data, as its documentation does it: the next try of a job skips what is there. */
export interface BullJobs {
  /** Adds so many jobs at once; resolves when all are completed. */
  run(jobs: number): Promise<void>;
  close(): Promise<void>;
}

interface Job {
  readonly data: { readonly done: readonly number[] };
  updateData(data: { readonly done: readonly number[] }): Promise<void>;
}
interface Closing {
  close(): Promise<void>;
}
interface BullModule {
  readonly Queue: new (
    name: string,
    options: object,
  ) => Closing & { add(name: string, data: Job["data"]): Promise<unknown>; waitUntilReady(): Promise<unknown> };
  readonly Worker: new (
    name: string,
    work: (job: Job) => Promise<number>,
    options: object,
  ) => Closing & {
    on(event: "completed" | "failed", listener: () => void): void;
    on(event: "error", listener: (error: Error) => void): void;
    waitUntilReady(): Promise<unknown>;
  };
  withBackend(factory: unknown): Pick<BullModule, "Queue" | "Worker">;
  readonly createPostgresBackend: unknown;
}

/** `steps` results a job, `slots` jobs at a time. */
export async function openBullJobs(home: BullHome, steps: number, slots: number): Promise<BullJobs> {
  const bull = await importPeer<BullModule>("bullmq");
  const { Queue, Worker } = "redisPort" in home ? bull : bull.withBackend(bull.createPostgresBackend);
  const connection =
    "redisPort" in home
      ? { host: "127.0.0.1", port: home.redisPort }
      : { connectionString: home.postgresUrl, migrate: true };
  let left = 0;
  let all = Promise.withResolvers<void>();
  const queue = new Queue("three", { connection });
  // Before the worker: who comes first makes the tables.
  await queue.waitUntilReady();
  const worker = new Worker(
    "three",
    async (job) => {
      const done = [...job.data.done];
      while (done.length < steps) {
        done.push((done.at(-1) ?? 0) + 1);
        await job.updateData({ done });
      }
      return done.at(-1) ?? 0;
    },
    { connection, concurrency: slots },
  );
  worker.on("completed", () => {
    if (--left === 0) all.resolve();
  });
  worker.on("failed", () => all.reject(new Error("a job of BullMQ failed")));
  worker.on("error", (error) => all.reject(error));
  await worker.waitUntilReady();
  return {
    async run(jobs) {
      left = jobs;
      all = Promise.withResolvers();
      await Promise.all(Array.from({ length: jobs }, () => queue.add("three", { done: [] })));
      await all.promise;
    },
    async close() {
      await worker.close();
      await queue.close();
    },
  };
}
