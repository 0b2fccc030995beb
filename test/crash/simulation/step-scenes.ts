import type { z } from "zod";
import { text, textOrNull } from "../../../src/store/row.ts";
import { expectCount, expectEnd, expectUndone, runOf, stepOf } from "./expectations.ts";
import { pick, tell, trigger } from "./orders.ts";
import { body, dataOf, failForGood, Go, type Keyed, type Scene } from "./scene.ts";

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

export const trips: Scene = {
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

export const maps: Scene = {
  automations: [mapped],
  cast: () => ({
    orders: [trigger("mapped", { key: "map", n: 0 })],
    judge: ({ store }) => [
      ...expectEnd(store, "mapped", "map", "done", '{"done":[10,20,40,50],"failed":[3]}'),
      ...(store.all("select run from notes").length === 1 ? [] : ["a step's own write was not done exactly once"]),
    ],
  }),
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
export const timeouts: Scene = {
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
export const moods: Scene = {
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
