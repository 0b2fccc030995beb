import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { measurePaired, ratio } from "../harness/paired.ts";
import type { Scenario } from "../harness/scenario.ts";

const CHUNK = 65_536;
const FILE_BYTES = 64 * 1_048_576;
const RECORD = {
  id: "0198c2f4",
  values: Array.from({ length: 40 }, (_, index) => ({ name: `field ${index}`, value: index / 7 })),
};
const RECORDS = 20_000;
/** What a pool would have to save to be worth its code and its risk of giving a buffer twice. */
const WORTH = 0.8;

/** R1: whether buffers that are used again are worth a pool. */
export const bufferPool: Scenario = {
  id: "R1",
  title: "buffers used again against new ones",
  description: `Processor time of hashing a 64 MiB file in chunks of 64 KiB, and of writing ${RECORDS.toLocaleString("en")} records of 1.7 kB as bytes: into a new buffer each time, and into one that is used again. What a pool could save at most, since a pool has to hand out and take back besides.`,
  target: `a pool is built where it saves at least ${Math.round((1 - WORTH) * 100)} %`,
  async run({ directory }) {
    const path = join(directory, "file");
    writeFileSync(path, Buffer.alloc(FILE_BYTES, 7));
    const again = Buffer.allocUnsafe(CHUNK);
    const encoder = new TextEncoder();
    const kept = new Uint8Array(16_384);
    const rows = await measurePaired(
      [
        {
          name: "hash, new buffers",
          unit: "ms CPU",
          measure: async () => cpuOf(() => hash(path, () => Buffer.allocUnsafe(CHUNK))),
        },
        { name: "hash, one buffer", unit: "ms CPU", measure: async () => cpuOf(() => hash(path, () => again)) },
        {
          name: "encode, new buffers",
          unit: "ms CPU",
          measure: async () => cpuOf(() => repeat(() => encoder.encode(JSON.stringify(RECORD)).length)),
        },
        {
          name: "encode, one buffer",
          unit: "ms CPU",
          measure: async () => cpuOf(() => repeat(() => encoder.encodeInto(JSON.stringify(RECORD), kept).written)),
        },
      ],
      { rounds: 9 },
    );
    const ratios = {
      "hash, one buffer to new ones": ratio(rows, "hash, one buffer", "hash, new buffers"),
      "encode, one buffer to new ones": ratio(rows, "encode, one buffer", "encode, new buffers"),
    };
    // Met: not to pool, which is what the code does, is what the figures say.
    return { rows, ratios, met: Object.values(ratios).every((value) => value > WORTH) };
  },
};

function cpuOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function hash(path: string, bufferOf: () => Buffer): string {
  const file = openSync(path, "r");
  const sum = createHash("sha256");
  for (;;) {
    const buffer = bufferOf();
    const read = readSync(file, buffer, 0, CHUNK, null);
    if (read === 0) break;
    sum.update(buffer.subarray(0, read));
  }
  closeSync(file);
  return sum.digest("hex");
}

function repeat(work: () => number): number {
  let bytes = 0;
  for (let record = 0; record < RECORDS; record++) bytes += work();
  return bytes;
}
