import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { measurePaired, ratio } from "../harness/paired.ts";
import type { Scenario } from "../harness/scenario.ts";

const CHUNK = 262_144;
const FILE_BYTES = 64 * 1_048_576;
const FILES = 1_000;
const SMALL_BYTES = 4_000;
const RECORD = {
  id: "0198c2f4",
  values: Array.from({ length: 40 }, (_, index) => ({ name: `field ${index}`, value: index / 7 })),
};
const RECORDS = 20_000;
/** What a pool has to save to be worth its code and its risk of giving a buffer twice. */
const WORTH = 0.8;

/** R1: where buffers that are used again are worth a pool. */
export const bufferPool: Scenario = {
  id: "R1",
  title: "buffers used again against new ones",
  description: `Processor time. Files: hashing ${FILES.toLocaleString("en")} files of ${SMALL_BYTES / 1_000} kB, and one of 64 MiB, in pieces of 256 KiB as triggers do, with a new buffer each time and with one that is used again. The cache: ${RECORDS.toLocaleString("en")} values of 1.7 kB on their way to the bytes of a level, with a new buffer to write each text into and with one that is used again.`,
  target: `a pool where it saves at least ${Math.round((1 - WORTH) * 100)} %: one for files that are hashed, none for the cache`,
  async run({ directory }) {
    const large = join(directory, "large");
    writeFileSync(large, Buffer.alloc(FILE_BYTES, 7));
    const small = writeSmallFiles(join(directory, "small"));
    const again = Buffer.allocUnsafeSlow(CHUNK);
    const renewed = (): Buffer => Buffer.allocUnsafeSlow(CHUNK);
    const kept = Buffer.allocUnsafeSlow(16_384);
    const rows = await measurePaired(
      [
        side("small files, new buffers", () => small.forEach((path) => hash(path, renewed))),
        side("small files, one buffer", () => small.forEach((path) => hash(path, () => again))),
        side("large file, new buffers", () => hash(large, renewed)),
        side("large file, one buffer", () => hash(large, () => again)),
        side("cache value, new buffers", () => repeat((length) => Buffer.allocUnsafe(length))),
        side("cache value, one buffer", () => repeat(() => kept)),
      ],
      { rounds: 9 },
    );
    const ratios = {
      "small files, one buffer to new ones": ratio(rows, "small files, one buffer", "small files, new buffers"),
      "large file, one buffer to new ones": ratio(rows, "large file, one buffer", "large file, new buffers"),
      "cache value, one buffer to new ones": ratio(rows, "cache value, one buffer", "cache value, new buffers"),
    };
    const isMet =
      ratios["small files, one buffer to new ones"] <= WORTH && ratios["cache value, one buffer to new ones"] > WORTH;
    return { rows, ratios, met: isMet };
  },
};

function side(name: string, work: () => unknown) {
  return {
    name,
    unit: "ms CPU",
    measure: async () => {
      const before = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    },
  };
}

function writeSmallFiles(folder: string): readonly string[] {
  mkdirSync(folder);
  return Array.from({ length: FILES }, (_, index) => {
    const path = join(folder, `${index}`);
    writeFileSync(path, Buffer.alloc(SMALL_BYTES, index));
    return path;
  });
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

/** Text, the room to write it into, a copy that is kept, a checksum: the way of a value into a level of the cache. */
function repeat(roomFor: (length: number) => Buffer): number {
  let sum = 0;
  for (let record = 0; record < RECORDS; record++) {
    const text = JSON.stringify(RECORD);
    const room = roomFor(text.length * 3);
    sum += crc32(Buffer.copyBytesFrom(room, 0, room.write(text)));
  }
  return sum;
}
