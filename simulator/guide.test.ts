import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { type Behaviour, createSimulator, FAULTS } from "./index.ts";
import { toBehaviour } from "./options.ts";

const GUIDE = readFileSync(new URL("../docs/guide/simulator.md", import.meta.url), "utf8");

describe("docs/guide/simulator.md", () => {
  it("names every fault and everything that can be set", () => {
    for (const name of [...FAULTS, ...Object.keys(toBehaviour({}))]) {
      assert.ok(GUIDE.includes(`\`${name}\``), `${name} is not in the guide`);
    }
  });

  it("shows only configurations that the simulator takes", () => {
    const blocks = [...GUIDE.matchAll(/```json\n([^]*?)```/g)].map(
      ([, text]) => JSON.parse(text ?? "") as Partial<Behaviour>,
    );
    assert.ok(blocks.length >= 2);
    for (const block of blocks) createSimulator().configure(block);
  });
});
