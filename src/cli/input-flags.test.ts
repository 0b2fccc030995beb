import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { isErrorCode } from "../core/errors.ts";
import { defineAutomation } from "../runs/automation.ts";
import { on } from "../runs/trigger.ts";
import { parseInputFlags, toInput } from "./input-flags.ts";

const cwd = "/somewhere";

describe("parseInputFlags", () => {
  it("takes words with dashes as fields in camel case", () => {
    const words = ["--max-items", "5", "--name=a=b", "--dry-run", "--no-mail", "--below", "-3"];
    assert.deepEqual(parseInputFlags(words), { maxItems: "5", name: "a=b", dryRun: true, mail: false, below: "-3" });
  });

  it("keeps a value for a flag that begins with no", () => {
    assert.deepEqual(parseInputFlags(["--no-go-area", "kitchen"]), { noGoArea: "kitchen" });
  });

  it("refuses a word that belongs to no flag", () => {
    for (const words of [["word"], ["--a", "1", "word"], ["-x"], ["--"]]) {
      assert.throws(
        () => parseInputFlags(words),
        (error) => isErrorCode(error, "INPUT_INVALID"),
      );
    }
  });
});

describe("toInput", () => {
  const schema = z.strictObject({
    title: z.string().optional(),
    size: z.number().optional(),
    file: z.string().optional(),
  });
  const typed = defineAutomation("typed", { on: [on.manual(schema, { paths: ["file"] })] }, async () => null);

  it("converts texts to numbers only where the schema wants numbers", async () => {
    assert.deepEqual(await toInput(typed, { input: undefined, fields: { size: "5" }, cwd }), { size: 5 });
    assert.deepEqual(await toInput(typed, { input: undefined, fields: { title: "5" }, cwd }), { title: "5" });
  });

  it("makes the paths absolute that the automation names, wherever they were given", async () => {
    assert.deepEqual(await toInput(typed, { input: { file: "a.csv" }, fields: {}, cwd }), { file: "/somewhere/a.csv" });
    assert.deepEqual(await toInput(typed, { input: undefined, fields: { file: "/b.csv" }, cwd }), { file: "/b.csv" });
  });

  it("lets flags win over fields of the input", async () => {
    assert.deepEqual(await toInput(typed, { input: { title: "a", size: 1 }, fields: { title: "b" }, cwd }), {
      title: "b",
      size: 1,
    });
  });

  it("hands on any JSON when there are no flags, and nothing when nothing was given", async () => {
    assert.deepEqual(await toInput(typed, { input: [1, 2], fields: {}, cwd }), [1, 2]);
    assert.equal(await toInput(typed, { input: undefined, fields: {}, cwd }), undefined);
    await assert.rejects(toInput(typed, { input: [1], fields: { a: "1" }, cwd }), (error) =>
      isErrorCode(error, "INPUT_INVALID"),
    );
  });
});
