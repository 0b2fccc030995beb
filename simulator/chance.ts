import { createHash } from "node:crypto";
import { canonicalJson, createSeededRandom, type Random } from "millrace";
import type { Fault } from "./faults/fault.ts";
import type { Behaviour, Latency } from "./options.ts";

/** Names a request by what it asks: equal questions have equal names, whatever the order of their fields. */
export function fingerprint(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** Chance that depends on nothing but its seeds, so that the order in which requests arrive changes nothing. */
export function chanceOf(...seeds: readonly (string | number)[]): Random {
  return createSeededRandom(createHash("sha256").update(seeds.join("\n")).digest().readUInt32LE());
}

/** Draws whether a request fails, and how. */
export function drawFault({ faultRate, faults }: Behaviour, chance: Random): Fault | undefined {
  if (chance.next() >= faultRate) return undefined;
  return faults[Math.floor(chance.next() * faults.length)];
}

/** The 95th percentile of the standard normal distribution. */
const Z95 = 1.645;

/** Draws how long the first byte takes. */
export function drawLatencyMs(latency: Latency, chance: Random): number {
  if (typeof latency === "number") return latency;
  const sigma = Math.log(latency.p95 / latency.p50) / Z95;
  return latency.p50 * Math.exp(sigma * standardNormal(chance));
}

/** By Box and Muller; the first number is kept above 0, whose logarithm has no value. */
function standardNormal(chance: Random): number {
  return Math.sqrt(-2 * Math.log(1 - chance.next())) * Math.cos(2 * Math.PI * chance.next());
}
