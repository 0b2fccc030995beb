import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../core/manual-clock.ts";
import { createSeededRandom } from "../core/random.ts";
import type { Lease } from "./contract.ts";
import { createMemoryBackend } from "./memory-backend.ts";
import { flyShared, type SharedFlightParams } from "./shared-flight.ts";

const LEASE_MS = 900;

function open() {
  const clock = createManualClock(1_700_000_000_000);
  const { leases } = createMemoryBackend({ clock });
  let stored: string | undefined;
  const errors: unknown[] = [];
  const params = (run: () => Promise<string>, signal = new AbortController().signal): SharedFlightParams<string> => ({
    key: "k",
    leases,
    clock,
    random: createSeededRandom(1),
    signal,
    find: async () => stored,
    run: async () => (stored = await run()),
    settle: async () => undefined,
    onError: (error) => errors.push(error),
    leaseMs: LEASE_MS,
  });
  return { clock, leases, params, errors };
}

describe("flyShared", () => {
  it("runs once among all, however long it takes, and gives the others what was stored", async () => {
    const { clock, params } = open();
    const gate = Promise.withResolvers<string>();
    let runs = 0;
    const all = Promise.all([1, 2, 3].map(() => flyShared(params(() => (runs++, gate.promise)))));
    // Far past the lease: its holder renews it.
    await clock.advance(LEASE_MS * 10);
    assert.equal(runs, 1);
    gate.resolve("made");
    await clock.advance(100);
    assert.deepEqual(await all, ["made", "made", "made"]);
  });

  it("takes over from a holder that died, no sooner than its lease says and soon after", async () => {
    const { clock, leases, params } = open();
    await leases.acquire("k", LEASE_MS);
    let runs = 0;
    const waiting = flyShared(params(async () => (runs++, "made")));
    await clock.advance(LEASE_MS - 1);
    assert.equal(runs, 0);
    await clock.advance(100);
    assert.equal(runs, 1);
    assert.equal(await waiting, "made");
  });

  it("tells who was overtaken, and nobody else whose lease ran out, as while the loop stood still", async () => {
    const { clock, leases, params } = open();
    const isOvertaken = async (meanwhile: () => Promise<unknown>): Promise<boolean> => {
      const acquire = async (key: string, ms: number): Promise<Lease | undefined> => {
        const lease = await leases.acquire(key, ms);
        return lease && { ...lease, renew: async () => false };
      };
      const gate = Promise.withResolvers<boolean>();
      const flying = flyShared({
        ...params(async () => ""),
        leases: { acquire },
        run: async (lease) => {
          await clock.advance(LEASE_MS + 50);
          await meanwhile();
          await lease.confirm();
          gate.resolve(lease.isOvertaken());
          return "late";
        },
      });
      await flying;
      return await gate.promise;
    };
    assert.equal(await isOvertaken(async () => undefined), false);
    assert.equal(await isOvertaken(() => flyShared(params(async () => "newer"))), true);
  });

  it("goes on renewing after a renewal that failed", async () => {
    const { clock, leases, params } = open();
    let renewals = 0;
    const shaky = {
      async acquire(key: string, ms: number) {
        const lease = await leases.acquire(key, ms);
        if (lease === undefined) return undefined;
        const renew = () => (++renewals === 1 ? Promise.reject(new Error("hiccup")) : lease.renew());
        return { ...lease, renew };
      },
    };
    const gate = Promise.withResolvers<string>();
    const made = flyShared({ ...params(() => gate.promise), leases: shaky });
    await clock.advance(LEASE_MS * 3);
    assert.equal(await leases.acquire("k", LEASE_MS), undefined, "another process took it over");
    gate.resolve("made");
    assert.equal(await made, "made");
  });

  it("lets go of the lease when the run fails, so that the next may try at once", async () => {
    const { params } = open();
    await assert.rejects(flyShared(params(async () => Promise.reject(new Error("down")))), /down/);
    assert.equal(await flyShared(params(async () => "made")), "made");
  });

  it("runs alone when leases cannot be had, and says why", async () => {
    const { params, errors } = open();
    const broken = { acquire: async () => Promise.reject(new Error("no database")) };
    assert.equal(await flyShared({ ...params(async () => "made"), leases: broken }), "made");
    assert.equal(errors.length, 1);
  });

  it("stops waiting when its caller has left", async () => {
    const { clock, leases, params } = open();
    await leases.acquire("k", LEASE_MS);
    const leaving = new AbortController();
    const waiting = assert.rejects(flyShared(params(async () => "made", leaving.signal)), /left/);
    leaving.abort(new Error("left"));
    await clock.advance(100);
    await waiting;
  });
});
