import assert from "node:assert/strict";
import type { ContractTest } from "./bench.ts";

export function claimContract(test: ContractTest): void {
  test("gives due runs by priority, then by age, and at most as many as asked for", async ({ clock, admit, claim }) => {
    const plain = [await admit(), await admit()];
    await clock.advance(10);
    const later = await admit();
    const urgent = await admit({ priority: 5 });
    const idle = await admit({ priority: -1 });
    const first = await claim({ limit: 2 });
    const second = await claim({ limit: 10 });
    assert.deepEqual(
      [first.map(({ id }) => id), second.map(({ id }) => id)],
      [
        [urgent, plain[0]],
        [plain[1], later, idle],
      ],
    );
    assert.deepEqual(await claim(), []);
  });

  test("raises the epoch with each claim, and keeps the first start", async ({
    store,
    clock,
    admit,
    claim,
    requireRun,
  }) => {
    const id = await admit();
    const [first] = await claim();
    assert.deepEqual([first?.status, first?.epoch, first?.startedAt], ["running", 1, clock.now()]);
    assert.deepEqual(await requireRun(id), first);

    const startedAt = clock.now();
    await store.runs.park({ runId: id, epoch: 1, availableAt: clock.now() + 50, attempt: 0, error: null });
    await clock.advance(50);
    const [second] = await claim();
    assert.deepEqual([second?.status, second?.epoch, second?.startedAt], ["running", 2, startedAt]);
  });

  test("gives nothing before its time, and tells when that is", async ({ store, clock, admit, claim }) => {
    const now = clock.now();
    assert.equal(await store.runs.nextDueAt({ now }), undefined);
    const late = await admit({ availableAt: now + 200 });
    const soon = await admit({ availableAt: now + 100 });
    assert.deepEqual(await claim(), []);
    assert.equal(await store.runs.nextDueAt({ now }), now + 100);

    await clock.advance(100);
    assert.equal(await store.runs.nextDueAt({ now: clock.now() }), now + 200);
    assert.deepEqual(
      (await claim()).map(({ id }) => id),
      [soon],
    );
    await clock.advance(1_000);
    assert.equal(await store.runs.nextDueAt({ now: clock.now() }), undefined);
    assert.deepEqual(
      (await claim()).map(({ id }) => id),
      [late],
    );
  });

  test("leaves runs of other automations where they are", async ({ store, clock, admit }) => {
    const now = clock.now();
    const other = await admit({ automation: "other", priority: 9 });
    const mine = await admit();
    const third = await admit({ automation: "third" });
    const ask = (automations: string[]) => store.runs.claim({ workerId: "w", automations, limit: 9, now });
    assert.deepEqual(
      (await ask(["job"])).map(({ id }) => id),
      [mine],
    );
    assert.deepEqual(await ask([]), []);
    assert.deepEqual(
      (await ask(["third", "other"])).map(({ id }) => id),
      [other, third],
    );
  });

  test("never gives one run to two workers", async ({ store, clock, admit, another }) => {
    const other = await another();
    const admitted = await Promise.all(Array.from({ length: 60 }, () => admit()));
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? store : other).runs.claim({
          workerId: `w${index}`,
          automations: ["job"],
          limit: 4,
          now: clock.now(),
        }),
      ),
    );
    const given = claims.flat().map(({ id }) => id);
    assert.equal(given.length, 60);
    assert.deepEqual(new Set(given), new Set(admitted));
  });

  test("gives all of many that fall due at once, the most urgent first", async ({ clock, admit, claim }) => {
    const availableAt = clock.now() + 1;
    await Promise.all(Array.from({ length: 700 }, () => admit({ availableAt })));
    const urgent = await admit({ availableAt: availableAt + 1, priority: 1 });
    await clock.advance(2);
    assert.equal((await claim({ limit: 1 }))[0]?.id, urgent);
    assert.equal((await claim({ limit: 1_000 })).length, 700);
  });
}
