import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { isErrorCode } from "./errors.ts";
import { check, parse } from "./schema.ts";

const Settings = z.strictObject({ port: z.number().int(), homes: z.array(z.object({ "a/b": z.string() })) });

describe("parse", () => {
  it("gives the parsed value", async () => {
    assert.deepEqual(await parse(Settings, { port: 1, homes: [] }, { what: "the settings" }), { port: 1, homes: [] });
  });

  it("names every mistake by its JSON Pointer", async () => {
    const result = await check(Settings, { port: "x", homes: [{ "a/b": 1 }] });
    assert.deepEqual(result.ok ? [] : result.mistakes.map(({ pointer }) => pointer), ["/port", "/homes/0/a~1b"]);
  });

  it("throws one error that says what was wrong with what", async () => {
    await assert.rejects(
      parse(Settings, { port: 1 }, { what: "the settings", code: "CONFIG_INVALID" }),
      (error) => isErrorCode(error, "CONFIG_INVALID") && /the settings has mistakes: \/homes: /.test(error.message),
    );
  });
});
