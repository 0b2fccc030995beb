import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../core/manual-clock.ts";
import { createDnsCache, type LookupAll } from "./dns-cache.ts";

describe("the cache of addresses", () => {
  it("asks once for a name until its time is over, and keeps what it knew while nobody answers", async () => {
    const clock = createManualClock();
    let asked = 0;
    let isDown = false;
    const lookup: LookupAll = (_name, _options, callback) => {
      asked += 1;
      if (isDown) callback(Object.assign(new Error("down"), { code: "EAI_AGAIN" }), []);
      else callback(null, [{ address: `10.0.0.${asked}`, family: 4 }]);
    };
    const cached = createDnsCache({ clock, ttlMs: 1_000, lookup });
    const ask = (name: string): Promise<string> =>
      new Promise((resolve) =>
        cached(name, {}, (error, address) => resolve(error?.code ?? (typeof address === "string" ? address : ""))),
      );
    assert.deepEqual([await ask("a"), await ask("a"), asked], ["10.0.0.1", "10.0.0.1", 1]);
    assert.equal(await ask("b"), "10.0.0.2");
    await clock.advance(1_000);
    assert.equal(await ask("a"), "10.0.0.3");
    isDown = true;
    await clock.advance(1_000);
    assert.equal(await ask("a"), "10.0.0.3");
    assert.equal(await ask("c"), "EAI_AGAIN");
    isDown = false;
    assert.equal(await ask("c"), "10.0.0.6");
  });
});
