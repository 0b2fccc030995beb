import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isShareable, protect, type MutationMode } from "./protect.ts";

const make = () => ({
  list: [{ deep: 1 }],
  map: new Map([["a", { deep: 1 }]]),
  set: new Set([1]),
  date: new Date(5),
  bare: Object.assign(Object.create(null) as Record<string, unknown>, { deep: [1] }),
});
const makeWithBytes = () => ({
  ...make(),
  bytes: new Uint8Array([1, 2]),
  failure: new Error("x", { cause: { deep: 1 } }),
});

/** Everything that somebody might do to a value. */
function vandalise(value: Partial<ReturnType<typeof makeWithBytes>>): void {
  const acts = [
    () => value.list?.push({ deep: 2 }),
    () => Object.assign(value.list?.[0] ?? {}, { deep: 2 }),
    () => value.map?.set("b", { deep: 2 }),
    () => Object.assign(value.map?.get("a") ?? {}, { deep: 2 }),
    () => value.map?.clear(),
    () => value.set?.add(2),
    () => value.set?.delete(1),
    () => value.date?.setFullYear(1999),
    () => Array.isArray(value.bare?.["deep"]) && value.bare["deep"].push(2),
    () => value.bytes?.fill(9),
    () => Object.assign(value.failure ?? {}, { message: "y" }),
    () => Object.assign(value.failure?.cause ?? {}, { deep: 2 }),
    () => delete value.list,
  ];
  for (const act of acts) {
    try {
      act();
    } catch (error) {
      assert.ok(error instanceof TypeError);
    }
  }
}

describe("protect", () => {
  for (const mode of ["freeze", "clone"] as const satisfies readonly MutationMode[]) {
    for (const source of [make, makeWithBytes]) {
      it(`keeps an entry as it was under ${mode}, whatever its maker and its readers do to it (${source.name})`, () => {
        const made = source();
        const kept = protect(made, mode);
        vandalise(made);
        for (let reader = 0; reader < 2; reader++) {
          const got = protect(kept, mode);
          assert.deepStrictEqual(got, source());
          vandalise(got);
        }
        assert.deepStrictEqual(protect(kept, mode), source());
      });
    }
  }

  it("gives the same frozen value to all without copying it", () => {
    const value = make();
    assert.equal(isShareable(value, "freeze"), false);
    assert.equal(protect(value, "freeze"), value);
    assert.equal(protect(value, "freeze"), value);
    assert.equal(isShareable(value, "freeze"), true);
    assert.equal(isShareable(protect(makeWithBytes(), "freeze"), "freeze"), false);
    assert.ok(Object.isFrozen(value.list[0]));
    assert.throws(() => value.map.set("b", { deep: 2 }), /copy it first/);
    assert.deepStrictEqual(structuredClone({ map: value.map, date: value.date }), { map: value.map, date: value.date });
  });

  it("freezes what lies below an object that was frozen on top only, and bears cycles", () => {
    const value: { inner: { open: number }; self?: unknown } = { inner: { open: 1 } };
    value.self = value;
    Object.freeze(value);
    protect(value, "freeze");
    assert.ok(Object.isFrozen(value.inner));
    const frozenMap = Object.freeze(new Map([[1, 1]]));
    const kept = protect(frozenMap, "freeze");
    frozenMap.set(2, 2);
    assert.equal(kept.size, 1);
    const copy = protect(value, "clone");
    assert.equal(copy.self, copy);
  });

  it("leaves instances of classes, functions and primitives as they are", () => {
    class Client {
      calls = 0;
    }
    const value = { client: new Client(), ask: () => 1 };
    assert.equal(protect(value, "freeze").client, value.client);
    assert.equal(protect(value, "clone").client, value.client);
    value.client.calls++;
    assert.equal(value.client.calls, 1);
    assert.equal(protect(undefined, "clone"), undefined);
    assert.equal(protect(value, "share"), value);
  });

  it("clones errors with their class and stack, bytes with their kind, and a field called __proto__", () => {
    const failure = Object.assign(new RangeError("x"), { code: "E" });
    const copy = protect(failure, "freeze");
    assert.notEqual(copy, failure);
    assert.ok(copy instanceof RangeError);
    assert.deepEqual([copy.code, copy.stack], ["E", failure.stack]);
    assert.deepStrictEqual(protect(Buffer.from("ab"), "clone"), Buffer.from("ab"));
    const odd: unknown = JSON.parse('{"__proto__":[1]}');
    assert.deepStrictEqual(protect(odd, "clone"), odd);
  });
});
