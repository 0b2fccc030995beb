import { z } from "zod";
import { type AnyAutomation, defineAutomation } from "../../../src/runs/automation.ts";
import type { Engine } from "../../../src/runs/engine.ts";
import { event } from "../../../src/runs/event-type.ts";
import { on } from "../../../src/runs/trigger.ts";
import { text } from "../../../src/store/row.ts";
import { expectAllDone, expectCount, expectEnd, runsOf } from "./expectations.ts";
import { pick, tell, trigger } from "./orders.ts";
import { timer } from "./outside-scenes.ts";
import { body, dataOf, Go, one, type Scene } from "./scene.ts";

const Never = event("never", z.object({}));
const Told = event("told", z.object({ run: z.string() }));

/** One run tells, another is started by it. */
const teller = body("teller", async ({ step, run }) => step.send("tell", Told, { run: run.id }).then(() => null));
const listener = defineAutomation("listener", { on: [on.event(Told)] }, one as never) as AnyAutomation;
export const sends: Scene = {
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

/** The event comes while the run is being parked for it. */
const hasty = body("hasty", async (context) => {
  const heard = await context.step.wait("go", { for: Go, match: dataOf(context).key });
  return heard?.run;
});
export const races: Scene = {
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
export const waits: Scene = {
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
export const schedules: Scene = {
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
