/* One side of P8 in a process of its own: does the work and says its peak, in megabytes. Arguments: the side, and the file to read. */
import { readFile } from "node:fs/promises";
import { createSeededRandom, readLines, systemClock, systemRandom } from "millrace";
import { createCache, createMemoryLevel } from "millrace/cache";

const [side = "", file = ""] = process.argv.slice(2);
const REQUESTS = 600_000;
const KEYS = 600_000;

/** A text of its own, as an answer that came over the network is. */
function valueOf(key: string): { readonly text: string } {
  return { text: Buffer.alloc(1_000, `${key} `).toString("latin1") };
}

/** Few keys are asked for often, most once; the event loop turns between them as between requests. */
async function* keys(): AsyncIterable<string> {
  const random = createSeededRandom(8);
  for (let request = 0; request < REQUESTS; request++) {
    if (request % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    yield `answer:${Math.floor(random.next() ** 2 * KEYS)}`;
  }
}

const SIDES: Readonly<Record<string, () => Promise<number>>> = {
  async "cache, naive"() {
    const kept = new Map<string, { readonly text: string }>();
    let made = 0;
    for await (const key of keys()) {
      if (kept.has(key)) continue;
      kept.set(key, valueOf(key));
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
    for await (const key of keys()) {
      await cache.getOrSet(key, async () => {
        made++;
        return valueOf(key);
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
