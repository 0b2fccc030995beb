import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isErrorCode } from "millrace";
import { parseCursor, toCursor } from "./cursor.ts";

function isRefused(list: string, cursor: string): boolean {
  try {
    parseCursor(list, cursor, ["number", "string"]);
    return false;
  } catch (error) {
    return isErrorCode(error, "CURSOR_INVALID");
  }
}

describe("a cursor", () => {
  it("gives its key back exactly", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
        fc.string(),
        (list, number, id) => {
          assert.deepEqual(parseCursor(list, toCursor(list, [number, id]), ["number", "string"]), [number, id]);
        },
      ),
    );
  });

  it("is refused when it belongs to another list, has another key, or is no cursor at all", () => {
    assert.ok(isRefused("patterns", toCursor("suggestions", [1, "a"])));
    assert.ok(isRefused("patterns", toCursor("patterns", ["1", "a"])));
    assert.ok(isRefused("patterns", toCursor("patterns", [1])));
    fc.assert(fc.property(fc.string(), (text) => assert.ok(isRefused("patterns", text))));
  });
});
