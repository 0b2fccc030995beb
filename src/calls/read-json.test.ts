import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readJson } from "./read-json.ts";

describe("readJson", () => {
  it("reads any object back, bare, fenced, or with words around it", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const text = JSON.stringify(object);
        const value = JSON.parse(text) as unknown;
        for (const written of [
          text,
          `  ${text}\n`,
          `\`\`\`json\n${text}\n\`\`\``,
          `Here you are: ${text}\nAnything else?`,
        ]) {
          assert.deepEqual(readJson(written), { ok: true, value });
        }
      }),
    );
  });

  it("reads an indented object in a fence without a language", () => {
    assert.deepEqual(readJson('Sure.\n```\n{\n  "a": [1, 2]\n}\n```\nDone.'), { ok: true, value: { a: [1, 2] } });
  });

  it("finds the object among words that hold braces and quotation marks of their own", () => {
    for (const text of [
      '{"a": "}"} Hope {this} helps.',
      'For {light.hall}: {"a": "}"}',
      '<think>perhaps {a: 1}, it isn"t</think>\n{"a": "}"}',
      'The 5" one: {"a": "}"} and the 6" one.',
    ]) {
      assert.deepEqual(readJson(text), { ok: true, value: { a: "}" } }, text);
    }
  });

  it("completes nothing, and says what is wrong", () => {
    for (const text of ['{"a": 1', "no json here", "{'a': 1}"]) {
      const read = readJson(text);
      assert.ok(!read.ok);
      assert.match(read.mistake, /^the answer is not JSON: /);
    }
    assert.deepEqual(readJson("  "), { ok: false, mistake: "the answer is empty" });
  });
});
