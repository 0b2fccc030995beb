import { after, describe } from "node:test";
import { createRateLimiter } from "../../src/resilience/rate-limiter.ts";
import { createSharedRateLimiter } from "../../src/resilience/shared/shared-rate-limiter.ts";
import { rateLimiterContract } from "./rate-limiter-contract.ts";
import { noRedis, openShared, type SharedRedis, startRedis } from "./shared-redis.ts";

describe("a rate limiter of one process", () =>
  rateLimiterContract(async (options) => ({
    limiter: createRateLimiter(options),
    // Nothing travels: what follows comes in the same turn.
    settled: () => new Promise((resolve) => setImmediate(resolve)),
  })));

describe("a rate limiter that processes share through Redis", { skip: noRedis ?? false }, () => {
  const opened: SharedRedis[] = [];
  let names = 0;
  const server = noRedis === undefined ? startRedis() : undefined;
  after(async () => {
    for (const shared of opened) await shared.close();
    await (await server)?.close();
  });
  rateLimiterContract(async (options) => {
    if (server === undefined) throw new Error("there is no server");
    const shared = await openShared(await server, { prefix: `limits ${++names}:` });
    opened.push(shared);
    const { clock } = options;
    const limiter = createSharedRateLimiter({
      ...options,
      name: "m",
      state: shared.state,
      now: () => clock.monotonic(),
    });
    return { limiter, settled: shared.settled };
  });
});
