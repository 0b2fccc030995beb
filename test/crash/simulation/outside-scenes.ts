import type { z } from "zod";
import type { Engine } from "../../../src/runs/engine.ts";
import { text } from "../../../src/store/row.ts";
import { expectCount, expectEnd, expectUndone, runOf, stepOf } from "./expectations.ts";
import { unless } from "./orders.ts";
import { type Bodies, body, dataOf, failForGood, type Keyed, type Scene } from "./scene.ts";

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

export const timer = body("timer", async (context) => context.step.sleep("wait", dataOf(context).n));

export const cancels: Scene = {
  automations: [stopped, timer],
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

/** What fails until it is mended, and is tried again then: finished steps are kept. */
const mended = body("mended", async ({ step, begin, health }) => {
  await step.run("kept", () => begin("kept"));
  const [mapped] = await Promise.all([
    step.map("each", [1, 2], (item) => (begin(`each:${item}`), item), { key: String }),
    step.run("sick", () => (begin("sick"), health.isWell || failForGood("sick"))),
  ]);
  return mapped.done;
});

export const retries: Scene = {
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

export const repeats: Scene = {
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
