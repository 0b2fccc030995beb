import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { simulate, type World } from "./simulation.ts";

/** How many worlds of each kind; 10,000 of both take some four hours on a busy core. */
const SEEDS = Number(process.env["MILLRACE_CHAOS_SEEDS"] ?? 3);
const FIRST = Number(process.env["MILLRACE_CHAOS_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const STORM = 0.04;

async function all(kind: Omit<World, "seed">): Promise<{ readonly lives: number; readonly refused: number }> {
  const sum = { lives: 0, refused: 0 };
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const { violations, lives, refused } = await simulate({ ...kind, seed });
    assert.deepEqual(violations, [], `seed ${seed}`);
    sum.lives += lives;
    sum.refused += refused;
  }
  return sum;
}

describe(`${SEEDS} simulated worlds from seed ${FIRST} on`, () => {
  it("leave every run whole, though processes die at any moment, zombies write, and power fails", async (t) => {
    const { lives, refused } = await all({ crashes: STORM });
    t.diagnostic(`${lives} lives, ${refused} refused writes`);
  });

  it("end in time when nobody dies: no wake-up is lost, and no place is forgotten", async () => {
    await all({ crashes: 0 });
  });
});

/** Bugs that somebody could make: what is replaced in the statements, and the weather in which it must be noticed. */
const BUGS: readonly (readonly [name: string, found: string, planted: string, crashes: number])[] = [
  [
    "a step of an old claim is stored",
    "where exists (select 1 from runs where id = :run and epoch = :epoch and status = 'running')",
    "where :epoch >= 0",
    STORM,
  ],
  ["a claim raises no epoch", "epoch = epoch + 1, worker_id = :workerId", "worker_id = :workerId", STORM],
  ["the gate lets one more through", "where turn + taken > places", "where turn + taken > places + 1", 0],
  ["who runs already is not counted", "where turn + taken > places", "where turn > places", 0],
  [
    "what a dead process ran stays so",
    "lane = 'ready', crashes = crashes + 1",
    "lane = null, crashes = crashes + 1",
    STORM,
  ],
  [
    "nobody is let in when a place is free",
    "set lane = 'ready' where id = (\n    select blocked.id",
    "set lane = 'ready' where 0 and id = (\n    select blocked.id",
    0,
  ],
  ["an event wakes nobody", "where status = 'waiting' and id in (", "where 0 and status = 'waiting' and id in (", 0],
  [
    "the end of a called run wakes nobody",
    "where status = 'waiting' and id = (select parent",
    "where 0 and status = 'waiting' and id = (select parent",
    0,
  ],
  [
    "a sleep ends for nobody",
    "where lane = 'later' and available_at <= :now",
    "where lane = 'later' and available_at <= :now - 1000000",
    0,
  ],
];

describe("the simulation", () => {
  for (const [name, found, planted, crashes] of BUGS) {
    it(`notices when ${name}`, async () => {
      let isPlanted = false;
      const mutate = (sql: string): string => {
        isPlanted ||= sql.includes(found);
        return sql.replace(found, planted);
      };
      for (let seed = 1; seed <= 20; seed++) {
        const { violations } = await simulate({ seed, crashes, mutate });
        assert.ok(isPlanted, "the statement has changed: plant the bug anew");
        if (violations.length > 0) return;
      }
      assert.fail("it went unnoticed in 20 worlds");
    });
  }
});
