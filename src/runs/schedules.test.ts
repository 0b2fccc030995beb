import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { type Bench, silentLog, withBench } from "../../test/crash/engine-harness.ts";
import { createIds } from "../core/ids.ts";
import { createSeededRandom } from "../core/random.ts";
import type { AnyAutomation, CronTrigger } from "./automation.ts";
import { defineAutomation } from "./automation.ts";
import { createRegistry } from "./registry.ts";
import { createSchedules, type Schedules } from "./schedules.ts";
import { on } from "./trigger.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = (iso: string): number => Date.parse(iso);

/** An automation that notes for when it was planned. */
function noting(trigger: CronTrigger, planned: string[]): AnyAutomation {
  return defineAutomation("noting", { on: [trigger] }, async ({ event }) => void planned.push(event.data.scheduledFor));
}

/** Starts an engine, lets time pass, and closes it, as a process that lives for a while. */
async function live(bench: Bench, automation: AnyAutomation, ms: number, stepMs = 1_000): Promise<void> {
  const engine = bench.engine([automation]);
  await engine.start();
  await bench.pass(ms, stepMs);
  await bench.during(engine.close());
}

describe("on.cron", () => {
  it("starts a run at its time, in the zone of the configuration", async () => {
    await withBench(
      async (bench) => {
        const planned: string[] = [];
        await live(bench, noting(on.cron("0 3 * * *"), planned), 3_000);
        assert.deepEqual(planned, ["2026-06-02T01:00:00.000Z"]);
        const [schedule] = await bench.store.runs.schedules();
        assert.equal(schedule?.nextAt, at("2026-06-03T01:00:00Z"));
      },
      { startAt: at("2026-06-02T00:59:58Z") },
    );
  });

  it("starts it on time, not at the next look", async () => {
    await withBench(
      async (bench) => {
        const times: number[] = [];
        const exact = defineAutomation(
          "exact",
          { on: [on.cron("0 3 * * *")] },
          async () => void times.push(bench.clock.now()),
        );
        await live(bench, exact, 3_000, 7);
        assert.deepEqual(
          times.map((time) => time - at("2026-06-02T01:00:00Z") <= 10),
          [true],
        );
      },
      { startAt: at("2026-06-02T00:59:58.430Z") },
    );
  });

  it("starts it, and what is due beside it, also when its key cannot be made", async () => {
    await withBench(
      async (bench) => {
        const planned: string[] = [];
        const broken = defineAutomation(
          "broken",
          {
            on: [on.cron("0 3 * * *")],
            key: () => {
              throw new Error("no key");
            },
          },
          async ({ event }) => void planned.push(event.data.scheduledFor),
        );
        const engine = bench.engine([broken, noting(on.cron("0 3 * * *"), planned)]);
        await engine.start();
        await bench.pass(3_000, 1_000);
        // The writes of a busy machine take their time, whatever the clock says.
        for (let looks = 0; planned.length < 2 && looks < 50; looks++) await bench.pass(100);
        assert.deepEqual(
          planned,
          Array.from({ length: 2 }, () => "2026-06-02T01:00:00.000Z"),
        );
        await assert.rejects(engine.trigger("broken"), /The key of broken could not be made: no key/);
      },
      { startAt: at("2026-06-02T00:59:58Z") },
    );
  });

  it("catches up with one run for the latest of the times it missed", async () => {
    await withBench(async (bench) => {
      const planned: string[] = [];
      const automation = noting(on.cron("0 * * * *", { timezone: "UTC" }), planned);
      await live(bench, automation, 1_000);
      bench.clock.jump(30 * HOUR);
      await live(bench, automation, 1_000);
      assert.deepEqual(planned, ["2026-06-02T18:00:00.000Z"]);
      bench.clock.jump(HOUR);
      await live(bench, automation, 1_000);
      assert.equal(planned.length, 2);
    });
  });

  it("catches up with a run for each time it missed when it is told to, and with no more than a thousand", async () => {
    await withBench(async (bench) => {
      const planned: string[] = [];
      const hourly = on.cron("0 * * * *", { timezone: "UTC", catchUp: "all" });
      await live(bench, noting(hourly, planned), 1_000);
      bench.clock.jump(4 * HOUR);
      await live(bench, noting(hourly, planned), 1_000);
      assert.deepEqual(
        planned.toSorted(),
        [13, 14, 15, 16].map((hour) => `2026-06-01T${hour}:00:00.000Z`),
      );
      planned.length = 0;
      bench.clock.jump(HOUR);
      await live(bench, noting(hourly, planned), 1_000);
      assert.deepEqual(planned, ["2026-06-01T17:00:00.000Z"]);
    });
    await withBench(async (bench) => {
      const automation = noting(on.cron("* * * * *", { timezone: "UTC", catchUp: "all" }), []);
      await live(bench, automation, 1_000);
      bench.clock.jump(30 * HOUR);
      await live(bench, automation, 1_000);
      const rows = await bench.store.db.all("select event from runs order by id");
      assert.equal(rows.length, 1_000);
      assert.match(String(rows.at(-1)?.["event"]), /"scheduledFor":"2026-06-02T18:00:00.000Z"/);
    });
  });

  it("forgets what it missed when it is told to, and goes on", async () => {
    await withBench(async (bench) => {
      const planned: string[] = [];
      const automation = noting(on.cron("0 * * * *", { timezone: "UTC", catchUp: "none" }), planned);
      await live(bench, automation, 1_000);
      bench.clock.jump(30 * HOUR - 3_000);
      await live(bench, automation, 1_000);
      assert.deepEqual(planned, []);
      bench.clock.jump(HOUR - 3_000);
      await live(bench, automation, 6_000);
      assert.deepEqual(planned, ["2026-06-02T19:00:00.000Z"]);
    });
  });

  it("skips what passed while the machine slept, when it is told to", async () => {
    await withBench(async (bench) => {
      const planned: string[] = [];
      const engine = bench.engine([noting(on.cron("0 * * * *", { timezone: "UTC", catchUp: "none" }), planned)]);
      await engine.start();
      bench.clock.jump(5 * HOUR + 120_000);
      await bench.pass(1_000);
      assert.deepEqual(planned, []);
      bench.clock.jump(HOUR - 125_000);
      await bench.pass(10_000);
      assert.deepEqual(planned, ["2026-06-01T18:00:00.000Z"]);
    });
  });

  it("starts no planned time twice and loses none when the clock is set back and forth", async () => {
    await withBench(
      async (bench) => {
        const planned: string[] = [];
        const engine = bench.engine([noting(on.cron("0 * * * *", { timezone: "UTC" }), planned)]);
        await engine.start();
        await bench.pass(5_000, 1_000);
        for (const jump of [-HOUR, HOUR, -2 * HOUR, HOUR, HOUR, 24 * HOUR, -24 * HOUR, 24 * HOUR]) {
          bench.clock.jump(jump);
          await bench.pass(2_000, 500);
        }
        bench.clock.jump(HOUR);
        await bench.pass(2_000, 500);
        // Noon comes when it is two hours before: nobody can tell that it was over.
        const whole = ["2026-06-01T13:00", "2026-06-01T12:00", "2026-06-02T13:00", "2026-06-02T14:00"];
        assert.deepEqual(
          planned,
          whole.map((time) => `${time}:00.000Z`),
        );
      },
      { startAt: at("2026-06-01T12:59:58Z") },
    );
  });

  it("keeps its count when the clock is set while nothing runs", async () => {
    await withBench(
      async (bench) => {
        const planned: string[] = [];
        const automation = noting(on.cron("0 * * * *", { timezone: "UTC" }), planned);
        await live(bench, automation, 5_000);
        bench.clock.jump(-HOUR);
        await live(bench, automation, 1_000);
        bench.clock.jump(HOUR);
        await live(bench, automation, 1_000);
        assert.deepEqual(planned, ["2026-06-01T13:00:00.000Z"]);
      },
      { startAt: at("2026-06-01T12:59:58Z") },
    );
  });

  it("starts one run on the days on which the clocks change", async () => {
    for (const [startAt, expected] of [
      ["2026-03-29T00:59:55Z", "2026-03-29T01:00:00.000Z"],
      ["2026-10-25T00:29:55Z", "2026-10-25T00:30:00.000Z"],
    ] as const) {
      await withBench(
        async (bench) => {
          const planned: string[] = [];
          const automation = noting(on.cron("30 2 * * *"), planned);
          await live(bench, automation, 10_000);
          bench.clock.jump(3 * HOUR);
          await live(bench, automation, 1_000);
          assert.deepEqual(planned, [expected]);
        },
        { startAt: at(startAt) },
      );
    }
  });

  it("starts anew when its expression changes", async () => {
    await withBench(async (bench) => {
      const planned: string[] = [];
      await live(bench, noting(on.cron("0 * * * *", { timezone: "UTC" }), planned), 1_000);
      bench.clock.jump(5 * HOUR);
      await live(bench, noting(on.cron("30 * * * *", { timezone: "UTC" }), planned), 1_000);
      assert.deepEqual(planned, []);
      assert.deepEqual(
        (await bench.store.runs.schedules()).map(({ expression, nextAt }) => [expression, nextAt]),
        [
          ["0 * * * *", at("2026-06-01T13:00:00Z")],
          ["30 * * * *", at("2026-06-01T17:30:00Z")],
        ],
      );
    });
  });
});

const HOURLY = on.cron("0 * * * *", { timezone: "UTC" });
const DAILY = on.cron("30 0 * * *", { timezone: "UTC" });

/** The schedules of one process, which looks after them every five minutes while it lives. */
function processOf({ store, clock }: Bench, trigger: CronTrigger, started: string[] = []): Schedules {
  const registry = createRegistry({ automations: [noting(trigger, [])], timezone: "UTC", now: clock.now() });
  const ids = createIds({ clock, random: createSeededRandom(started.length + trigger.expression.length) });
  const onAdmitted = (): void => void started.push(new Date(clock.now()).toISOString());
  return createSchedules({ store: store.runs, registry, clock, ids, log: silentLog, onAdmitted });
}

async function liveOn({ clock }: Bench, processes: readonly Schedules[], minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 5) {
    await clock.advance(5 * MINUTE);
    for (const one of processes) {
      await one.fireDue();
      await one.tend();
    }
  }
}

async function stored({ store }: Bench): Promise<readonly string[]> {
  return (await store.runs.schedules()).map(({ expression }) => expression);
}

describe("schedules of several processes on one database", () => {
  it("stay while a process lives that knows them, however often one starts that does not", async () => {
    await withBench(async (bench) => {
      const started: string[] = [];
      const old = processOf(bench, HOURLY, started);
      await old.start();
      for (let deployments = 0; deployments < 3; deployments++) {
        const next = processOf(bench, DAILY);
        await next.start();
        await liveOn(bench, [old, next], 120);
      }
      assert.deepEqual(await stored(bench), ["0 * * * *", "30 0 * * *"]);
      assert.deepEqual(
        started,
        [13, 14, 15, 16, 17, 18].map((hour) => `2026-06-01T${hour}:00:00.000Z`),
      );
    });
  });

  it("go an hour after the last process that knew them, and not by the clock on the wall", async () => {
    await withBench(async (bench) => {
      const old = processOf(bench, HOURLY);
      await old.start();
      const next = processOf(bench, DAILY);
      await next.start();
      bench.clock.jump(24 * HOUR);
      await liveOn(bench, [next], 55);
      assert.deepEqual(await stored(bench), ["0 * * * *", "30 0 * * *"]);
      await liveOn(bench, [next], 10);
      assert.deepEqual(await stored(bench), ["30 0 * * *"]);
      await liveOn(bench, [next], 120);
      assert.deepEqual(await stored(bench), ["30 0 * * *"]);
    });
  });

  it("are caught up with after an outage of all, whichever comes back first", async () => {
    await withBench(async (bench) => {
      await processOf(bench, HOURLY).start();
      await processOf(bench, DAILY).start();
      await bench.clock.advance(30 * HOUR);
      const first = processOf(bench, DAILY);
      await first.start();
      await liveOn(bench, [first], 30);
      const started: string[] = [];
      await processOf(bench, HOURLY, started).start();
      assert.equal(started.length, 1);
      const [hourly] = await bench.store.runs.schedules();
      assert.deepEqual([hourly?.lastAt, hourly?.nextAt], [at("2026-06-01T13:00:00Z"), at("2026-06-02T19:00:00Z")]);
    });
  });

  it("start what is due also when another process has forgotten them, and are back then", async () => {
    await withBench(async (bench) => {
      const started: string[] = [];
      const one = processOf(bench, HOURLY, started);
      await one.start();
      await bench.clock.advance(HOUR);
      await bench.store.db.write([{ sql: "delete from schedules" }]);
      await one.fireDue();
      assert.deepEqual(started, []);
      await one.fireDue();
      assert.deepEqual(started, ["2026-06-01T13:00:00.000Z"]);
      assert.deepEqual(await stored(bench), ["0 * * * *"]);
    });
  });
});
