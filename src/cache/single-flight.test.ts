import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createFlights } from "./single-flight.ts";

describe("createFlights", () => {
  it("lets one piece of work serve all who join, and keeps nothing of it afterwards", async () => {
    const flights = createFlights<string, object>();
    const gate = Promise.withResolvers<string>();
    const flight = flights.start("k", {}, () => gate.promise, false);
    const joined = [flights.join(flight), flights.join(flight)];
    assert.equal(flights.get("k"), flight);
    gate.resolve("made");
    assert.deepEqual(await Promise.all(joined), ["made", "made"]);
    await flights.settled();
    assert.deepEqual([flights.get("k"), flights.size()], [undefined, 0]);
  });

  it("gives an early value to those who accept it and the final one to the others", async () => {
    const flights = createFlights<string, object>();
    const gate = Promise.withResolvers<string>();
    const flight = flights.start("k", {}, async (own) => (own.offer("early"), gate.promise), false);
    const [hasty, patient] = [
      flights.join(flight, { accepts: () => true }),
      flights.join(flight, { accepts: () => false }),
    ];
    assert.equal(await hasty, "early");
    gate.resolve("final");
    assert.equal(await patient, "final");
  });

  it("goes on when its last waiter took an early value and left, and when it is kept", async () => {
    const flights = createFlights<string, object>();
    for (const isKept of [true, false]) {
      const gate = Promise.withResolvers<string>();
      const flight = flights.start(
        "k",
        {},
        async (own) => (isKept ? undefined : own.offer("early"), gate.promise),
        isKept,
      );
      const leaving = new AbortController();
      const joined = flights.join(flight, { signal: leaving.signal });
      leaving.abort(new Error("left"));
      await assert.rejects(joined, /left/);
      assert.equal(flight.signal.aborted, false);
      gate.resolve("made");
      await flights.settled();
    }
  });

  it("lets nobody join a flight that was forgotten, while its waiters get what it brings", async () => {
    const flights = createFlights<string, object>();
    const gate = Promise.withResolvers<string>();
    const first = flights.start("k", {}, () => gate.promise, false);
    const waiting = flights.join(first);
    flights.forget(first);
    assert.equal(flights.get("k"), undefined);
    const second = flights.start("k", {}, async () => "second", false);
    assert.equal(await flights.join(second), "second");
    gate.resolve("first");
    assert.equal(await waiting, "first");
  });

  it("leaves no rejection unheard when nobody waits", async () => {
    const flights = createFlights<string, object>();
    flights.start("k", {}, async () => Promise.reject(new Error("nobody hears")), true);
    await flights.settled();
    assert.equal(flights.size(), 0);
  });
});
