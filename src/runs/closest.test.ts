import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { closestName } from "./closest.ts";

describe("closestName", () => {
  it("finds the name that was meant", () => {
    const names = ["home.daily", "home.import", "tasks.sort"];
    assert.equal(closestName("home.dayly", names), "home.daily");
    assert.equal(closestName("taskssort", names), "tasks.sort");
  });

  it("finds nothing where nothing is like it", () => {
    assert.equal(closestName("weather", ["home.daily"]), undefined);
    assert.equal(closestName("weather", []), undefined);
  });
});
