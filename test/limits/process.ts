import { once } from "node:events";
import { createIds } from "../../src/core/ids.ts";
import { systemClock } from "../../src/core/clock.ts";
import { systemRandom } from "../../src/core/random.ts";
import { createSharedBulkhead } from "../../src/resilience/shared/shared-bulkhead.ts";
import { createSharedRateLimiter } from "../../src/resilience/shared/shared-rate-limiter.ts";
import { openShared } from "./shared-redis.ts";

/* A process that takes what it can get of limits that it shares with others, after a line that says when, and says each thing in a line. */

const [url = "", what = "rate"] = process.argv.slice(2);
const shared = await openShared({ url }, { prefix: "two:" });
const ids = createIds({ clock: systemClock, random: systemRandom });
const say = (line: string): void => void process.stdout.write(`${line}\n`);

if (what === "rate") {
  const limiter = createSharedRateLimiter({
    name: "m",
    state: shared.state,
    clock: systemClock,
    // Nothing comes in while it lasts.
    axes: { requests: { limit: 20, perMs: 86_400_000 } },
  });
  say("ready");
  await once(process.stdin, "data");
  let taken = 0;
  const stopping = new AbortController();
  const all = Array.from({ length: 100 }, async () => {
    await limiter.reserve({ requests: 1 }, { signal: stopping.signal });
    taken += 1;
    say("took");
  });
  // Until a draw that the server has answered gave nothing.
  for (let before = -1; taken > before;) {
    before = taken;
    await shared.settled();
  }
  stopping.abort();
  await Promise.allSettled(all);
} else {
  const bulkhead = createSharedBulkhead({
    name: "m",
    state: shared.state,
    clock: systemClock,
    ids,
    parallel: 3,
    leaseMs: 3_000,
  });
  say("ready");
  await Promise.all(
    Array.from({ length: 4 }, (_, index) =>
      bulkhead.run(async () => {
        say(`begins ${index}`);
        await systemClock.sleep(what === "hold" ? 60_000 : 60);
        say(`ends ${index}`);
      }),
    ),
  );
}
say("done");
await shared.close();
process.stdin.destroy();
