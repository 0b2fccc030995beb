import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";

const AGING_MS = 1_000;

function open(weights: Readonly<Record<string, number>> = {}): FairQueue<string> {
  return createFairQueue({ agingMs: AGING_MS, weightOf: (tenant) => weights[tenant] ?? 1 });
}
function serve(queue: FairQueue<string>): string {
  const head = queue.head();
  assert.ok(head !== undefined);
  queue.serve(head);
  return head.item;
}

describe("createFairQueue", () => {
  it("serves tenants in turn, however many one of them has brought", () => {
    const queue = open();
    for (let n = 0; n < 3; n++) queue.add(`a${n}`, { tenant: "a", cost: 1, priority: 0, at: n });
    queue.add("b0", { tenant: "b", cost: 1, priority: 0, at: 9 });
    assert.deepEqual([serve(queue), serve(queue), serve(queue), serve(queue)], ["a0", "b0", "a1", "a2"]);
  });

  it("keeps what tenants were served within one item of each, divided by their weights", () => {
    const tenant = fc.record({
      weight: fc.double({ min: 0.1, max: 10, noNaN: true }),
      costs: fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(tenant, { minLength: 2, maxLength: 5 }), (tenants) => {
        const weights = Object.fromEntries(tenants.map(({ weight }, index) => [`${index}`, weight]));
        const queue = open(weights);
        for (const [index, { costs }] of tenants.entries()) {
          for (const cost of costs) queue.add(`${index}`, { tenant: `${index}`, cost, priority: 0, at: 0 });
        }
        const served = tenants.map(() => 0);
        const left = tenants.map(({ costs }) => costs.length);
        const largest = tenants.map(({ costs, weight }) => Math.max(...costs) / weight);
        // As long as all of them wait.
        while (left.every((count) => count > 0)) {
          const head = queue.head();
          assert.ok(head !== undefined);
          queue.serve(head);
          const index = Number(head.item);
          served[index] = (served[index] ?? 0) + head.cost / (weights[head.item] ?? 1);
          left[index] = (left[index] ?? 0) - 1;
          for (const [a, one] of served.entries()) {
            for (const [b, other] of served.entries()) {
              assert.ok(one - other <= (largest[a] ?? 0) + (largest[b] ?? 0) + 1e-9, `${a}: ${one}, ${b}: ${other}`);
            }
          }
        }
      }),
    );
  });

  it("owes nothing to a tenant for the time it was away", () => {
    const queue = open();
    for (let n = 0; n < 20; n++) queue.add("a", { tenant: "a", cost: 1, priority: 0, at: 0 });
    for (let n = 0; n < 10; n++) serve(queue);
    for (let n = 0; n < 10; n++) queue.add("b", { tenant: "b", cost: 1, priority: 0, at: 1 });
    assert.equal(Array.from({ length: 8 }, () => serve(queue)).filter((item) => item === "b").length, 4);
  });

  it("serves a tenant's urgent work first, and old work before urgent work that came long after", () => {
    const queue = open();
    queue.add("old", { tenant: "a", cost: 1, priority: 0, at: 0 });
    queue.add("urgent", { tenant: "a", cost: 1, priority: 1, at: AGING_MS - 1 });
    queue.add("urgent, late", { tenant: "a", cost: 1, priority: 1, at: AGING_MS + 1 });
    assert.deepEqual([serve(queue), serve(queue), serve(queue)], ["urgent", "old", "urgent, late"]);
  });

  it("lets nobody be overtaken by what comes more than 20 agings later", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ priority: fc.integer({ min: -10, max: 10 }), at: fc.nat(60_000) }), { maxLength: 60 }),
        (arrivals) => {
          const queue = createFairQueue<number>({ agingMs: AGING_MS, weightOf: () => 1 });
          for (const { priority, at } of arrivals) queue.add(at, { tenant: "a", cost: 1, priority, at });
          let latest = -Infinity;
          for (let head = queue.head(); head !== undefined; head = queue.head()) {
            queue.serve(head);
            latest = Math.max(latest, head.item);
            assert.ok(latest - head.item <= 20 * AGING_MS);
          }
        },
      ),
    );
  });

  it("does not let priority take from another tenant's share", () => {
    const queue = open();
    for (let n = 0; n < 4; n++) {
      queue.add("a", { tenant: "a", cost: 1, priority: 10, at: 0 });
      queue.add("b", { tenant: "b", cost: 1, priority: -10, at: 0 });
    }
    assert.deepEqual([serve(queue), serve(queue), serve(queue), serve(queue)].toSorted(), ["a", "a", "b", "b"]);
  });

  it("forgets a tenant that waits for nothing any longer", () => {
    const queue = open();
    const place = queue.add("a", { tenant: "a", cost: 1, priority: 0, at: 0 });
    queue.remove(place);
    queue.remove(place);
    assert.deepEqual([queue.size, queue.head()], [0, undefined]);
  });

  it("refuses a weight that is not positive, before anything is queued", () => {
    const queue = open({ a: 0 });
    assert.throws(() => queue.add("x", { tenant: "a", cost: 1, priority: 0, at: 0 }), /got 0 for "a"/);
    assert.equal(queue.size, 0);
  });
});
