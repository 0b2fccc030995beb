import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { splitDelimited } from "./delimited.ts";

function quoted(field: string): string {
  return `"${field.replaceAll('"', '""')}"`;
}

describe("splitDelimited", () => {
  it("gives back the fields of a line, quoted or not", () => {
    const plain = fc.string().filter((field) => !/[",\n]/.test(field));
    const field = fc.oneof(
      plain.map((text) => ({ text, written: text })),
      fc.string().map((text) => ({ text, written: quoted(text) })),
    );
    fc.assert(
      fc.property(fc.array(field, { minLength: 1 }), (fields) => {
        const line = fields.map(({ written }) => written).join(",");
        assert.deepEqual(
          splitDelimited(line, ","),
          fields.map(({ text }) => text),
        );
      }),
    );
  });

  it("says so when a quote is not closed", () => {
    assert.equal(splitDelimited('a,"b', ","), undefined);
    assert.equal(splitDelimited('"', ","), undefined);
    assert.equal(splitDelimited('a,"b""', ","), undefined);
  });
});
