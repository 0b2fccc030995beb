/* Fills a cache far past its bound and says what memory it took: run with --expose-gc and the bound, the kind of values,
   and a folder when there are to be files below. */
import { createCache, createMemoryLevel, openFilesLevel } from "millrace/cache";
import { createSeededRandom, systemClock } from "millrace";

const [bound = "0", kind = "", directory] = process.argv.slice(2);
const maxBytes = Number(bound);
const random = createSeededRandom(7);

const MAKERS: Readonly<Record<string, (bytes: number, index: number) => unknown>> = {
  text: (bytes, index) => `${index} `.padEnd(bytes, "kept "),
  "wide text": (bytes, index) => `${index} `.padEnd(Math.ceil(bytes / 2), "ключ "),
  bytes: (bytes) => new Uint8Array(bytes).fill(1),
  numbers: (bytes) => Array.from({ length: Math.ceil(bytes / 8) }, (_, index) => index / 3),
  records: (bytes, index) =>
    Array.from({ length: Math.ceil(bytes / 150) }, (_, row) => ({
      id: `device-${index}-${row}`,
      value: row / 7,
      isOn: row % 2 === 0,
      at: new Date(row),
    })),
  maps: (bytes, index) =>
    new Map(Array.from({ length: Math.ceil(bytes / 100) }, (_, row) => [`${index}:${row}`, BigInt(row)])),
};

function collect(): { readonly heap: number; readonly rss: number } {
  for (let turn = 0; turn < 4; turn++) globalThis.gc?.();
  const { heapUsed, arrayBuffers, external, rss } = process.memoryUsage();
  return { heap: heapUsed + Math.max(arrayBuffers, external), rss };
}

const memory = createMemoryLevel({ maxBytes, maxItems: 1_000_000 });
const files = directory === undefined ? {} : { files: await openFilesLevel({ directory, clock: systemClock }) };
const cache = createCache({ memory, ...files, clock: systemClock, random });
const before = collect();
const make = MAKERS[kind];
if (make === undefined) throw new Error(`there are no values of kind ${kind}`);
let written = 0;
for (let index = 0; written < maxBytes * 3; index++) {
  // From 10 bytes to 1 MB, as many of each magnitude by bytes.
  const bytes = Math.floor(10 ** (1 + random.next() * 5));
  for (let copies = Math.max(1, Math.floor(20_000 / bytes)); copies > 0; copies--) {
    await cache.set(`${kind}:${index}:${copies}`, make(bytes, index), {
      ttl: "1h",
      tags: [`a:${index % 50}`, `b:${index}`],
    });
    written += bytes;
  }
  if (index % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
}
await cache.flush();
const afterwards = collect();
const { items, bytes, evictions } = memory.stats();
process.stdout.write(
  JSON.stringify({
    items,
    bytes,
    evictions,
    heapGrowth: afterwards.heap - before.heap,
    rssGrowth: afterwards.rss - before.rss,
  }),
);
await cache.close();
