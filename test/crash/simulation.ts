import { z } from "zod";
import type { Clock } from "../../src/core/clock.ts";
import { createEvents } from "../../src/core/events.ts";
import { createIds } from "../../src/core/ids.ts";
import { createManualClock } from "../../src/core/manual-clock.ts";
import { createSeededRandom, type Random } from "../../src/core/random.ts";
import { type AnyAutomation, defineAutomation } from "../../src/runs/automation.ts";
import { createEngine } from "../../src/runs/create-engine.ts";
import type { Engine } from "../../src/runs/engine.ts";
import { event } from "../../src/runs/event-type.ts";
import { on } from "../../src/runs/trigger.ts";
import type { Database, RunRecord, RunStore } from "../../src/store/store.ts";
import { silentLog } from "./engine-harness.ts";
import { createMemoryStore, type MemoryStore } from "./memory-store.ts";

/* A world in one thread: real engines on the real statements, a clock that moves when nothing else does, and everything that is left to
   chance drawn from one seed. Processes die at any call of the store, before or after what they asked was done; some go on as zombies that
   do not know; now and then power fails and takes the last transactions with it. */

export interface World {
  readonly seed: number;
  /** How likely each call of the store is to be the last one of its process. 0: nobody dies, and then nothing may be late either. */
  readonly crashes: number;
  /** Changes the text of statements: for planted bugs. */
  readonly mutate?: (sql: string) => string;
}

export interface Verdict {
  /** What went wrong, in words; empty when all is well. */
  readonly violations: readonly string[];
  readonly lives: number;
  readonly refused: number;
}

const RUNS = 8;
const LIMIT = 2;
const NOON = Date.UTC(2026, 5, 1, 12);
/** Virtual time that a calm world may take: the longest run sleeps 5 s and queues behind three others. */
const CALM_MS = 120_000;
const MOST_LIVES = 400;

const Go = event("go", z.object({ run: z.string() }), { match: ({ run }) => run });
const Input = z.object({ name: z.string(), key: z.string(), priority: z.number(), fails: z.boolean() });

interface Life {
  isDead: boolean;
  readonly isZombie: boolean;
  readonly died: PromiseWithResolvers<void>;
}

export async function simulate({ seed, crashes, mutate }: World): Promise<Verdict> {
  const random = createSeededRandom(seed);
  const clock = createManualClock(NOON);
  const ids = createIds({ clock, random });
  const store = createMemoryStore(mutate);
  const witness = createWitness(store);
  const inputs = Array.from({ length: RUNS }, (_, index) => ({
    name: `r${index}`,
    key: index % 2 === 0 ? "even" : "odd",
    priority: Math.floor(random.next() * 3),
    fails: index % 4 === 3,
  }));
  let lives = 0;
  let ended = false;

  while (!ended && lives < MOST_LIVES && witness.violations.length === 0) {
    lives += 1;
    const life: Life = { isDead: false, isZombie: random.next() < 0.5, died: Promise.withResolvers() };
    const engine = createEngine({
      store: {
        runs: mortal({ store, life, witness, random, crashes: lives > MOST_LIVES / 2 ? crashes / 10 : crashes }),
        db: NO_TABLES,
        own: () => Promise.resolve(true),
        hasOutsideChanges: () => false,
      },
      automations: automationsOf(life, witness),
      services: () => ({}),
      clock: mortalClock(clock, life),
      random,
      ids,
      events: createEvents((error) => witness.violations.push(`a listener failed: ${String(error)}`)),
      log: silentLog,
      timezone: "UTC",
      slots: 3,
    });
    const whole = work(engine, inputs, clock, random).then(
      () => true,
      (error: unknown) => {
        witness.violations.push(`it was refused: ${String(error)}`);
        return true;
      },
    );
    const outcome: { isWhole?: boolean } = {};
    void remember(Promise.race([whole, life.died.promise.then(() => false)]), outcome);
    const begin = clock.now();
    while (outcome.isWhole === undefined) {
      await clock.advance(1 + Math.floor(random.next() * 200));
      if (crashes === 0 && clock.now() - begin > CALM_MS) {
        witness.violations.push("nothing goes on any more");
        break;
      }
      if (clock.now() - begin > 2 * CALM_MS) {
        witness.violations.push("a life lasts for ever");
        break;
      }
    }
    ended = outcome.isWhole === true;
    if (!ended && crashes > 0 && random.next() < 0.1) {
      store.lose(1 + Math.floor(random.next() * 5));
      witness.forget();
    }
  }
  if (!ended && witness.violations.length === 0) witness.violations.push("the runs did not end");
  if (witness.violations.length === 0) judge(store, inputs, witness.violations);
  store.close();
  return { violations: witness.violations, lives, refused: witness.refused() };
}

async function remember(settled: Promise<boolean>, outcome: { isWhole?: boolean }): Promise<void> {
  outcome.isWhole = await settled;
}

async function work(
  engine: Engine,
  inputs: readonly z.infer<typeof Input>[],
  clock: ReturnType<typeof createManualClock>,
  random: Random,
): Promise<void> {
  await engine.start();
  const started = await Promise.all(inputs.map((input) => engine.trigger("mix", input, { key: input.name })));
  await Promise.all(
    inputs.map(async ({ name }) => {
      await clock.sleep(random.next() * 12_000);
      await engine.emit(Go, { run: name }, { id: `go ${name}` });
    }),
  );
  await Promise.all(started.map(({ runId }) => engine.ended(runId)));
}

/** Steps side by side, a flaky one, a wait, a sleep, a called run, things to undo; some runs fail in the end. */
function automationsOf(life: Life, witness: Witness): AnyAutomation[] {
  const child = defineAutomation(
    "child",
    { on: [on.manual(z.object({ n: z.number() }))] },
    async ({ event: { data }, step, run }) => {
      const doubled = await step.run("double", () => {
        witness.begin(life, run.id, "double");
        return data.n * 2;
      });
      return doubled;
    },
  );
  const mix = defineAutomation(
    "mix",
    {
      on: [on.manual(Input)],
      concurrency: { limit: LIMIT, key: ({ data }) => data.key },
      priority: ({ data }) => data.priority,
      retry: { attempts: 4, backoffMs: 300 },
    },
    async ({ event: { data }, step, run }) => {
      const begin = (id: string) => witness.begin(life, run.id, id);
      const booked = await step.run(
        "book",
        () => {
          begin("book");
          return 1;
        },
        { compensate: () => begin("#undo:book") },
      );
      const [left, right, heard] = await Promise.all([
        step.run("left", () => {
          begin("left");
          return 2;
        }),
        step.run("flaky", ({ attempt }) => {
          begin("flaky");
          if (attempt < 3) throw Object.assign(new Error("away"), { retryAfterMs: 1_500 });
          return 3;
        }),
        step.wait("go", { for: Go, match: data.name }),
      ]);
      await step.sleep("pause", 1_500);
      const called = await step.call("child", child, { n: left + right });
      if (data.fails) {
        await step.run("break", () => {
          begin("break");
          throw Object.assign(new Error("no"), { isRetryable: false });
        });
      }
      return { sum: booked + left + right + called, heard: heard?.run };
    },
  );
  return [child, mix];
}

interface Witness {
  readonly violations: string[];
  begin(life: Life, run: string, step: string): void;
  note(name: string, params: unknown, result: unknown): void;
  refused(): number;
  /** What is stored has changed behind everybody's back. */
  forget(): void;
}

function createWitness(store: MemoryStore): Witness {
  const violations: string[] = [];
  const stored = new Set<string>();
  const epochs = new Map<string, number>();
  let refused = 0;

  function requireNewest(what: string, runId: string, epoch: number): void {
    if (epoch !== epochs.get(runId)) violations.push(`${what} of ${runId} was written under an old claim`);
  }

  return {
    violations,
    refused: () => refused,
    begin(life, run, step) {
      if (!life.isDead && stored.has(`${run} ${step}`)) violations.push(`${step} of ${run} ran though it was stored`);
    },
    note(name, params, result) {
      if (result === "fenced" || result === false) refused += 1;
      if (name === "claim") {
        for (const { id, epoch } of result as readonly RunRecord[]) {
          if (epoch <= (epochs.get(id) ?? 0)) violations.push(`${id} was claimed twice under one epoch`);
          epochs.set(id, epoch);
        }
        const held = store.all(
          "select concurrency_key, count(*) as n from runs where status = 'running' and concurrency_key is not null group by 1",
        );
        for (const { concurrency_key: key, n } of held) {
          if (Number(n) > LIMIT) violations.push(`${String(n)} runs of ${String(key)} at once`);
        }
      }
      if (name === "finish" && result === true) {
        const { runId, epoch } = params as Parameters<RunStore["finish"]>[0];
        requireNewest("the end", runId, epoch);
      }
      if (name === "park" && result === "parked") {
        const { runId, epoch } = params as Parameters<RunStore["park"]>[0];
        requireNewest("a park", runId, epoch);
      }
      if (name === "put" && result === "stored") {
        const { runId, epoch, step } = params as Parameters<RunStore["put"]>[0];
        requireNewest(`step ${step.id}`, runId, epoch);
        if (step.state === "open") return;
        if (stored.has(`${runId} ${step.id}`)) violations.push(`${step.id} of ${runId} was stored twice`);
        stored.add(`${runId} ${step.id}`);
      }
    },
    forget() {
      stored.clear();
      for (const { run, id } of store.all("select run, id from steps where state <> 'open'")) {
        stored.add(`${String(run)} ${String(id)}`);
      }
      epochs.clear();
      for (const { id, epoch } of store.all("select id, epoch from runs")) epochs.set(String(id), Number(epoch));
    },
  };
}

/** A dead process waits for nothing any more; a zombie does for a while. */
function mortalClock(clock: Clock, life: Life): Clock {
  let goneAt = Infinity;
  void life.died.promise.then(() => (goneAt = clock.now() + (life.isZombie ? ZOMBIE_MS : 0)));
  const isGone = (): boolean => clock.now() >= goneAt;
  return {
    ...clock,
    sleep: (ms, signal) => (isGone() ? new Promise(() => undefined) : clock.sleep(ms, signal)),
    after: (ms, listener) => (isGone() ? { cancel: () => undefined } : clock.after(ms, listener)),
  };
}

const ZOMBIE_MS = 3_000;

/** What a process that does not know that it is dead still writes. */
const ZOMBIE_CALLS = new Set(["put", "park", "finish", "undo"]);

interface MortalParams {
  readonly store: MemoryStore;
  readonly life: Life;
  readonly witness: Witness;
  readonly random: Random;
  readonly crashes: number;
}

/** The store, until the process that uses it dies; its answers take their time, so that they overtake each other. */
function mortal({ store, life, witness, random, crashes }: MortalParams): RunStore {
  function die(): Promise<never> {
    life.isDead = true;
    life.died.resolve();
    return new Promise(() => undefined);
  }
  return new Proxy(store.runs, {
    get(target, name) {
      const call = Reflect.get(target, name) as (params: unknown) => Promise<unknown>;
      return async (params: unknown) => {
        await turns(random);
        const wasDead = life.isDead;
        if (wasDead && !(life.isZombie && ZOMBIE_CALLS.has(String(name)))) return die();
        if (!wasDead && random.next() < crashes / 2) return die();
        // Here processes die far more often than in life.
        const asked = name === "recover" ? { ...(params as object), crashLimit: 1_000 } : params;
        const result = await call.call(target, asked);
        witness.note(String(name), params, result);
        if (!wasDead && random.next() < crashes / 2) return die();
        await turns(random);
        return result;
      };
    },
  });
}

async function turns(random: Random): Promise<void> {
  for (let left = Math.floor(random.next() * 3); left > 0; left--)
    await new Promise((resolve) => setImmediate(resolve));
}

function judge(store: MemoryStore, inputs: readonly z.infer<typeof Input>[], violations: string[]): void {
  const runs = store.all(
    "select keys.key, runs.* from runs join keys on keys.run = runs.id where runs.automation = 'mix' order by keys.key",
  );
  if (runs.length !== inputs.length) violations.push(`${runs.length} runs for ${inputs.length} keys`);
  const children = store.all("select id from runs where automation = 'child'");
  if (children.length !== inputs.length) violations.push(`${children.length} runs were called by ${inputs.length}`);
  for (const run of runs) {
    const input = inputs.find(({ name }) => name === run["key"]);
    const expected =
      input?.fails === true ? "failed null" : `done ${JSON.stringify({ sum: 16, heard: input?.name ?? "" })}`;
    const found = `${String(run["status"])} ${String(run["output"])}`;
    if (found !== expected) violations.push(`${String(run["key"])} came out as ${found}: ${String(run["error"])}`);
    const undone = store.all(
      `select id from steps where run = '${String(run["id"])}' and id = '#undo:book' and state = 'done'`,
    );
    if (undone.length !== (input?.fails === true ? 1 : 0))
      violations.push(`${String(run["key"])} was undone ${undone.length} times`);
  }
}

/** No automation here has tables of its own. */
const NO_TABLES = new Proxy({} as Database, {
  get: (_target, name) =>
    name === "version" ? () => 0 : () => Promise.reject(new Error(`there is no ${String(name)} here`)),
});
