/* Fills the cache of a host with more than the heap can hold, a megabyte at a time: run with --max-old-space-size, a data folder, and
   `watched` or `unwatched`. */
import { setTimeout as delay } from "node:timers/promises";
import { loadConfig, openHost } from "millrace";

const [data = "", how = "watched"] = process.argv.slice(2);
const config = await loadConfig({
  content: { data, cache: { memory: { maxBytes: 1_000_000_000, maxItems: 1_000_000 }, database: { maxBytes: 1 } } },
  environment: {},
});
const host = await openHost({ config });
if (how === "watched") await host.start();
const levels: string[] = [];
host.events.on("pressure-change", ({ level }) => void levels.push(level));
for (let megabyte = 0; megabyte < 120; megabyte++) {
  for (let part = 0; part < 10; part++) {
    const value = Array.from({ length: 10 }, (_, row) =>
      Buffer.alloc(10_000, `device ${megabyte} ${part} ${row} `).toString("latin1"),
    );
    await host.cache.cache.set(`k:${megabyte}:${part}`, value, { levels: { database: false, files: false } });
  }
  await delay(15);
}
process.stdout.write(`${JSON.stringify({ levels })}\n`);
await host.close();
