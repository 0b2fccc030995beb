import { execFileSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measurePaired, ratio } from "../harness/paired.ts";
import type { Scenario } from "../harness/scenario.ts";

const SIDE = fileURLToPath(new URL("../sides/memory-side.ts", import.meta.url));
const FILE_MB = 150;
const TARGET = 0.75;

/** P8: memory against the naive way. */
export const memorySaved: Scenario = {
  id: "P8",
  title: "memory against maps without bounds and files read whole",
  description: `Peak resident memory of a process of its own, median of three. Cache: 600,000 questions over as many keys, of which few are asked often, a kilobyte each, kept in a Map and in a memory level of 50 MB. File: lines of a ${FILE_MB} MB file counted that hold a word, read whole and through \`readLines\`. All with the flag for the heap that the command line sets.`,
  target: `at most ${TARGET} of the naive way`,
  async run({ directory }) {
    const file = join(directory, "history.csv");
    writeHistory(file);
    const sides = ["cache, naive", "cache, millrace", "file, naive", "file, millrace"];
    const rows = await measurePaired(
      sides.map((name) => ({ name, unit: "MB", measure: async () => peakOf(name, file) })),
      { rounds: 3, warmUp: false },
    );
    const ratios = {
      "cache, to the naive way": ratio(rows, "cache, millrace", "cache, naive"),
      "file, to the naive way": ratio(rows, "file, millrace", "file, naive"),
    };
    return { rows, ratios, met: Object.values(ratios).every((value) => value <= TARGET) };
  },
};

function peakOf(side: string, file: string): number {
  const args = ["--heap-growing-percent=50", "--conditions=millrace-source", SIDE, side, file];
  const said = execFileSync(process.execPath, args, { encoding: "utf8" });
  return (JSON.parse(said) as { readonly peakMb: number }).peakMb;
}

function writeHistory(path: string): void {
  const lines = Array.from(
    { length: 10_000 },
    (_, index) =>
      `2026-01-01T00:00:${index % 60}Z,${index % 7 === 0 ? "light.kitchen" : `sensor.s${index}`},on,${index}\n`,
  );
  const block = Buffer.from(lines.join(""));
  const file = openSync(path, "w");
  for (let bytes = 0; bytes < FILE_MB * 1e6; bytes += block.length) writeSync(file, block);
  closeSync(file);
}
