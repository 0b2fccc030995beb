/* One side of P8 in a process of its own: does the work and says its peak, in megabytes. Arguments: the side, and the file to read. */
import { readFile } from "node:fs/promises";
import { createSeededRandom, readLines, systemClock, systemRandom } from "millrace";
import { createCache, createMemoryLevel } from "millrace/cache";

const [side = "", file = ""] = process.argv.slice(2);
const REQUESTS = 300_000;
const KEYS = 200_000;
const VALUE = "x".repeat(1_000);

/** Few keys are asked for often, most once. */
function* keys(): Iterable<string> {
  const random = createSeededRandom(8);
  for (let request = 0; request < REQUESTS; request++) yield `answer:${Math.floor(random.next() ** 2 * KEYS)}`;
}

const SIDES: Readonly<Record<string, () => Promise<number>>> = {
  async "cache, naive"() {
    const kept = new Map<string, { readonly text: string }>();
    let made = 0;
    for (const key of keys()) {
      if (kept.has(key)) continue;
      kept.set(key, { text: `${key} ${VALUE}` });
      made++;
    }
    return made;
  },
  async "cache, millrace"() {
    const cache = createCache({
      memory: createMemoryLevel({ maxBytes: 50_000_000, maxItems: 50_000 }),
      clock: systemClock,
      random: systemRandom,
    });
    let made = 0;
    for (const key of keys()) {
      await cache.getOrSet(key, async () => {
        made++;
        return { text: `${key} ${VALUE}` };
      });
    }
    await cache.close();
    return made;
  },
  async "file, naive"() {
    const lines = (await readFile(file, "utf8")).split("\n");
    return lines.filter((line) => line.includes("light.kitchen")).length;
  },
  async "file, millrace"() {
    let found = 0;
    for await (const line of readLines(file)) if (line.includes("light.kitchen")) found++;
    return found;
  },
};

const work = SIDES[side];
if (work === undefined) throw new Error(`there is no side ${side}`);
const done = await work();
console.log(JSON.stringify({ done, peakMb: (process.resourceUsage().maxRSS * 1_024) / 1e6 }));
