import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { createSimulator, type Simulator } from "../../simulator/index.ts";
import type { Cache } from "../../src/cache/cache.ts";
import type { OpenCache } from "../../src/cache/create-cache.ts";
import { DASHBOARD } from "../../src/cli/start.ts";
import { loadConfig } from "../../src/config.ts";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { createLog } from "../../src/core/log.ts";
import { createManualClock, type ManualClock } from "../../src/core/manual-clock.ts";
import { createSeededRandom, type Random } from "../../src/core/random.ts";
import { openHost } from "../../src/host.ts";
import { createServer } from "../../src/http/server.ts";
import { automation, defineApp, on } from "../../src/index.ts";

const MINUTE_MS = 60_000;
const SAMPLE_MS = 10_000;
const TICKET_MS = 30_000;

/** Questions of a help desk: some in other words, some that only look alike. */
const QUESTIONS = [
  "How do I reset the password of a user account?",
  "How do I reset the password of the user account?",
  "how do i reset the password of a user account",
  "How do I reset the password of a service account?",
  "Which plan has single sign-on for the whole team?",
  "Which plan has single sign-on for a whole team?",
  "How long are the backups of a workspace kept?",
  "How long are backups of a workspace kept?",
  "How long are the logs of a workspace kept?",
] as const;

/** A server on data of its own whose cache has been used for a while. */
export interface BusyMillrace extends AsyncDisposable {
  readonly url: string;
  readonly cache: Cache;
  readonly simulator: Simulator;
  /** Runs one of the automations, `desk.answer` or `desk.triage`, with each question at once, to their ends. */
  ask(automation: string, ...questions: readonly string[]): Promise<void>;
}

export interface BusyOptions {
  /** How many minutes have passed with traffic. Default 5. */
  readonly minutes?: number;
}

/**
 * Starts a whole Millrace in this process: real store, cache and server, answers from the simulator, and a clock that was moved through some
 * minutes of traffic and then stands still.
 */
export async function startBusyMillrace({ minutes = 5 }: BusyOptions = {}): Promise<BusyMillrace> {
  const data = await mkdtemp(join(tmpdir(), "millrace-busy-"));
  const clock = createManualClock(Date.now() - minutes * MINUTE_MS - QUESTIONS.length * SAMPLE_MS);
  const provider = countWaits(clock);
  const simulator = createSimulator({
    clock: provider,
    latencyMs: { p50: 600, p95: 1_800 },
    rules: [{ fault: "overloaded", model: "gpt-5.4-mini", every: 7 }],
  });
  const base = await simulator.start();
  const config = await loadConfig({
    apps: [busyApp],
    cwd: data,
    flags: { data, port: 0 },
    environment: { OPENAI_BASE_URL: `${base}/v1`, OPENAI_API_KEY: "key" },
  });
  const host = await openHost({
    config: {
      ...config,
      calls: { requestsPerMinute: 90, tokensPerMinute: 200_000, retry: { base: "500ms" } },
      cache: {
        ...config.cache,
        memory: { maxItems: 120, maxBytes: 4_000_000 },
        similar: {
          embedder: "hash",
          namespaces: {
            accounts: { sampleRate: 1, mode: "balanced" },
            workspaces: { sampleRate: 0, mode: "balanced" },
          },
        },
      },
    },
    apps: [busyApp],
    clock,
    random: createSeededRandom(7),
    log: createLog({ level: "silent" }),
  });
  const { store, engine, cache, routes, events, ids, log } = host;
  const server = await createServer({
    host: "127.0.0.1",
    port: 0,
    version: "0.0.0",
    timezone: "UTC",
    providers: host.ai.providers,
    dashboard: DASHBOARD,
    role: () => host.role(),
    store,
    engine,
    cache,
    calls: { ledger: host.calls, routes: () => host.ai.routes() },
    audit: host.audit,
    metrics: host.observe.metrics,
    pressure: () => host.observe.pressure(),
    routes,
    events,
    clock,
    ids,
    log,
  });
  host.resources.add("http", () => server.close());
  const url = await server.listen();
  await host.start();
  await host.started();
  const ask: BusyMillrace["ask"] = async (automation, ...questions) => {
    const runs = await Promise.all(questions.map((question) => engine.trigger(automation, { question })));
    await passing({ clock, provider }, Promise.all(runs.map(({ runId }) => engine.ended(runId))));
  };
  await Promise.all([cache.similar(), host.ai.preload()]);
  await useFor(minutes, { cache: cache.cache, clock, ask });
  for (const question of QUESTIONS) {
    await clock.advance(SAMPLE_MS);
    await ask("desk.answer", question);
  }
  await host.calls.list();
  return {
    url,
    cache: cache.cache,
    simulator,
    ask,
    async [Symbol.asyncDispose]() {
      await host.close();
      await simulator.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

const Question = z.object({ question: z.string() });

const busyApp = defineApp({
  name: "desk",
  config: z.object({}),
  create: ({ cache }) => ({
    automations: [
      automation(
        "desk.answer",
        { description: "Answers a question of the help desk.", on: [on.manual(Question)] },
        async ({ event, step, ai }) => {
          const { question } = event.data;
          return await step.run("answer", () =>
            ai.text({
              prompt: question,
              tags: ["manual:accounts"],
              // Every second answer about accounts is found to be wrong; those about workspaces are never checked.
              similar: {
                namespace: question.includes("password") ? "accounts" : "workspaces",
                verify: () => question.endsWith("?"),
              },
            }),
          );
        },
      ),
      automation(
        "desk.triage",
        { description: "Sorts a ticket.", on: [on.manual(Question)] },
        async ({ event, step, ai }) =>
          await step.run("sort", () =>
            ai.text({ model: "openai/gpt-5.4-nano", prompt: event.data.question, cache: { ttl: "10m" } }),
          ),
      ),
    ],
    routes: [],
    loaders: [
      {
        name: "desk.plans",
        schedule: "0 3 * * *",
        items: () =>
          ["free", "team", "enterprise"].map((plan) => ({
            key: `plan:${plan}`,
            factory: () => ({ plan, seats: plan.length * 10 }),
            options: { tags: ["plans"], ttl: "1d" },
          })),
      },
      {
        name: "desk.status",
        items: () => [
          {
            key: "status:page",
            factory: () => {
              throw new Error("The status page does not answer.");
            },
          },
        ],
      },
    ],
    started: async () => {
      await cache.getOrSet("report:2026", () => "x".repeat(120_000), { tags: ["reports"], ttl: "7d" });
    },
  }),
});

interface Use {
  readonly cache: OpenCache;
  readonly clock: ManualClock;
  readonly ask: BusyMillrace["ask"];
}

/** Lets so many minutes pass with customers looked up, weather going stale, and tickets sorted. */
async function useFor(minutes: number, { cache, clock, ask }: Use): Promise<void> {
  const random = createSeededRandom(3);
  const startedAt = clock.now();
  for (let passed = 0; passed < minutes * MINUTE_MS; passed += SAMPLE_MS) {
    const wave = 12 + Math.round(10 * Math.sin(passed / (9 * MINUTE_MS)));
    const choices = Array.from({ length: wave }, () => chooseLookUp(random));
    await Promise.all(choices.map((choice) => lookUp(cache, choice)));
    // The levels get the time that they would have had.
    await cache.flush();
    const ticket = Math.floor(30 * random.next() ** 2);
    if (passed % TICKET_MS === 0) await ask("desk.triage", `Ticket ${ticket}`, `Ticket ${ticket}`);
    await clock.advance(Math.max(0, startedAt + passed + SAMPLE_MS - clock.now()));
  }
}

/** The clock of the provider, which tells whether an answer waits for time to pass. */
interface ProviderClock extends Clock {
  waiting(): number;
}

function countWaits(clock: Clock): ProviderClock {
  let waiting = 0;
  return {
    ...clock,
    waiting: () => waiting,
    async sleep(ms, signal) {
      waiting += 1;
      await clock.sleep(ms, signal).finally(() => (waiting -= 1));
    },
  };
}

const TICK_MS = 20;
/** Nothing has happened for so long: something waits for the clock that is not the provider, such as a pause between attempts. */
const STILL_MS = 30;

/** Lets time pass until something has ended; what the machine itself takes counts for nothing, however busy it is. */
async function passing({ clock, provider }: Times, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const ended = work.finally(() => over.abort());
  for (let movedAt = systemClock.monotonic(); !over.signal.aborted;) {
    await new Promise(setImmediate);
    const isStill = systemClock.monotonic() - movedAt > STILL_MS;
    if (provider.waiting() === 0 && !isStill) continue;
    await clock.advance(TICK_MS);
    movedAt = systemClock.monotonic() - (isStill ? STILL_MS - 5 : 0);
  }
  await ended;
}

interface Times {
  readonly clock: ManualClock;
  readonly provider: ProviderClock;
}

interface LookUp {
  readonly customer: number;
  readonly place: string;
  readonly fails: boolean;
}

function chooseLookUp(random: Random): LookUp {
  return {
    customer: Math.floor(400 * random.next() ** 4),
    place: ["Graz", "Linz", "Wels"][Math.floor(3 * random.next())] ?? "Graz",
    fails: random.next() < 0.3,
  };
}

async function lookUp(cache: Cache, { customer, place, fails }: LookUp): Promise<void> {
  await cache.getOrSet(`customer:${customer}`, () => ({ customer, name: `Customer ${customer}` }), {
    tags: [`customer:${customer}`, "crm"],
    ttl: "20m",
  });
  await cache
    .getOrSet(`weather:${place}`, () => (fails ? Promise.reject(new Error("no answer")) : { place, degrees: 7 }), {
      tags: [`place:${place}`],
      ttl: "40s",
      staleIfError: "1h",
    })
    .catch(() => undefined);
}
