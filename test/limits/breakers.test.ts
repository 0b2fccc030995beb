import { after, describe } from "node:test";
import { createBreaker } from "../../src/resilience/breaker.ts";
import { createSharedBreakers } from "../../src/resilience/shared/shared-breakers.ts";
import { breakerContract } from "./breaker-contract.ts";
import { noRedis, openShared, type SharedRedis, startRedis } from "./shared-redis.ts";

describe("a breaker of one process", () =>
  breakerContract(async (options) => {
    const breaker = createBreaker(options());
    return { here: breaker, there: breaker, settled: () => Promise.resolve() };
  }));

describe("a breaker that processes share through Redis", { skip: noRedis ?? false }, () => {
  const opened: Pick<SharedRedis, "close">[] = [];
  let names = 0;
  const server = noRedis === undefined ? startRedis() : undefined;
  after(async () => {
    for (const shared of opened.toReversed()) await shared.close();
    await (await server)?.close();
  });
  breakerContract(async (options) => {
    if (server === undefined) throw new Error("there is no server");
    const place = { prefix: `breakers ${++names}:` };
    const url = await server;
    async function side() {
      const shared = await openShared(url, place);
      opened.push(shared);
      const { clock, ...rest } = options();
      const breaker = createBreaker({ clock, ...rest });
      // Exchanged when the contract says so: each exchange then carries all that happened before.
      const breakers = createSharedBreakers({ state: shared.state, clock, everyMs: 1_000_000_000 });
      breakers.join("m", breaker);
      opened.push(breakers);
      return { breaker, breakers };
    }
    const [here, there] = [await side(), await side()];
    return {
      here: here.breaker,
      there: there.breaker,
      async settled() {
        for (const { breakers } of [here, there, here]) await breakers.exchange();
      },
    };
  });
});
