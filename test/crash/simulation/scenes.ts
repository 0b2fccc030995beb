import { z } from "zod";
import { type ErrorCode, isErrorCode } from "../../../src/core/errors.ts";
import type { Random } from "../../../src/core/random.ts";
import { type AnyAutomation, type AutomationContext, defineAutomation } from "../../../src/runs/automation.ts";
import type { Engine } from "../../../src/runs/engine.ts";
import { type AnyEventType, event } from "../../../src/runs/event-type.ts";
import { on } from "../../../src/runs/trigger.ts";
import { number, text, textOrNull } from "../../../src/store/row.ts";
import type { Row } from "../../../src/store/store.ts";
import type { SimulatedStore } from "./store.ts";

/* What happens in the worlds. A scene is what one part of the engine is for: automations, what somebody outside does to them, and what must
   have become of it in the end, whatever the weather. Whoever is outside does again what was not acknowledged, under the same keys. */

export interface Scene {
  readonly automations: readonly AnyAutomation[];
  /** Draws one instance of it. */
  readonly cast: (random: Random) => Cast;
}

export interface Cast {
  readonly orders: readonly Order[];
  /** What must be true at the end, in words when it is not. */
  readonly judge: (outcome: Outcome) => readonly string[];
}

/** What somebody outside does: some time after a start, again and again until it is acknowledged. */
export interface Order {
  readonly afterMs: number;
  readonly act: (engine: Engine, health: Bodies["health"]) => Promise<void>;
}

export interface Outcome {
  readonly store: Pick<SimulatedStore, "all">;
  /** When the runs of an automation might start as they were admitted, in order. */
  readonly plannedAt: (automation: string) => readonly number[];
  /** Whether somebody set the clock back: then what counts by the clock comes out otherwise. */
  readonly wentBack: boolean;
  /** Whether somebody set the clock at all: what was not planned yet may have been passed over. */
  readonly wasSet: boolean;
  /** Whether the disk was full for a while. */
  readonly wasFull: boolean;
  /** Whether power failed: then what was done outside may have been done again. */
  readonly lostPower: boolean;
}

/** What a life hands to its runs. */
export interface Bodies {
  /** A step's body begins. */
  readonly begin: (step: string) => void;
  readonly luck: () => number;
  /** Steps that are sick fail until they are mended. */
  readonly health: { isWell: boolean };
}

type Context = AutomationContext<{ readonly data: z.infer<typeof Keyed> }> & Bodies;

const failForGood = (message: string): never => {
  throw Object.assign(new Error(message), { isRetryable: false });
};

const Keyed = z.object({ key: z.string(), n: z.number() });
const Go = event("go", z.object({ run: z.string() }), { match: ({ run }) => run });
const Never = event("never", z.object({}));
const Told = event("told", z.object({ run: z.string() }));
const Quick = event("quick", z.object({ n: z.number() }));
const Item = event("item", z.object({ n: z.number() }));
const Tick = event("tick", z.object({ n: z.number() }));
const manual = on.manual(Keyed);
const dataOf = ({ event: { data } }: AutomationContext<{ readonly data: z.infer<typeof Keyed> }>) => data;

function body(name: string, run: (context: Context) => Promise<unknown>, options: object = {}): AnyAutomation {
  return defineAutomation(name, { on: [manual], retry: { attempts: 4, backoffMs: 300 }, ...options }, run as never);
}

const child = body("child", async (context) => {
  const { step, begin } = context;
  return step.run("double", () => {
    begin("double");
    return dataOf(context).n * 2;
  });
});

/** Steps side by side, a flaky one, a wait, a sleep, a called run, and what is to be undone when it fails. */
const trip = body(
  "trip",
  async (context) => {
    const { step, begin } = context;
    const { key, n } = dataOf(context);
    const booked = await step.run("book", () => (begin("book"), 1), { compensate: () => begin("#undo:book") });
    const [left, flaky, heard] = await Promise.all([
      step.run("left", () => (begin("left"), 2)),
      step.run("flaky", ({ attempt }) => {
        begin("flaky");
        if (attempt < 3) throw Object.assign(new Error("away"), { retryAfterMs: 1_500 });
        return 3;
      }),
      step.wait("go", { for: Go, match: key }),
    ]);
    await step.sleep("pause", 1_500);
    const called = (await step.call("child", child, { key, n: left + flaky })) as number;
    if (n === 1) await step.run("break", () => (begin("break"), failForGood("no")));
    return { sum: booked + left + flaky + called, heard: heard?.run };
  },
  {
    concurrency: { limit: 2, key: () => "trips" },
    priority: ({ data }: { data: z.infer<typeof Keyed> }) => data.n,
    onFailure: () => undefined,
  },
);

const trips: Scene = {
  automations: [child, trip],
  cast(random) {
    const inputs = [0, 1, 2].slice(0, 2 + pick(random, 2)).map((n) => ({ key: `trip ${n}`, n }));
    return {
      orders: [
        ...inputs.map((input) => trigger("trip", input)),
        ...inputs.map((input) => tell(random, "trip", input, { run: input.key }, 6_000)),
      ],
      judge: ({ store }) => [
        ...inputs.flatMap(({ key, n }) =>
          n === 1
            ? [...expectEnd(store, "trip", key, "failed", null), ...expectUndone(store, "trip", key, "book", 1)]
            : expectEnd(store, "trip", key, "done", JSON.stringify({ sum: 16, heard: key })),
        ),
        ...expectCount(store, "child", inputs.length),
      ],
    };
  },
};

/** A map in which one item fails for good, and a step that writes to a table with its result. */
const mapped = body("mapped", async ({ step, begin, run }) => {
  const { done, failed } = await step.map(
    "each",
    [1, 2, 3, 4, 5],
    (item, { attempt }) => {
      begin(`each:${item}`);
      if (item === 3) failForGood("never");
      if (item === 4 && attempt === 1) throw new Error("away");
      return item * 10;
    },
    { parallel: 2, key: String },
  );
  await step.tx("note", () => {
    begin("note");
    return { write: [{ sql: "insert into notes (run) values (:run)", params: { run: run.id } }], result: null };
  });
  return { done, failed: failed.map(({ item }) => item) };
});

const maps: Scene = {
  automations: [mapped],
  cast: () => ({
    orders: [trigger("mapped", { key: "map", n: 0 })],
    judge: ({ store }) => [
      ...expectEnd(store, "mapped", "map", "done", '{"done":[10,20,40,50],"failed":[3]}'),
      ...(store.all("select run from notes").length === 1 ? [] : ["a step's own write was not done exactly once"]),
    ],
  }),
};

/** One at a time, the urgent ones first. */
const queued = body(
  "queued",
  async (context) => {
    const { step, begin } = context;
    await step.run("first", ({ attempt }) => {
      begin("first");
      if (attempt === 1) throw new Error("away");
    });
    await step.sleep("rest", 1_200);
    return step.run("last", () => (begin("last"), dataOf(context).n));
  },
  {
    concurrency: { limit: 1, key: ({ data }: { data: z.infer<typeof Keyed> }) => (data.n % 2 === 0 ? "even" : "odd") },
    priority: ({ data }: { data: z.infer<typeof Keyed> }) => data.n % 3,
  },
);

const queue: Scene = {
  automations: [queued],
  cast(random) {
    const inputs = [0, 1, 2, 3, 4].slice(0, 3 + pick(random, 3)).map((n) => ({ key: `queued ${n}`, n }));
    return {
      orders: inputs.map((input) => trigger("queued", input, random.next() * 300)),
      judge: ({ store }) => [
        ...inputs.flatMap(({ key, n }) => expectEnd(store, "queued", key, "done", String(n))),
        ...expectCount(store, "queued", inputs.length),
      ],
    };
  },
};

const one = async (context: Context): Promise<unknown> => context.step.run("only", () => (context.begin("only"), null));

const RATE = { limit: 2, per: "1s" } as const;
const rated = body("rated", one, { rate: RATE });
const rates: Scene = {
  automations: [rated],
  cast(random) {
    const inputs = [0, 1, 2, 3, 4].map((n) => ({ key: `rated ${n}`, n }));
    return {
      orders: inputs.map((input) => trigger("rated", input, random.next() * 1_500)),
      judge: ({ store, wentBack, plannedAt }) => [
        ...inputs.flatMap(({ key }) => expectEnd(store, "rated", key, "done", "null")),
        ...(wentBack ? [] : expectSpaced(plannedAt("rated"), { ...RATE, perMs: 1_000 })),
      ],
    };
  },
};

/** Events in quick succession make one run, of the last one. */
const settled = defineAutomation(
  "settled",
  { on: [on.event(Quick)], debounce: { for: "500ms", max: "1500ms" } },
  (async (context: Context) => one(context)) as never,
) as AnyAutomation;

const debounced: Scene = {
  automations: [settled],
  cast: (random) => ({
    orders: [0, 1, 2, 3, 4].map((n) => emit(random, Quick, { n }, `quick ${n}`, 2_500)),
    judge: ({ store }) => {
      const runs = runsOf(store, "settled");
      const merged = runs.reduce((sum, row) => sum + number(row, "merged"), 0);
      const last = store.all("select id from events where name = 'quick' order by seq desc limit 1")[0];
      const newest = runs.at(-1);
      return [
        ...expectAllDone(runs),
        ...(merged === 5 ? [] : [`${merged} of 5 events were taken in`]),
        ...(last !== undefined && newest !== undefined && text(newest, "event").includes(`"${text(last, "id")}"`)
          ? []
          : ["the last event did not win"]),
      ];
    },
  }),
};

const gathered = defineAutomation(
  "gathered",
  { on: [on.batch(on.event(Item), { max: 3, wait: "700ms" })] },
  async ({ event: { data } }) => (data as readonly { readonly n: number }[]).map(({ n }) => n),
) as AnyAutomation;

const batches: Scene = {
  automations: [gathered],
  cast: (random) => ({
    orders: [0, 1, 2, 3, 4, 5, 6].map((n) => emit(random, Item, { n }, `item ${n}`, 2_000)),
    judge({ store }) {
      const runs = runsOf(store, "gathered");
      const seen = runs
        .flatMap((row) => JSON.parse(textOrNull(row, "output") ?? "[]") as number[])
        .toSorted((a, b) => a - b);
      const isTooLarge = runs.some((row) => number(row, "merged") > 3);
      return [
        ...expectAllDone(runs),
        ...(seen.join() === "0,1,2,3,4,5,6" ? [] : [`the batches held ${seen.join()}`]),
        ...(isTooLarge ? ["a batch was larger than it may be"] : []),
      ];
    },
  }),
};

const ticked = defineAutomation(
  "ticked",
  { on: [on.event(Tick)], throttle: { per: "1s" } },
  one as never,
) as AnyAutomation;
const throttled: Scene = {
  automations: [ticked],
  cast: (random) => ({
    orders: [0, 1, 2, 3, 4].map((n) => emit(random, Tick, { n }, `tick ${n}`, 3_000)),
    judge({ store, wentBack }) {
      const runs = runsOf(store, "ticked");
      return [
        ...expectAllDone(runs),
        ...(runs.length >= 1 ? [] : ["no event started anything"]),
        ...(wentBack
          ? []
          : expectSpaced(
              runs.map((row) => number(row, "created_at")),
              { limit: 1, perMs: 1_000 },
            )),
      ];
    },
  }),
};

/** Several ask for the same. */
const keyed = body("keyed", one);
const keys: Scene = {
  automations: [keyed],
  cast: (random) => ({
    orders: [0, 1, 2].map((n) => trigger("keyed", { key: "same", n }, random.next() * 400)),
    judge: ({ store }) => [...expectEnd(store, "keyed", "same", "done", "null"), ...expectCount(store, "keyed", 1)],
  }),
};

/** Somebody cancels, at any time. */
const stopped = body(
  "stopped",
  async ({ step, begin }) => {
    await step.run("book", () => begin("book"), { compensate: () => begin("#undo:book") });
    await step.sleep("long", 3_000);
    return step.run("after", () => begin("after"));
  },
  { concurrency: { limit: 1 } },
);

const cancels: Scene = {
  automations: [stopped],
  cast(random) {
    const inputs = [0, 1].map((n) => ({ key: `stopped ${n}`, n }));
    return {
      orders: inputs.map((input) => {
        const afterMs = random.next() * 300;
        const waitMs = random.next() * 4_000;
        return { afterMs, act: (engine) => cancelLater(engine, input, waitMs) };
      }),
      judge: ({ store, lostPower }) =>
        inputs.flatMap(({ key }) => {
          const row = runOf(store, "stopped", key);
          if (row === undefined) return [`${key} is gone`];
          const status = text(row, "status");
          if (status !== "canceled" && status !== "done") return [`${key} is ${status}, and somebody canceled it`];
          const wasBooked = stepOf(store, text(row, "id"), "book") !== undefined;
          return status === "done" || lostPower ? [] : expectUndone(store, "stopped", key, "book", wasBooked ? 1 : 0);
        }),
    };
  },
};

async function cancelLater(engine: Engine, input: z.infer<typeof Keyed>, waitMs: number): Promise<void> {
  const { runId } = await engine.trigger("stopped", input, { key: input.key });
  // Another run tells when: somebody outside has no clock.
  const key = `timer ${input.key}`;
  const timed = await engine.trigger("timer", { key, n: waitMs }, { key });
  await Promise.race([engine.ended(runId), engine.ended(timed.runId)]);
  await engine.cancel(runId).catch(unless("RUN_STATE"));
  await engine.ended(runId);
}

const timer = body("timer", async (context) => context.step.sleep("wait", dataOf(context).n));

/** What fails until it is mended, and is tried again then: finished steps are kept. */
const mended = body("mended", async ({ step, begin, health }) => {
  await step.run("kept", () => begin("kept"));
  const [mapped] = await Promise.all([
    step.map("each", [1, 2], (item) => (begin(`each:${item}`), item), { key: String }),
    step.run("sick", () => (begin("sick"), health.isWell || failForGood("sick"))),
  ]);
  return mapped.done;
});

const retries: Scene = {
  automations: [mended],
  cast: () => ({
    orders: [{ afterMs: 0, act: mend }],
    judge: ({ store }) => [
      ...expectEnd(store, "mended", "mended", "done", "[1,2]"),
      ...expectCount(store, "mended", 1),
    ],
  }),
};

async function mend(engine: Engine, health: Bodies["health"]): Promise<void> {
  const { runId } = await engine.trigger("mended", { key: "mended", n: 0 }, { key: "mended" });
  const { status } = await engine.ended(runId);
  if (status === "done") return;
  health.isWell = true;
  await engine.retry(runId).catch(unless("RUN_STATE"));
  await engine.ended(runId);
}

/** Done, and done again from its second step on. */
const redone = body("redone", async ({ step, begin }) => {
  await step.run("a", () => begin("a"));
  await step.sleep("between", 1_100);
  await step.run("b", () => begin("b"));
  return step.run("c", () => begin("c"));
});

const repeats: Scene = {
  automations: [redone],
  cast: () => {
    let isAsked = false;
    return {
      orders: [
        {
          afterMs: 0,
          async act(engine) {
            const { runId } = await engine.trigger("redone", { key: "redone", n: 0 }, { key: "redone" });
            await engine.ended(runId);
            // Whoever lost the answer asks again, and the step may be gone.
            if (!isAsked) await engine.retry(runId, { from: "b" }).catch(unless("INPUT_INVALID"));
            isAsked = true;
            await engine.ended(runId);
          },
        },
      ],
      judge: ({ store }) => [
        ...expectEnd(store, "redone", "redone", "done", "null"),
        ...(["a", "between", "b", "c"].every(
          (step) => stepOf(store, text(runOf(store, "redone", "redone") ?? {}, "id"), step) !== undefined,
        )
          ? []
          : ["a run that was done again lacks a step"]),
      ],
    };
  },
};

/** One run tells, another is started by it. */
const teller = body("teller", async ({ step, run }) => step.send("tell", Told, { run: run.id }).then(() => null));
const listener = defineAutomation("listener", { on: [on.event(Told)] }, one as never) as AnyAutomation;
const sends: Scene = {
  automations: [teller, listener],
  cast: () => {
    const inputs = [0, 1].map((n) => ({ key: `teller ${n}`, n }));
    return {
      orders: inputs.map((input) => trigger("teller", input)),
      judge: ({ store }) => [
        ...inputs.flatMap(({ key }) => expectEnd(store, "teller", key, "done", "null")),
        ...expectCount(store, "listener", inputs.length),
        ...expectAllDone(runsOf(store, "listener")),
      ],
    };
  },
};

/** Takes longer than it may: it fails, and is undone. */
const late = body(
  "late",
  async ({ step, begin }) => {
    await step.run("book", () => begin("book"), { compensate: () => begin("#undo:book") });
    await step.sleep("long", 30_000_000);
  },
  { timeoutMs: 2_000, onFailure: () => undefined },
);
const timeouts: Scene = {
  automations: [late],
  cast: () => ({
    orders: [trigger("late", { key: "late", n: 0 })],
    judge({ store }) {
      const row = runOf(store, "late", "late");
      const wasBooked = row !== undefined && stepOf(store, text(row, "id"), "book") !== undefined;
      const why = row === undefined ? "" : (textOrNull(row, "error") ?? "");
      return [
        ...expectEnd(store, "late", "late", "failed", null),
        ...(why.includes("RUN_TIMEOUT") ? [] : [`late failed by ${why}`]),
        ...expectUndone(store, "late", "late", "book", wasBooked ? 1 : 0),
      ];
    },
  }),
};

/** Fails outside of its steps for no reason that another attempt would meet again: what was undone must not come out as done. */
const moody = body(
  "moody",
  async ({ step, begin, luck }) => {
    await step.run("book", () => begin("book"), { compensate: () => begin("#undo:book") });
    await step.run("more", () => begin("more"), { compensate: () => begin("#undo:more") });
    if (luck() < 0.6) failForGood("a mood");
    return "fine";
  },
  { onFailure: () => undefined },
);
const moods: Scene = {
  automations: [moody],
  cast: () => ({
    orders: [0, 1].map((n) => trigger("moody", { key: `moody ${n}`, n })),
    judge: ({ store }) =>
      [0, 1].flatMap((n) => {
        const key = `moody ${n}`;
        const isFailed = runOf(store, "moody", key)?.["status"] === "failed";
        return ["book", "more"]
          .flatMap((step) => expectUndone(store, "moody", key, step, isFailed ? 1 : 0))
          .concat(expectEnd(store, "moody", key, isFailed ? "failed" : "done", isFailed ? null : '"fine"'));
      }),
  }),
};

/** The event comes while the run is being parked for it. */
const hasty = body("hasty", async (context) => {
  const heard = await context.step.wait("go", { for: Go, match: dataOf(context).key });
  return heard?.run;
});
const races: Scene = {
  automations: [hasty],
  cast(random) {
    const inputs = [0, 1, 2, 3, 4, 5].map((n) => ({ key: `hasty ${n}`, n }));
    return {
      orders: inputs.flatMap((input) => {
        const pauses = pick(random, 12);
        return [
          trigger("hasty", input),
          {
            afterMs: 0,
            async act(engine: Engine) {
              await engine.trigger("hasty", input, { key: input.key });
              for (let left = pauses; left > 0; left--) await engine.automations();
              await engine.emit(Go, { run: input.key }, { id: `go ${input.key}` });
            },
          },
        ];
      }),
      judge: ({ store }) => inputs.flatMap(({ key }) => expectEnd(store, "hasty", key, "done", JSON.stringify(key))),
    };
  },
};

/** A wait that nobody answers, one with a condition, and an error outside of steps. */
const patient = body("patient", async (context) => {
  const { step, run } = context;
  const nothing = await step.wait("nothing", { for: Never, timeout: 1_300 });
  const second = await step.wait("second", { for: Go, where: ({ run: of }) => of === "patient 2" });
  if (run.attempt === 1) throw new Error("once");
  return { nothing, second: second?.run };
});
const waits: Scene = {
  automations: [patient],
  cast: (random) => ({
    orders: [
      trigger("patient", { key: "patient", n: 0 }),
      ...[1, 2].map((n) => tell(random, "patient", { key: "patient", n: 0 }, { run: `patient ${n}` }, 3_000)),
    ],
    judge: ({ store }) => expectEnd(store, "patient", "patient", "done", '{"nothing":null,"second":"patient 2"}'),
  }),
};

/** The clock strikes; worlds begin three seconds before. */
const struck = defineAutomation("struck", { on: [on.cron("* * * * *")] }, one as never) as AnyAutomation;
const schedules: Scene = {
  automations: [struck, timer],
  cast: () => ({
    orders: [trigger("timer", { key: "until it struck", n: 4_000 })],
    judge({ store, wasSet, wasFull }) {
      const runs = runsOf(store, "struck");
      const planned = runs.map(
        (row) => (JSON.parse(text(row, "event")) as { data: { scheduledFor: string } }).data.scheduledFor,
      );
      return [
        ...expectAllDone(runs),
        ...(new Set(planned).size === planned.length ? [] : ["one planned time started two runs"]),
        // With a full disk it may strike when there is room again, after all else has ended.
        ...(planned.length > 0 || wasSet || wasFull ? [] : ["the clock struck for nobody"]),
      ];
    },
  }),
};

export const SCENES: Readonly<Record<string, Scene>> = {
  trips,
  maps,
  queue,
  rates,
  debounced,
  batches,
  throttled,
  keys,
  cancels: { ...cancels, automations: [stopped, timer] },
  retries,
  repeats,
  sends,
  timeouts,
  moods,
  races,
  waits,
  schedules,
};

/** Of the automations with a limit: how many at once. */
export const LIMITS: ReadonlyMap<string, number> = new Map([
  ["trip", 2],
  ["queued", 1],
  ["stopped", 1],
]);

/** Lets an error of this code pass: it says that it was done before. */
function unless(code: ErrorCode): (error: unknown) => void {
  return (error) => {
    if (!isErrorCode(error, code)) throw error;
  };
}

function pick(random: Random, below: number): number {
  return Math.floor(random.next() * below);
}

function trigger(name: string, input: z.infer<typeof Keyed>, afterMs = 0): Order {
  return {
    afterMs,
    async act(engine) {
      const { runId } = await engine.trigger(name, input, { key: input.key });
      await engine.ended(runId);
    },
  };
}

/** Tells a run of something; it hears what comes after its birth, so that goes first. */
function tell(
  random: Random,
  name: string,
  input: z.infer<typeof Keyed>,
  data: { readonly run: string },
  withinMs: number,
): Order {
  return {
    afterMs: random.next() * withinMs,
    async act(engine) {
      await engine.trigger(name, input, { key: input.key });
      await engine.emit(Go, data, { id: `go ${data.run}` });
    },
  };
}

function emit(random: Random, type: AnyEventType, data: unknown, id: string, withinMs: number): Order {
  return {
    afterMs: random.next() * withinMs,
    act: async (engine) => void (await engine.emit(type, data, { id })),
  };
}

function runsOf(store: Outcome["store"], automation: string): readonly Row[] {
  return store.all("select * from runs where automation = :automation order by id", { automation });
}

function runOf(store: Outcome["store"], automation: string, key: string): Row | undefined {
  return store.all(
    "select runs.* from keys join runs on runs.id = keys.run where keys.automation = :automation and key = :key",
    { automation, key },
  )[0];
}

function stepOf(store: Outcome["store"], run: string, id: string): Row | undefined {
  return store.all("select * from steps where run = :run and id = :id and state = 'done'", { run, id })[0];
}

function expectEnd(
  store: Outcome["store"],
  automation: string,
  key: string,
  status: string,
  output: string | null,
): readonly string[] {
  const row = runOf(store, automation, key);
  if (row === undefined) return [`${key} is gone`];
  const found = [text(row, "status"), textOrNull(row, "output")];
  if (found[0] === status && found[1] === output) return [];
  return [`${key} came out as ${found.join(" ")} and not ${status} ${output}: ${textOrNull(row, "error")}`];
}

function expectUndone(
  store: Outcome["store"],
  automation: string,
  key: string,
  step: string,
  times: number,
): readonly string[] {
  const row = runOf(store, automation, key);
  const undone = row === undefined || stepOf(store, text(row, "id"), `#undo:${step}`) === undefined ? 0 : 1;
  return undone === times ? [] : [`${step} of ${key} was undone ${undone} times, not ${times}`];
}

function expectAllDone(runs: readonly Row[]): readonly string[] {
  return runs
    .filter((row) => row["status"] !== "done")
    .map((row) => `a run of ${text(row, "automation")} is ${text(row, "status")}: ${textOrNull(row, "error")}`);
}

function expectCount(store: Outcome["store"], automation: string, count: number): readonly string[] {
  const found = runsOf(store, automation).length;
  return found === count ? [] : [`${found} runs of ${automation}, not ${count}`];
}

/** Never more within any time than a bucket of `limit` that fills up within `perMs` gives. */
function expectSpaced(
  at: readonly number[],
  { limit, perMs }: { readonly limit: number; readonly perMs: number },
): readonly string[] {
  for (let first = 0; first < at.length; first++) {
    for (let last = first + limit; last < at.length; last++) {
      const within = (at[last] ?? 0) - (at[first] ?? 0);
      if (last - first + 1 > limit + ((within + 2) * limit) / perMs) {
        return [`${last - first + 1} starts within ${within} ms, over the rate`];
      }
    }
  }
  return [];
}
