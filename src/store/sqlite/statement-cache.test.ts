import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createStatementCache } from "./statement-cache.ts";

describe("statement cache", () => {
  it("makes each entry once, and gives up what was used longest ago", () => {
    const made: string[] = [];
    const gone: string[] = [];
    const cache = createStatementCache<string, string>({ limit: 2, onEvict: (value) => void gone.push(value) });
    const get = (key: string) =>
      cache.get(key, () => {
        made.push(key);
        return key.toUpperCase();
      });
    for (const key of ["a", "b", "a", "c", "a", "b"]) assert.equal(get(key), key.toUpperCase());
    assert.deepEqual(made, ["a", "b", "c", "b"]);
    assert.deepEqual(gone, ["B", "C"]);
  });

  it("keeps nothing of an entry that could not be made", () => {
    const cache = createStatementCache<string, string>();
    const fail = () => {
      throw new Error("no");
    };
    assert.throws(() => cache.get("a", fail));
    assert.equal(
      cache.get("a", () => "made"),
      "made",
    );
  });
});
