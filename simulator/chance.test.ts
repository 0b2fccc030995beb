import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chanceOf, drawFault, drawLatencyMs, fingerprint } from "./chance.ts";
import { toBehaviour } from "./options.ts";

describe("the simulator's chance", () => {
  it("spreads delays around the median and the 95th percentile that were asked for", () => {
    const chance = chanceOf(5);
    const delays = Array.from({ length: 20_000 }, () => drawLatencyMs({ p50: 800, p95: 2_000 }, chance)).sort(
      (a, b) => a - b,
    );
    const at = (share: number): number => delays[Math.floor(share * delays.length)] ?? 0;
    assert.ok(Math.abs(at(0.5) - 800) < 25, `median ${at(0.5)}`);
    assert.ok(Math.abs(at(0.95) - 2_000) < 100, `95th percentile ${at(0.95)}`);
  });

  it("fails the share of requests that was asked for, each fault as often", () => {
    const behaviour = toBehaviour({ faultRate: 0.3, faults: ["reset", "quota"] });
    const draws = Array.from({ length: 10_000 }, (_, index) => drawFault(behaviour, chanceOf(1, "fault", index)));
    const resets = draws.filter((fault) => fault === "reset").length;
    const quotas = draws.filter((fault) => fault === "quota").length;
    assert.ok(Math.abs(resets - 1_500) < 150 && Math.abs(quotas - 1_500) < 150, `${resets} and ${quotas}`);
  });

  it("names equal questions alike, whatever the order of their fields", () => {
    assert.equal(fingerprint({ a: 1, b: [2] }), fingerprint({ b: [2], a: 1 }));
    assert.notEqual(fingerprint({ a: 1 }), fingerprint({ a: 2 }));
  });
});
