import assert from "node:assert/strict";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { SCENES } from "./scenes.ts";
import { createSimulatedStore } from "./store.ts";
import type { Share, Went } from "./thread.ts";
import { CALM, simulate, STORM, type Weather } from "./world.ts";

/** In CI all that the documents promise; elsewhere so few that nobody waits for them. */
const SEEDS = Number(process.env["MILLRACE_SIMULATION_SEEDS"] ?? (process.env["CI"] === "true" ? 10_000 : 1_000));
/** The same worlds every time, so that a change and not the day decides; `MILLRACE_SIMULATION_SEED` looks at others. */
const FIRST = Number(process.env["MILLRACE_SIMULATION_SEED"] ?? 1);
/** A machine with much else to do needs several times as long as one with nothing. */
const LONGEST_MS = 1_200_000;
const THREADS = Math.min(availableParallelism(), SEEDS);

async function goThrough(share: Share): Promise<Went> {
  const thread = new Worker(new URL("./thread.ts", import.meta.url), {
    workerData: share,
    execArgv: ["--conditions=millrace-source"],
    // Worlds leave much behind at once: with room for it, less of it is copied.
    resourceLimits: { maxYoungGenerationSizeMb: 48 },
  });
  const [went] = (await once(thread, "message")) as [Went];
  await thread.terminate();
  return went;
}

describe(`${SEEDS} simulated worlds from seed ${FIRST} on`, () => {
  it(
    "come to the right end, though processes die at any moment, zombies write, disks fill up, clocks jump and power fails",
    { timeout: LONGEST_MS },
    async (t) => {
      const shares = Array.from({ length: THREADS }, (_, index) => ({
        first: FIRST + index,
        stride: THREADS,
        end: FIRST + SEEDS,
      }));
      const went = await Promise.all(shares.map(goThrough));
      const total = (what: "worlds" | "lives" | "calls" | "refused"): number =>
        went.reduce((sum, one) => sum + one[what], 0);
      t.diagnostic(`${total("lives")} lives, ${total("calls")} calls of the store, ${total("refused")} refused writes`);
      for (const { broken } of went) {
        if (broken === undefined) continue;
        assert.fail(
          `Seed ${broken.seed} (${broken.verdict.scenes.join(", ")}): ${broken.verdict.violations.join("; ")}. To see it again: ` +
            `MILLRACE_SIMULATION_SEEDS=1 MILLRACE_SIMULATION_SEED=${broken.seed} npm test -- test/crash/simulation/simulation.test.ts`,
        );
      }
      assert.equal(total("worlds"), SEEDS);
      const missing =
        SEEDS < 100 ? [] : Object.keys(SCENES).filter((name) => !went.some(({ byScene }) => byScene[name]));
      assert.deepEqual(missing, [], "every scene was on");
    },
  );

  it("come out alike when they are simulated again", async () => {
    const store = createSimulatedStore();
    for (let seed = FIRST; seed < FIRST + 5; seed++) {
      const once = await simulate({ seed, store });
      assert.deepEqual(await simulate({ seed, store: createSimulatedStore() }), once);
    }
  });
});

interface Bug {
  /** What somebody could have got wrong. */
  readonly name: string;
  /** What is replaced in the statements, and by what. */
  readonly found: string;
  readonly planted: string;
  readonly scenes: readonly string[];
  readonly weather: Weather;
}

/** Bugs that only show while processes die, and those that only show while none does: there a restart would heal them. */
const BUGS: readonly Bug[] = [
  {
    name: "a step of an old claim is stored",
    found: "where exists (select 1 from runs where id = :run and epoch = :epoch and status = 'running')",
    planted: "where :epoch >= 0",
    scenes: ["trips", "queue"],
    weather: STORM,
  },
  {
    name: "a claim raises no epoch",
    found: "epoch = epoch + 1, worker_id = :workerId",
    planted: "worker_id = :workerId",
    scenes: ["trips"],
    weather: STORM,
  },
  {
    name: "an old claim ends a run",
    found:
      "ended_at = :now, worker_id = null, undoing = null\n  where id = :run and epoch = :epoch and status = 'running'",
    planted:
      "ended_at = :now, worker_id = null, undoing = null\n  where id = :run and :epoch >= 0 and status = 'running'",
    // Runs of one step, by processes that die all the time: one world in twenty shows it.
    scenes: ["sends"],
    weather: { ...STORM, crashes: 0.15 },
  },
  {
    name: "an old claim parks a run",
    found: "attempt = :attempt, error = :error, worker_id = null\n  where id = :run and epoch = :epoch",
    planted: "attempt = :attempt, error = :error, worker_id = null\n  where id = :run and :epoch >= 0",
    scenes: ["races", "waits"],
    weather: STORM,
  },
  {
    name: "a key starts two runs",
    found: ":now where changes() = 1",
    planted: ":now where changes() >= 0",
    scenes: ["keys"],
    weather: CALM,
  },
  {
    name: "the gate lets one more through",
    found: "where turn + taken > places",
    planted: "where turn + taken > places + 1",
    scenes: ["queue", "trips"],
    weather: CALM,
  },
  {
    name: "who runs already is not counted",
    found: "where turn + taken > places",
    planted: "where turn > places",
    scenes: ["queue", "trips"],
    weather: CALM,
  },
  {
    name: "the less urgent goes first",
    found: "order by priority desc, available_at, id limit :limit",
    planted: "order by priority, available_at, id limit :limit",
    scenes: ["queue", "trips"],
    weather: STORM,
  },
  {
    name: "what a dead process ran stays so",
    found: "lane = 'ready', crashes = crashes + 1",
    planted: "lane = null, crashes = crashes + 1",
    scenes: ["trips"],
    weather: STORM,
  },
  {
    name: "nobody is let in when a place is free",
    found: "set lane = 'ready' where id = (\n    select blocked.id",
    planted: "set lane = 'ready' where 0 and id = (\n    select blocked.id",
    scenes: ["queue"],
    weather: CALM,
  },
  {
    name: "an event wakes nobody",
    found: "where status = 'waiting' and id in (",
    planted: "where 0 and status = 'waiting' and id in (",
    scenes: ["trips"],
    weather: CALM,
  },
  {
    name: "an event that came while a run was parked is not seen",
    found: "on events.name = steps.event and events.seq > steps.cursor",
    planted: "on events.name = steps.event and events.seq < 0",
    scenes: ["races"],
    weather: CALM,
  },
  {
    name: "an event under a known id is stored again",
    found: "values (:id, :name, :match, :data, :now) on conflict (id) do nothing",
    planted: "values (:id || (select count(*) from events), :name, :match, :data, :now)",
    scenes: ["batches", "sends"],
    weather: STORM,
  },
  {
    name: "the end of a called run wakes nobody",
    found: "where status = 'waiting' and id = (select parent",
    planted: "where 0 and status = 'waiting' and id = (select parent",
    scenes: ["trips"],
    weather: CALM,
  },
  {
    name: "a sleep ends for nobody",
    found: "where lane = 'later' and available_at <= :now",
    planted: "where lane = 'later' and available_at <= :now - 1000000",
    scenes: ["queue"],
    weather: CALM,
  },
  {
    name: "a rate lets all through",
    found: "on conflict do update set next_at = max(next_at, :now) + :interval",
    planted: "on conflict do update set next_at = :now + :interval",
    scenes: ["rates"],
    weather: CALM,
  },
  {
    name: "the first event of many wins",
    found: "event = excluded.event, concurrency_key",
    planted: "concurrency_key",
    scenes: ["debounced"],
    weather: CALM,
  },
  {
    name: "a batch forgets an event",
    found: "|| ',' || :event || ']', merged = merged + 1",
    planted: "|| ']', merged = merged + 1 + length(:event) * 0",
    scenes: ["batches"],
    weather: CALM,
  },
  {
    name: "a canceled run keeps its claim",
    found: "merge_key = null, epoch = epoch + 1, worker_id = null",
    planted: "merge_key = null, worker_id = null",
    scenes: ["cancels", "queue"],
    weather: CALM,
  },
  {
    name: "what failed is not tried again",
    found: "(state in ('open', 'failed') or substr(id, 1, 1) = '#')",
    planted: "(state in ('open') or substr(id, 1, 1) = '#')",
    scenes: ["retries"],
    weather: CALM,
  },
  {
    name: "how a run will end is not written before it is undone",
    found: "update runs set undoing = :ending where id = :run",
    planted: "update runs set undoing = iif(:ending = '', :ending, null) where id = :run",
    scenes: ["moods"],
    weather: STORM,
  },
];

describe("the simulation", () => {
  for (const { name, found, planted, scenes, weather } of BUGS) {
    it(`notices when ${name}`, async (t) => {
      let isPlanted = false;
      const store = createSimulatedStore((sql) => {
        isPlanted ||= sql.includes(found);
        return sql.replace(found, planted);
      });
      for (let seed = 1; seed <= 300; seed++) {
        const { violations } = await simulate({ seed, store, weather, scenes });
        assert.ok(isPlanted, "the statement has changed: plant the bug anew");
        if (violations.length === 0) continue;
        t.diagnostic(`seed ${seed}: ${violations[0]}`);
        return;
      }
      assert.fail("it went unnoticed in 300 worlds");
    });
  }

  it("notices when what was not synced is acknowledged", async () => {
    const store = createSimulatedStore();
    const weather = { ...STORM, isDurable: true };
    const careless = { ...store, sync: () => undefined };
    for (let seed = 1; seed <= 300; seed++) {
      const { violations } = await simulate({ seed, store: careless, weather, scenes: ["keys", "maps"] });
      if (violations.some((one) => one.includes("went with the power"))) return;
    }
    assert.fail("it went unnoticed in 300 worlds");
  });
});
