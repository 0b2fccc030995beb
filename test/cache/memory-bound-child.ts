/* Fills one cache after the other far past its bound and says what memory each took: run with --expose-gc, --no-flush-bytecode, the bound, a folder for those that
   have files below, and the kinds of values, with `+files` behind those that do. */
import { createCache, createMemoryLevel, openFilesLevel } from "millrace/cache";
import { createSeededRandom, systemClock } from "millrace";

const [bound = "0", folder = "", ...kinds] = process.argv.slice(2);
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

async function heapBytes(): Promise<number> {
  // The last cache is let go of by what runs in later turns of the loop.
  for (let turn = 0; turn < 4; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return heapUsed + Math.max(arrayBuffers, external);
}

interface Growth {
  readonly evictions: number;
  readonly heapGrowth: number;
  /** At its peak. Pages stay with the process, so only that of the first cache says what one takes. */
  readonly rssGrowth: number;
}

async function fill(kind: string, hasFiles: boolean): Promise<Growth> {
  const make = MAKERS[kind];
  if (make === undefined) throw new Error(`there are no values of kind ${kind}`);
  const memory = createMemoryLevel({ maxBytes, maxItems: 1_000_000 });
  const files = hasFiles ? { files: await openFilesLevel({ directory: folder, clock: systemClock }) } : {};
  const cache = createCache({ memory, ...files, clock: systemClock, random });
  const before = await heapBytes();
  const rssBefore = process.memoryUsage.rss();
  let rss = rssBefore;
  let written = 0;
  for (let index = 0; written < maxBytes * 3; index++) {
    // From 10 bytes to a hundredth of the bound, as many of each magnitude by bytes.
    const bytes = Math.floor(10 * (maxBytes / 100) ** random.next());
    for (let copies = Math.max(1, Math.floor(3_000 / bytes)); copies > 0; copies--) {
      await cache.set(`${kind}:${index}:${copies}`, make(bytes, index), {
        ttl: "1h",
        tags: [`a:${index % 50}`, `b:${index}`],
      });
      written += bytes;
    }
    if (index % 50 > 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    rss = Math.max(rss, process.memoryUsage.rss());
  }
  await cache.flush();
  const heapGrowth = (await heapBytes()) - before;
  const { evictions } = memory.stats();
  await cache.close();
  return { evictions, heapGrowth, rssGrowth: rss - rssBefore };
}

const growths: Record<string, Growth> = {};
for (const each of kinds) {
  const [kind = "", below] = each.split("+");
  growths[each] = await fill(kind, below === "files");
}
process.stdout.write(JSON.stringify(growths));
