import { createIds } from "../../core/ids.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import { systemRandom } from "../../core/random.ts";
import { after, describe, it } from "node:test";
import { runJournalContract } from "../level-contract/journal.ts";
import { runLeaseContract } from "../level-contract/leases.ts";
import { runLevelContract } from "../level-contract/level.ts";
import { connectRedis } from "./connect.ts";
import { openRedisBackend } from "./open.ts";
import { missingRedis, startTestRedis, type TestRedis } from "./test-redis.ts";

const PATH = process.env["MILLRACE_REDIS_SERVER"] ?? "/usr/bin/redis-server";
const reason = missingRedis(PATH, process.env["CI"] === "true");

let server: Promise<TestRedis> | undefined;
after(async () => (await server)?.close());
let places = 0;

async function openIn(prefix: string, clock: Clock) {
  const { url } = await (server ??= startTestRedis(PATH));
  const connections = await connectRedis(url);
  const ids = createIds({ clock: systemClock, random: systemRandom });
  const backend = await openRedisBackend({ ...connections, clock, ids, prefix });
  return {
    ...backend,
    async close() {
      await backend.close();
      connections.close();
    },
  };
}
const newPrefix = (): string => `[test]*${++places}:`;

if (reason !== undefined) {
  describe("redis", () => it("is judged by the suites of the cache", { skip: reason }, () => undefined));
} else {
  runLevelContract("redis", async ({ clock }) => {
    const backend = await openIn(newPrefix(), clock);
    if (backend.level === undefined) throw new Error("the backend has no level");
    return { level: backend.level, close: () => backend.close() };
  });

  runJournalContract("redis", async () => {
    const prefix = newPrefix();
    const first = await openIn(prefix, systemClock);
    const opened = [first];
    return {
      journal: first.journal,
      async another() {
        const backend = await openIn(prefix, systemClock);
        opened.push(backend);
        return backend.journal;
      },
      async close() {
        for (const backend of opened) await backend.close();
      },
    };
  });

  runLeaseContract("redis", async () => {
    const prefix = newPrefix();
    const [mine, theirs] = [await openIn(prefix, systemClock), await openIn(prefix, systemClock)];
    return {
      mine: mine.leases,
      theirs: theirs.leases,
      // Redis has its own clock: here alone time goes by for real, a quarter of a second.
      pass: (ms) => systemClock.sleep(ms),
      async close() {
        await mine.close();
        await theirs.close();
      },
    };
  });
}
