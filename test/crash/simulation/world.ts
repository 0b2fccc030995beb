import type { Clock } from "../../../src/core/clock.ts";
import { isErrorCode, MillraceError } from "../../../src/core/errors.ts";
import { createEvents } from "../../../src/core/events.ts";
import { createIds } from "../../../src/core/ids.ts";
import type { Log } from "../../../src/core/log.ts";
import { createSeededRandom, type Random } from "../../../src/core/random.ts";
import { createEngine } from "../../../src/runs/create-engine.ts";
import type { Engine } from "../../../src/runs/engine.ts";
import type { Database, RunStore } from "../../../src/store/store.ts";
import { createLoop, type Loop } from "./loop.ts";
import type { Cast, Order } from "./scene.ts";
import { LIMITS, SCENES } from "./scenes.ts";
import type { SimulatedStore } from "./store.ts";
import { createWitness, type Life, type Witness } from "./witness.ts";

/* A world in one thread: real engines on the real statements, a clock that moves when nothing else does, and everything that is left to
   chance drawn from one seed. Processes die at any call of the store, before or after what they asked was done; some go on as zombies that
   do not know; some are closed and started again; the disk fills up, the clock is set, and now and then power fails. */

export interface Weather {
  /** How likely each call of the store is to be the last one of its process. 0: nobody dies, and then nothing may be late either. */
  readonly crashes: number;
  readonly isDurable: boolean;
  readonly hasJumps: boolean;
  readonly hasFullDisk: boolean;
  /** How likely a call of the store is to fail though nobody dies: before it is done, or after, as when a connection is lost in the commit. */
  readonly faults: number;
}

export interface World {
  readonly seed: number;
  readonly store: SimulatedStore;
  /** Default: drawn from the seed; a third is calm. */
  readonly weather?: Weather;
  /** Names of scenes. Default: two or three that the seed draws. */
  readonly scenes?: readonly string[];
}

export interface Verdict {
  /** What went wrong, in words; empty when all is well. */
  readonly violations: readonly string[];
  readonly scenes: readonly string[];
  readonly weather: Weather;
  readonly lives: number;
  readonly refused: number;
  /** Calls of the store. */
  readonly calls: number;
  /** Made of every call and its time: the same seed gives the same. */
  readonly trace: number;
}

/** Three seconds before noon, so that a clock strikes. */
const START = Date.UTC(2026, 5, 1, 11, 59, 57);
/** Virtual time that a calm world may take, in milliseconds, beside what somebody set the clock back. */
const CALM_MS = 60_000;
const LIFE_MS = 240_000;
/** After so many it dies less often, so that every world comes to its end. */
const MANY_LIVES = 8;
const MOST_LIVES = 60;
/** How long a dead process that does not know it goes on, in milliseconds. */
const ZOMBIE_MS = 3_000;
/** What it still writes. */
const ZOMBIE_CALLS = new Set(["put", "park", "finish", "undo"]);
const JUMPS = [-8_000, -500, 700, 5_000, 3_600_000];

export const CALM: Weather = { crashes: 0, isDurable: false, hasJumps: false, hasFullDisk: false, faults: 0 };
export const STORM: Weather = { crashes: 0.06, isDurable: false, hasJumps: true, hasFullDisk: true, faults: 0 };

export async function simulate({ seed, store, weather: given, scenes: wanted }: World): Promise<Verdict> {
  store.empty();
  const random = createSeededRandom(seed);
  const weather = given ?? drawWeather(random);
  const names = wanted ?? drawScenes(random);
  const scenes = names.map((name) => {
    const scene = SCENES[name];
    if (scene === undefined) throw new Error(`There is no scene ${name}.`);
    return scene;
  });
  const automations = [...new Set(scenes.flatMap((scene) => scene.automations))];
  const casts: Cast[] = scenes.map(({ cast }) => cast(random));
  const health = { isWell: false };
  const loop = createLoop({ startAt: START, random, delays: weather.crashes === 0 ? 0 : 0.02 });
  const witness = createWitness({ store, limits: LIMITS });
  const ids = createIds({ clock: loop.clock, random });
  let pending = casts.flatMap(({ orders }) => orders);
  const tally = { calls: 0, trace: seed };
  const lived: Life[] = [];
  let wentBack = 0;
  let wasSet = false;
  let wasFull = false;
  let lostPower = false;
  const end = { isWhole: false };

  function start(life: Life, chance: number): Engine {
    return createEngine({
      store: {
        runs: mortal({ store, life, witness, random, loop, weather, chance, tally }),
        db: NO_TABLES,
        own: () => Promise.resolve(true),
        hasOutsideChanges: () => false,
      },
      automations,
      services: ({ id }) => ({
        begin: (step: string) => witness.begin(life, id, step),
        luck: () => random.next(),
        health,
      }),
      clock: mortalClock(loop.clock, life),
      random,
      ids,
      events: createEvents((error) => witness.violations.push(`a listener failed: ${String(error)}`)),
      log: SILENT,
      timezone: "UTC",
      slots: 3,
    });
  }

  /** Somebody outside, who asks until it is acknowledged. */
  async function obey(order: Order, engine: Engine, clock: Clock): Promise<void> {
    await clock.sleep(order.afterMs);
    for (;;) {
      try {
        await order.act(engine, health);
        pending = pending.filter((one) => one !== order);
        return;
      } catch (error) {
        if (isErrorCode(error, "CALL_ABORTED")) return;
        if (!(error instanceof MillraceError && error.isRetryable)) {
          witness.violations.push(`it was refused: ${String(error)}`);
          return;
        }
        await clock.sleep(300);
      }
    }
  }

  while (!end.isWhole && witness.violations.length === 0 && lived.length < MOST_LIVES) {
    const life: Life = { isDead: false, isZombie: random.next() < 0.5, died: Promise.withResolvers() };
    lived.push(life);
    const engine = start(life, lived.length > MANY_LIVES ? weather.crashes / 10 : weather.crashes);
    const clock = mortalClock(loop.clock, life);
    const closesAfterMs = random.next() < 0.3 ? random.next() * 4_000 : Infinity;
    let seenCalls = -1;
    const isOver = (): boolean => {
      if (life.isDead || witness.violations.length > 0) return true;
      if (pending.length > 0 || seenCalls === tally.calls) return false;
      seenCalls = tally.calls;
      end.isWhole = store.all(UNFINISHED)[0]?.["n"] === 0;
      return end.isWhole;
    };
    // A start that fails, as on a full disk, is a process that ends.
    engine.start().catch(() => void (life.isDead = true));
    for (const order of pending) void obey(order, engine, clock);
    if (weather.hasJumps && random.next() < 0.5) {
      const jump = JUMPS[Math.floor(random.next() * JUMPS.length)] ?? 0;
      loop.clock.after(random.next() * 3_000, () => {
        wasSet = true;
        wentBack += Math.max(0, -jump);
        loop.jump(jump);
      });
    }
    if (weather.hasFullDisk && random.next() < 0.3) {
      loop.clock.after(random.next() * 2_000, () => {
        wasFull = true;
        store.isFull = true;
      });
      loop.clock.after(3_000 + random.next() * 2_000, () => void (store.isFull = false));
    }
    let how = await loop.run(isOver, Math.min(closesAfterMs, lifeMs()));
    if (how === "late" && closesAfterMs < Infinity) how = await closeAndWait(engine, life);
    if (how === "late")
      witness.violations.push(weather.crashes === 0 ? "nothing goes on any more" : "a life lasts for ever");
    if (how === "stuck") witness.violations.push("nothing would ever happen again");
    if (end.isWhole) break;
    life.isDead = true;
    life.died.resolve();
    store.isFull = false;
    if (weather.crashes > 0 && random.next() < 0.3 && store.lose(random.next()) > 0) {
      // No process outlives it.
      for (const one of lived) one.isZombie = false;
      witness.forget(weather.isDurable);
      lostPower = true;
      // What was acknowledged may be gone: somebody outside asks for all of it again.
      if (!weather.isDurable) pending = casts.flatMap(({ orders }) => orders);
    }
  }

  function lifeMs(): number {
    return (weather.crashes === 0 && weather.faults === 0 && !weather.hasFullDisk ? CALM_MS : LIFE_MS) + wentBack;
  }

  async function closeAndWait(engine: Engine, life: Life): Promise<"over" | "late" | "stuck"> {
    let isClosed = false;
    void engine.close().then(
      () => (isClosed = true),
      () => (isClosed = true),
    );
    return loop.run(() => isClosed || life.isDead, LIFE_MS);
  }

  if (!end.isWhole && witness.violations.length === 0) witness.violations.push("the runs did not end");
  const { violations } = witness;
  if (violations.length === 0) {
    for (const { judge } of casts)
      violations.push(
        ...judge({
          store,
          plannedAt: (name) => witness.plannedAt(name),
          wentBack: wentBack > 0,
          wasSet,
          wasFull,
          lostPower,
        }),
      );
    if (store.all("select 1 from pragma_foreign_key_check").length > 0)
      violations.push("a row points to one that is gone");
  }
  return { violations, scenes: names, weather, lives: lived.length, refused: witness.refused, ...tally };
}

const UNFINISHED = "select count(*) as n from runs where ended_at is null";

function drawWeather(random: Random): Weather {
  const faults = random.next() < 0.25 ? 0.03 : 0;
  if (random.next() < 1 / 3)
    return { ...CALM, hasJumps: random.next() < 0.3, hasFullDisk: random.next() < 0.2, faults };
  return {
    crashes: 0.01 + random.next() * 0.05,
    isDurable: random.next() < 0.5,
    hasJumps: random.next() < 0.3,
    hasFullDisk: random.next() < 0.3,
    faults,
  };
}

function drawScenes(random: Random): readonly string[] {
  const left = Object.keys(SCENES);
  return Array.from({ length: 2 }, () => left.splice(Math.floor(random.next() * left.length), 1)[0] ?? "");
}

/** A dead process waits for nothing any more; a zombie does for a while. */
function mortalClock(clock: Clock, life: Life): Clock {
  let diedAt = Infinity;
  void life.died.promise.then(() => (diedAt = clock.monotonic()));
  const isGone = (): boolean => clock.monotonic() >= diedAt + (life.isZombie ? ZOMBIE_MS : 0);
  return {
    ...clock,
    sleep: (ms, signal) => {
      if (isGone()) return new Promise(() => undefined);
      return clock.sleep(ms, signal).then(() => (isGone() ? new Promise<void>(() => undefined) : undefined));
    },
    after: (ms, listener) =>
      isGone() ? { cancel: () => undefined } : clock.after(ms, () => (isGone() ? undefined : listener())),
  };
}

interface MortalParams {
  readonly store: SimulatedStore;
  readonly life: Life;
  readonly witness: Witness;
  readonly random: Random;
  readonly loop: Loop;
  readonly weather: Weather;
  readonly chance: number;
  readonly tally: { calls: number; trace: number };
}

/**
 * The store, until the process that uses it dies. Each call stands in line twice: to be done, and to be answered. A zombie was only paused: it
 * goes on with what it was about to do once somebody else is at work.
 */
function mortal({ store, life, witness, random, loop, weather, chance, tally }: MortalParams): RunStore {
  const faults = weather.faults;

  /** Dies here with some chance. False: nobody is left who goes on. */
  async function survives(name: string): Promise<boolean> {
    if (life.isDead || random.next() >= chance / 2) return true;
    life.isDead = true;
    life.died.resolve();
    if (!ZOMBIE_CALLS.has(name)) return false;
    // Until some time has passed, or until others have had some turns.
    if (random.next() < 0.3) await loop.clock.sleep(random.next() * 400);
    for (let turns = Math.floor(random.next() * 60); turns > 0; turns--) await loop.turn();
    return life.isZombie;
  }

  const names = Object.keys(store.runs) as (keyof RunStore)[];
  const calls = names.map((name) => {
    return [
      name,
      async (params: unknown) => {
        await loop.turn();
        if (life.isDead && !(life.isZombie && ZOMBIE_CALLS.has(name))) return never();
        if (!(await survives(name))) return never();
        if (faults > 0 && random.next() < faults) throw lost();
        tally.calls += 1;
        tally.trace = (Math.imul(tally.trace ^ name.length, 16_777_619) + loop.clock.now()) >>> 0;
        // Here processes die far more often than in life.
        const asked = name === "recover" ? { ...(params as object), crashLimit: 1_000 } : params;
        const call = Reflect.get(store.runs, name) as (params: unknown) => Promise<unknown>;
        const result = await call.call(store.runs, asked);
        witness.note(name, params, result);
        if (random.next() < 0.2) store.sync();
        await loop.turn();
        if (life.isDead && !life.isZombie) return never();
        if (!(await survives(name))) return never();
        if (weather.isDurable) store.sync();
        // What a claim has given away would be taken up once its lease is over; here there are none.
        if (faults > 0 && name !== "claim" && random.next() < faults) throw lost();
        witness.acknowledge(name, params, result);
        return result;
      },
    ] as const;
  });
  return Object.fromEntries(calls) as unknown as RunStore;
}

function lost(): MillraceError {
  return new MillraceError("STORE_FAILED", "The connection was lost.", { isRetryable: true });
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

const SILENT: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => SILENT };

function quiet(): void {
  // Nobody reads it.
}

/** No automation here has tables that the engine asks for. */
const NO_TABLES = new Proxy({} as Database, {
  get: (_target, name) =>
    name === "version" ? () => 0 : () => Promise.reject(new Error(`there is no ${String(name)} here`)),
});
