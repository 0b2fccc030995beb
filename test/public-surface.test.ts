import assert from "node:assert/strict";
import { describe, it } from "node:test";

/** What each entry gives at run time. A name that comes or goes is a decision: it is written down here and in the changelog. */
const SURFACE: Readonly<Record<string, readonly string[]>> = {
  millrace: [],
};

describe("public surface", () => {
  for (const [entry, names] of Object.entries(SURFACE)) {
    it(`${entry} gives exactly the names that are written down`, async () => {
      const module: object = await import(entry);
      assert.deepEqual(Object.keys(module).toSorted(), [...names].toSorted());
    });
  }
});
