import { createSeededRandom } from "millrace";
import { createMemoryLevel, type EvictionPolicyName } from "millrace/cache";
import type { Row, Scenario } from "../harness/scenario.ts";
import { clairvoyantHits } from "../micro/clairvoyant.ts";
import { createTraces, type Trace } from "../micro/traces.ts";

const CAPACITIES = [1_000, 5_000];
const POLICIES: readonly EvictionPolicyName[] = ["lru", "sieve", "s3-fifo", "adaptive"];
const DEFAULT = "adaptive";
const POINT = 1;
const META = { createdAt: 0, staleAt: 1, deadAt: 1, tags: [], position: 0, isError: false };

/** B11: how often the memory level has what is asked for. */
export const hitRate: Scenario = {
  id: "B11",
  title: "hit rate of the memory level",
  description:
    "300,000 questions for 50,000 keys with room for 1,000 and for 5,000: Zipf (0.9, flat 0.7, steep 1.1), Zipf with 30 % of keys asked for once, with scans of 20,000 keys, with a popularity that drifts through most keys (also slowly, fast, steep, with scans, in phases), a loop of 6,000, a loop of 8,000 within Zipf, and keys that come back because they are recent. The memory level under each policy, and the clairvoyant optimum that knows what comes. The ratios are points of adaptive, the default, behind the best of LRU, SIEVE and S3-FIFO (negative: ahead).",
  target: "the default is best or within 1 point of the best online policy on every trace",
  async run({ seed }) {
    const rows: Row[] = [];
    const ratios: Record<string, number> = {};
    for (const [name, trace] of Object.entries(createTraces(createSeededRandom(seed)))) {
      for (const capacity of CAPACITIES) {
        const of = `${name}, ${capacity}`;
        const rates = new Map(POLICIES.map((policy) => [policy, percent(hits(trace, capacity, policy), trace)]));
        for (const [policy, rate] of rates) rows.push(toRow(`${of}: ${policy}`, rate));
        rows.push(toRow(`${of}: optimum`, percent(clairvoyantHits(trace, capacity), trace)));
        const own = rates.get(DEFAULT) ?? 0;
        rates.delete(DEFAULT);
        ratios[`points behind, ${of}`] = Math.max(...rates.values()) - own;
      }
    }
    const all = Object.values(ratios);
    return { rows, ratios: { ...ratios, "points behind, worst": Math.max(...all) }, met: Math.max(...all) <= POINT };
  },
};

function hits(trace: Trace, maxItems: number, policy: EvictionPolicyName): number {
  const level = createMemoryLevel({ maxItems, maxBytes: 1e12, policy });
  let count = 0;
  for (const number of trace) {
    const key = `answers:${number}`;
    if (level.peek(key) === undefined) level.set({ key, value: number, meta: META, bytes: 100 });
    else count++;
  }
  return count;
}

function percent(count: number, trace: Trace): number {
  return (100 * count) / trace.length;
}

function toRow(side: string, value: number): Row {
  return { side, value, unit: "%", spread: [value, value] };
}
