import { createCache, createMemoryLevel, openSqliteBackend } from "millrace/cache";
import { createIds, systemClock, systemRandom } from "millrace";
import { openSqliteStore } from "millrace/sqlite";

/** One process among several on one database: does what its messages say, and answers each. */
const directory = process.argv[2] ?? "";
const clock = systemClock;
const random = systemRandom;
const store = await openSqliteStore({ directory, clock });
const backend = await openSqliteBackend({ db: store.db, clock, ids: createIds({ clock, random }) });
const cache = createCache({ memory: createMemoryLevel(), backend, clock, random });
let runs = 0;

export interface Command {
  readonly id: number;
  readonly kind: "ask" | "evict" | "runs" | "close";
  readonly key: string;
  readonly value: string;
  readonly isStrict: boolean;
  readonly factoryMs: number;
}

async function answer({ kind, key, value, isStrict, factoryMs }: Command): Promise<unknown> {
  switch (kind) {
    case "ask": {
      const make = async (): Promise<string> => {
        runs++;
        process.send?.({ id: 0, result: "factory" });
        await clock.sleep(factoryMs);
        return value;
      };
      return await cache.getOrSet(key, make, { flight: "shared", ttl: "1h", isStrict });
    }
    case "evict":
      return await cache.evict({ kind: "key", key });
    case "runs":
      return runs;
    case "close":
      await cache.close();
      return await store.close();
  }
}

async function reply(command: Command): Promise<void> {
  process.send?.({ id: command.id, result: await answer(command) });
  if (command.kind === "close") process.disconnect();
}

process.on("message", (command: Command) => {
  void reply(command);
});
process.send?.({ id: 0, result: "ready" });
