import assert from "node:assert/strict";
import { it } from "node:test";
import type { PatternView } from "../api.ts";
import { pairLinks } from "./pair-links.ts";
import { exampleRule } from "./test-rule.ts";

it("joins habits between the same two devices, strongest first, and leaves out those by the clock and of one device", () => {
  const pattern = (entity_id: string, to: string, confidence: number): PatternView => ({
    id: `${entity_id} ${to} ${confidence}`,
    home: "main",
    rule: exampleRule({
      trigger: { type: "state", entity_id, to: "on" },
      action: { entity_ids: [to], to: "on" },
      confidence,
    }),
    sentence: "",
    suggestionId: null,
    firstSeenAt: "",
    lastSeenAt: "",
  });
  const links = pairLinks([
    pattern("sensor.a", "light.b", 0.6),
    pattern("sensor.a", "light.b", 0.9),
    pattern("light.b", "light.b", 0.9),
    pattern("sensor.c", "light.b", 0.95),
    { ...pattern("x", "y", 1), rule: exampleRule() },
  ]);
  assert.deepEqual(links, [
    { from: "sensor.c", to: "light.b", confidence: 0.95, habits: 1 },
    { from: "sensor.a", to: "light.b", confidence: 0.9, habits: 2 },
  ]);
});
