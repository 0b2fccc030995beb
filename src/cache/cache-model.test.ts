import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setImmediate as turnEnd } from "node:timers/promises";
import fc from "fast-check";
import { createIds } from "../core/ids.ts";
import { createManualClock } from "../core/manual-clock.ts";
import { createSeededRandom } from "../core/random.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import { CacheModel, type ModelPolicy, type Value } from "./cache-contract/model.ts";
import type { Level, Scope } from "./contract.ts";
import { createCache, type OpenCache } from "./create-cache.ts";
import { openFilesLevel } from "./files/level.ts";
import { createMemoryLevel } from "./memory/memory-level.ts";
import { openSqliteBackend } from "./sqlite/open.ts";

const KEYS = ["a:1", "a:1", "a:2:3", "b:1"] as const;
const key = fc.constantFrom(...KEYS);
const outcome = fc.constantFrom(
  "value" as const,
  "value" as const,
  "large" as const,
  "fails" as const,
  "none" as const,
);
const scope = fc.record({ by: fc.constantFrom("key", "tag", "pattern", "root"), key });

/** What may happen to a cache. A slow factory ends by a later `finish`, so that everything else may come between. */
const operation = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("ask" as const), key, outcome, isSlow: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("get" as const), key }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("peek" as const), key }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("set" as const), key, isLarge: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("expire" as const), scope }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("evict" as const), scope }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("finish" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("leave" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("jump" as const), ms: fc.integer({ min: -40_000, max: 60_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("link" as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("clear" as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("flush" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const) }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never;

const ms = fc.constantFrom(0, 1_000, 30_000, 100_000);
const policy: fc.Arbitrary<ModelPolicy> = fc.record({
  ttl: fc.constantFrom(1_000, 30_001, 100_000),
  staleWhileRevalidate: ms,
  staleIfError: ms,
  negativeTtl: ms,
});

interface Setting {
  readonly name: string;
  readonly levels: readonly ("sqlite" | "files")[];
  readonly runs: number;
}
const SETTINGS: readonly Setting[] = [
  { name: "memory", levels: [], runs: 100 },
  { name: "memory and SQLite", levels: ["sqlite"], runs: 30 },
  { name: "memory and files", levels: ["files"], runs: 30 },
  { name: "memory, SQLite and files", levels: ["sqlite", "files"], runs: 30 },
];

for (const { name, levels, runs } of SETTINGS) {
  describe(`a cache with ${name} under random operations`, () => {
    it("agrees with a simple model of what may be served", async () => {
      const directory = await mkdtemp(join(tmpdir(), "millrace-cache-model-"));
      const clock = createManualClock(1_700_000_000_000);
      const store = levels.includes("sqlite") ? await openSqliteStore({ directory, clock }) : undefined;
      after(async () => {
        await store?.close();
        await rm(directory, { recursive: true, force: true });
      });
      let turn = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(operation, { maxLength: 60, size: "max" }),
          policy,
          fc.constantFrom(0, 250, 29_999),
          async (operations, kept, lagMs) => {
            const run = `r${turn++}`;
            const random = createSeededRandom(1);
            const model = new CacheModel({
              clock,
              policy: kept,
              prefix: run,
              remembersInvalidations: store !== undefined,
            });
            const driver = new Driver(model, async () => {
              let isDead = false;
              const underWay = new Set<Promise<unknown>>();
              const dying = async <T>(work: () => Promise<T>): Promise<T> => {
                if (isDead) throw new Error("the process is gone");
                const working = work();
                underWay.add(working);
                return await working.finally(() => underWay.delete(working));
              };
              const cache = createCache({
                // So few that memory must give up and ask below.
                memory: createMemoryLevel({ maxItems: levels.length === 0 ? 100 : 3 }),
                ...(store === undefined
                  ? {}
                  : {
                      backend: await openSqliteBackend({
                        db: {
                          ...store.db,
                          write: (statements) => dying(() => store.db.write(statements)),
                          migrate: (params) => store.db.migrate(params),
                        },
                        clock,
                        ids: createIds({ clock, random }),
                      }),
                    }),
                ...(levels.includes("files")
                  ? {
                      files: mortal(
                        await openFilesLevel({ directory, clock, minBytes: store === undefined ? 0 : 300 }),
                        dying,
                      ),
                    }
                  : {}),
                // A recent look at the clock may be old: nobody may be served an entry past its end for that.
                clock: { ...clock, recent: () => clock.now() - lagMs },
                random,
              });
              // A dead process writes nothing any more: what is under way here ends before the next one begins.
              const kill = async (): Promise<void> => {
                isDead = true;
                await Promise.allSettled(underWay);
              };
              return { cache, kill };
            });
            await driver.run(operations);
          },
        ),
        { numRuns: runs },
      );
    });
  });
}

function mortal(level: Level, dying: <T>(work: () => Promise<T>) => Promise<T>): Level {
  return {
    ...level,
    set: (entries) => dying(() => level.set(entries)),
    delete: (keys) => dying(() => level.delete(keys)),
    deleteMatching: (pattern, upTo) => dying(() => level.deleteMatching(pattern, upTo)),
    deleteTagged: (tag, upTo) => dying(() => level.deleteTagged(tag, upTo)),
    clear: () => dying(() => level.clear()),
  };
}

interface Opened {
  readonly cache: OpenCache;
  readonly kill: () => Promise<void>;
}

/** Does the operations to a cache and tells the model what was asked, what was made and what came back. */
class Driver {
  readonly #model: CacheModel;
  readonly #open: () => Promise<Opened>;
  readonly #opened: Opened[] = [];
  readonly #gates: (() => void)[] = [];
  readonly #leaving: AbortController[] = [];
  readonly #pending = new Set<Promise<void>>();
  #failure: unknown;

  constructor(model: CacheModel, open: () => Promise<Opened>) {
    this.#model = model;
    this.#open = open;
  }

  get #now(): OpenCache {
    const last = this.#opened.at(-1);
    assert.ok(last);
    return last.cache;
  }

  async run(operations: readonly Operation[]): Promise<void> {
    this.#opened.push(await this.#open());
    for (const each of operations) {
      await this.#do(each);
      await this.#settle();
      if (this.#failure !== undefined) break;
    }
    while (this.#pending.size > 0) {
      this.#gates.splice(0).forEach((open) => open());
      await this.#settle();
    }
    for (const { cache } of this.#opened) await cache.close();
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  async #settle(): Promise<void> {
    for (let round = 0; round < 3; round++) await turnEnd();
  }

  async #do(each: Operation): Promise<void> {
    const model = this.#model;
    switch (each.kind) {
      case "ask":
        this.#track(this.#ask(each));
        return;
      case "get": {
        const asked = model.ask(each.key);
        model.checkGet(asked, await this.#now.get<Value>(asked.key, model.options(each.key)));
        return;
      }
      case "peek": {
        const asked = model.ask(each.key);
        model.checkPeek(asked, this.#now.peek<Value>(asked.key));
        return;
      }
      case "set": {
        const value = model.set(each.key, each.isLarge);
        await this.#now.set(model.name(each.key), value, model.options(each.key));
        const got = await this.#now.get<Value>(model.name(each.key));
        assert.equal(got?.value.id, value.id, "what was just set is there");
        return;
      }
      case "expire":
      case "evict": {
        const scope = this.#scopeOf(each.scope);
        model.invalidate(each.kind, each.scope);
        await this.#now[each.kind](scope);
        return;
      }
      case "link":
        model.link(each.key);
        await this.#now.link(model.tag(each.key), [model.root]);
        return;
      case "clear":
        model.clear();
        await this.#now.clear();
        return;
      case "flush":
        await this.#now.flush();
        model.flush();
        return;
      case "finish":
        this.#gates.shift()?.();
        return;
      case "leave":
        this.#leaving.shift()?.abort(new Error("left"));
        return;
      case "jump":
        model.jump(each.ms);
        return;
      case "crash":
        await this.#opened.at(-1)?.kill();
        model.crash();
        // No process begins in the millisecond in which another one did, and positions begin by the clock.
        model.jump(1);
        this.#gates.splice(0).forEach((open) => open());
        this.#opened.push(await this.#open());
    }
  }

  async #ask(each: Extract<Operation, { kind: "ask" }>): Promise<void> {
    const model = this.#model;
    const asked = model.ask(each.key);
    const leaving = new AbortController();
    if (each.isSlow) this.#leaving.push(leaving);
    const options = { ...model.options(each.key), signal: leaving.signal };
    const factory = async ({ signal }: { readonly signal: AbortSignal }): Promise<Value> => {
      const made = model.begin(asked, each.outcome, signal);
      if (each.isSlow) await new Promise<void>((resolve) => this.#gates.push(resolve));
      return model.end(made);
    };
    try {
      model.checkFetch(asked, await this.#now.fetch(asked.key, factory, options));
    } catch (error) {
      if (leaving.signal.aborted && error === leaving.signal.reason) return;
      model.checkError(asked, error);
    }
  }

  #track(work: Promise<void>): void {
    const tracked: Promise<void> = work
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
  }

  #scopeOf({ by, key }: { readonly by: string; readonly key: string }): Scope {
    const model = this.#model;
    if (by === "key") return { kind: "key", key: model.name(key) };
    if (by === "tag") return { kind: "tag", tag: model.tag(key) };
    if (by === "root") return { kind: "tag", tag: model.root };
    return { kind: "pattern", pattern: `${model.name(key.slice(0, 1))}:**` };
  }
}
