import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { HEAP_GROWTH_FLAG } from "millrace/cache";
import { measurePaired } from "../harness/paired.ts";
import type { Row, Scenario } from "../harness/scenario.ts";

const FILL = fileURLToPath(new URL("../micro/fill-bounded.ts", import.meta.url));
const BOUND = 100_000_000;
const MOST_HEAP = 1.25;
const MOST_RSS = 3;
const MB = 1e6;

const SIDES = [
  { name: "millrace, as its server runs", side: "millrace", flags: [HEAP_GROWTH_FLAG] },
  { name: "millrace, V8 as it ships", side: "millrace", flags: [] },
  { name: "lru-cache, V8 as it ships", side: "lru-cache", flags: [] },
] as const;
const KINDS = ["records", "bytes"] as const;

interface Growth {
  readonly rssGrowth: number;
  readonly heapGrowth: number;
}

/** C2: whether memory stays within the bound that was given, by the heap and by what the system counts. */
export const memoryBound: Scenario = {
  id: "C2",
  title: "memory of a bounded cache",
  description: `A cache bounded to ${BOUND / MB} MB is filled to five times that with values of 10 B to 1 MB; how the heap (with what lies beside it, after a collection) and resident memory (its peak) of the process grew. lru-cache is told the same sizes, which count the value alone. The server's process sets ${HEAP_GROWTH_FLAG}.`,
  target: `heap at most ${MOST_HEAP} of the bound, resident memory at most ${MOST_RSS} of it as the server runs`,
  async run() {
    const growths = new Map<string, Growth>();
    const rows: Row[] = await measurePaired(
      KINDS.flatMap((kind) =>
        SIDES.flatMap(({ name, side, flags }) => [
          {
            name: `heap, ${kind}: ${name}`,
            unit: "MB",
            async measure(round: number) {
              const growth = await grow(side, kind, flags);
              growths.set(`${kind} ${name} ${round}`, growth);
              return growth.heapGrowth / MB;
            },
          },
        ]),
      ),
      { rounds: 3, warmUp: false },
    );
    for (const kind of KINDS) {
      for (const { name } of SIDES) {
        const values = [0, 1, 2].map(
          (round) => (growths.get(`${kind} ${name} ${round}`)?.rssGrowth ?? Number.NaN) / MB,
        );
        const [low = Number.NaN, value = Number.NaN, high = Number.NaN] = values.toSorted((a, b) => a - b);
        rows.push({ side: `resident, ${kind}: ${name}`, value, unit: "MB", spread: [low, high] });
      }
    }
    const worst = (what: string, side: string) =>
      Math.max(
        ...rows.filter((row) => row.side.startsWith(what) && row.side.endsWith(side)).map(({ value }) => value),
      ) /
      (BOUND / MB);
    const ratios = {
      "heap to the bound, worst": worst("heap", "millrace, as its server runs"),
      "resident to the bound, worst": worst("resident", "millrace, as its server runs"),
      "resident to the bound with V8 as it ships, worst": worst("resident", "millrace, V8 as it ships"),
      "resident to the bound, lru-cache, worst": worst("resident", "lru-cache, V8 as it ships"),
    };
    const met = ratios["heap to the bound, worst"] <= MOST_HEAP && ratios["resident to the bound, worst"] <= MOST_RSS;
    return { rows, ratios, met };
  },
};

async function grow(side: string, kind: string, flags: readonly string[]): Promise<Growth> {
  const args = ["--conditions=millrace-source", "--expose-gc", ...flags, FILL, side, kind, String(BOUND)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Growth;
}
