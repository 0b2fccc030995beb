import { createIds } from "../../src/core/ids.ts";
import { systemClock } from "../../src/core/clock.ts";
import { systemRandom } from "../../src/core/random.ts";
import { createSharedBulkhead } from "../../src/resilience/shared/shared-bulkhead.ts";
import { createSharedRateLimiter } from "../../src/resilience/shared/shared-rate-limiter.ts";
import { openShared } from "./shared-redis.ts";

/* A process that takes what it can get of limits that it shares with others, and says each thing in a line. */

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
  const stopping = AbortSignal.timeout(700);
  say("ready");
  await Promise.all(
    Array.from({ length: 100 }, () => limiter.reserve({ requests: 1 }, { signal: stopping }).then(() => say("took"))),
  ).catch(() => undefined);
} else {
  const bulkhead = createSharedBulkhead({
    name: "m",
    state: shared.state,
    clock: systemClock,
    ids,
    parallel: 3,
    leaseMs: 600,
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
