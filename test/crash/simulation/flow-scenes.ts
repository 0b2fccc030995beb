import { z } from "zod";
import { type AnyAutomation, defineAutomation } from "../../../src/runs/automation.ts";
import { event } from "../../../src/runs/event-type.ts";
import { on } from "../../../src/runs/trigger.ts";
import { number, text, textOrNull } from "../../../src/store/row.ts";
import { expectAllDone, expectCount, expectEnd, expectSpaced, runsOf } from "./expectations.ts";
import { emit, pick, trigger } from "./orders.ts";
import { body, type Context, dataOf, type Keyed, one, type Scene } from "./scene.ts";

const Quick = event("quick", z.object({ n: z.number() }));
const Item = event("item", z.object({ n: z.number() }));
const Tick = event("tick", z.object({ n: z.number() }));

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

export const queue: Scene = {
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

const RATE = { limit: 2, per: "1s" } as const;
const rated = body("rated", one, { rate: RATE });
export const rates: Scene = {
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

export const debounced: Scene = {
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

export const batches: Scene = {
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
export const throttled: Scene = {
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
export const keys: Scene = {
  automations: [keyed],
  cast: (random) => ({
    orders: [0, 1, 2].map((n) => trigger("keyed", { key: "same", n }, random.next() * 400)),
    judge: ({ store }) => [...expectEnd(store, "keyed", "same", "done", "null"), ...expectCount(store, "keyed", 1)],
  }),
};
