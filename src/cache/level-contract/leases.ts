import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Leases } from "../contract.ts";

/** Opens two views on the same leases, as two processes have; `pass` lets time go by for them. */
export type OpenLeases = () => Promise<{
  readonly mine: Leases;
  readonly theirs: Leases;
  readonly pass: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}>;

const DURATION_MS = 150;

/** Declares the tests that all leases must pass, under `node:test`. */
export function runLeaseContract(name: string, open: OpenLeases): void {
  function test(title: string, work: (bench: Awaited<ReturnType<OpenLeases>>) => Promise<void>): void {
    it(title, async () => {
      const bench = await open();
      try {
        await work(bench);
      } finally {
        await bench.close();
      }
    });
  }

  describe(`${name}: leases`, () => {
    test("are given to one of many who ask at once", async ({ mine, theirs }) => {
      const asked = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? mine : theirs).acquire("k", 10_000));
      const given = (await Promise.all(asked)).filter((lease) => lease !== undefined);
      assert.equal(given.length, 1);
      assert.ok(await theirs.acquire("another", 10_000));
    });

    test("are free again once released", async ({ mine, theirs }) => {
      const lease = await mine.acquire("k", 10_000);
      assert.equal(await theirs.acquire("k", 10_000), undefined);
      await lease?.release();
      assert.ok(await theirs.acquire("k", 10_000));
    });

    test("of a dead holder are taken over, and the dead one can do nothing about it", async ({
      mine,
      theirs,
      pass,
    }) => {
      const dead = await mine.acquire("k", DURATION_MS);
      await pass(DURATION_MS + 50);
      const heir = await theirs.acquire("k", 10_000);
      assert.ok(heir, "the lease was not taken over");
      assert.equal(await dead?.renew(), false);
      await dead?.release();
      assert.equal(await mine.acquire("k", 10_000), undefined, "the dead holder released its heir's lease");
      assert.equal(await heir.renew(), true);
    });

    test("live as long as they are renewed", async ({ mine, theirs, pass }) => {
      const lease = await mine.acquire("k", DURATION_MS * 4);
      for (let times = 0; times < 4; times++) {
        await pass(DURATION_MS * 2);
        assert.equal(await lease?.renew(), true);
        assert.equal(await theirs.acquire("k", 10_000), undefined);
      }
    });
  });
}
