import { setImmediate as turnEnd } from "node:timers/promises";
import { createSeededRandom } from "millrace";
import { createCodec, createMemoryLevel, sizeOf } from "millrace/cache";
import { measurePaired, ratio } from "../harness/paired.ts";
import type { Scenario } from "../harness/scenario.ts";
import { createZipf } from "./traces.ts";

const VALUES = 150;
const RECORDS = 2_000;
const LOOKUPS = 600;
const MAX_BYTES = 20_000_000;
/** How many of the values last read are still in somebody's hands. */
const IN_USE = 8;
const META = { createdAt: 0, staleAt: 1, deadAt: 1, tags: [], position: 0, isError: false };
const TARGET = 1.1;

/** C9: whether large parsed values are worth finding again through weak references once memory gave them up. */
export const weakValues: Scenario = {
  id: "C9",
  title: "weak references to large parsed values",
  description: `${VALUES} lists of ${RECORDS.toLocaleString("en-US")} records, asked for by Zipf (0.9), memory bounded to ${MAX_BYTES / 1e6} MB, the last ${IN_USE} still in use; what memory lacks is decoded anew. Once with memory alone, once with a table of WeakRefs beside it that finds what the collector has not taken yet. CPU time of a look-up, and the share that was decoded.`,
  target: `memory alone at least ${TARGET} times the CPU time; else a weak table does not pay`,
  async run({ seed }) {
    const payloads = Array.from({ length: VALUES }, (_, index) => createCodec().encode(records(index)));
    const rows = await measurePaired(
      ["memory alone", "memory and weak table"].flatMap((name) => {
        const hasTable = name !== "memory alone";
        const run = () => lookUpAll(payloads, seed, hasTable);
        return [
          { name, unit: "ms", measure: async () => (await run()).cpuMs / LOOKUPS },
          { name: `decoded, ${name}`, unit: "%", measure: async () => (100 * (await run()).decoded) / LOOKUPS },
          { name: `heap at the end, ${name}`, unit: "MB", measure: async () => (await run()).heapBytes / 1e6 },
        ];
      }),
      { rounds: 5 },
    );
    const ratios = {
      "memory alone to weak table, CPU": ratio(rows, "memory alone", "memory and weak table"),
      "weak table to memory alone, heap": ratio(
        rows,
        "heap at the end, memory and weak table",
        "heap at the end, memory alone",
      ),
    };
    return { rows, ratios, met: ratios["memory alone to weak table, CPU"] >= TARGET };
  },
};

function records(seed: number): unknown {
  return Array.from({ length: RECORDS }, (_, index) => ({
    id: `device-${seed}-${index}`,
    name: `Lamp ${index % 40} in room ${index % 13}`,
    value: (index * seed) / 7,
    isOn: index % 3 === 0,
  }));
}

async function lookUpAll(payloads: readonly Uint8Array[], seed: number, hasTable: boolean) {
  const codec = createCodec();
  const level = createMemoryLevel({ maxBytes: MAX_BYTES, weakFromBytes: hasTable ? 100_000 : Infinity });
  const zipf = createZipf(VALUES, 0.9, createSeededRandom(seed));
  const inUse: unknown[] = [];
  let decoded = 0;
  const started = process.cpuUsage();
  for (let turn = 0; turn < LOOKUPS; turn++) {
    const rank = zipf();
    const key = `devices:${rank}`;
    let value: unknown = level.peek(key)?.value;
    if (value === undefined) {
      decoded++;
      value = codec.decode(payloads[rank] ?? new Uint8Array());
      level.set({ key, value, meta: META, bytes: sizeOf(value) });
    }
    inUse[turn % IN_USE] = value;
    // A WeakRef holds on to what it gave until the turn of the event loop ends.
    await turnEnd();
  }
  const { user, system } = process.cpuUsage(started);
  return { cpuMs: (user + system) / 1_000, decoded, heapBytes: process.memoryUsage().heapUsed };
}
