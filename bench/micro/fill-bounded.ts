/* Fills a cache to five times its bound with values of 10 bytes to 1 MB and prints how resident memory and heap grew by it, as JSON. Arguments: the side, the kind of
   values, the bound in bytes. Run with --expose-gc. */
import { createSeededRandom, systemClock } from "millrace";
import { createCache, createMemoryLevel, sizeOf } from "millrace/cache";
import { importPeer } from "../harness/peers.ts";

interface Bounded {
  set(key: string, value: unknown): unknown;
}

interface LruCachePackage {
  readonly LRUCache: new (options: {
    readonly maxSize: number;
    readonly sizeCalculation: (value: unknown) => number;
  }) => Bounded;
}

const [side = "", kind = "", bound = "0"] = process.argv.slice(2);
const maxBytes = Number(bound);
const random = createSeededRandom(7);
/** From 10 bytes to 1 MB, as many of each magnitude by bytes. */
const MAGNITUDES = 1e5;
const SMALLEST = 10;
const COPIES_TO_BYTES = 3_000;
const TIMES = 5;

const MAKERS: Readonly<Record<string, (bytes: number, index: number) => unknown>> = {
  records: (bytes, index) =>
    Array.from({ length: Math.ceil(bytes / 150) }, (_, row) => ({
      id: `device-${index}-${row}`,
      value: row / 7,
      isOn: row % 2 === 0,
      at: row,
    })),
  bytes: (bytes) => new Uint8Array(bytes).fill(1),
};

async function open(): Promise<Bounded> {
  if (side === "lru-cache") {
    const { LRUCache } = await importPeer<LruCachePackage>("lru-cache");
    return new LRUCache({ maxSize: maxBytes, sizeCalculation: (value) => Math.max(1, sizeOf(value)) });
  }
  const memory = createMemoryLevel({ maxBytes, maxItems: 1_000_000 });
  const cache = createCache({ memory, clock: systemClock, random });
  return { set: (key, value) => cache.set(key, value, { ttl: "1h" }) };
}

async function turnEnd(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

async function collected(): Promise<number> {
  for (let turn = 0; turn < 4; turn++) {
    await turnEnd();
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const make = MAKERS[kind];
if (make === undefined) throw new Error(`there are no values of kind ${kind}`);
const kept = await open();
const heapBefore = await collected();
const rssBefore = process.memoryUsage.rss();
let peak = rssBefore;
for (let index = 0, written = 0; written < maxBytes * TIMES; index++) {
  const bytes = Math.floor(SMALLEST * MAGNITUDES ** random.next());
  for (let copies = Math.max(1, Math.floor(COPIES_TO_BYTES / bytes)); copies > 0; copies--) {
    await kept.set(`${kind}:${index}:${copies}`, make(bytes, index));
    written += bytes;
  }
  if (index % 50 === 0) {
    await turnEnd();
    peak = Math.max(peak, process.memoryUsage.rss());
  }
}
const rssGrowth = Math.max(peak, process.memoryUsage.rss()) - rssBefore;
const heapGrowth = (await collected()) - heapBefore;
// What is looked at afterwards may not be collected before.
process.stdout.write(JSON.stringify({ rssGrowth, heapGrowth, isKept: typeof kept.set === "function" }));
