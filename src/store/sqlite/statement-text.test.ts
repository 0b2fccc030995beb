import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseStatement, quoteIdentifier } from "./statement-text.ts";

describe("parseStatement", () => {
  it("finds each parameter once, in order", () => {
    const { parameters } = parseStatement("select :b, :a_1 from t where x = :b and y=:C");
    assert.deepEqual(parameters, ["b", "a_1", "C"]);
  });

  it("takes nothing for a parameter that stands in a text, a name, a comment or a cast", () => {
    const sql = `select ':a', 'it''s :b', ":c", \`:d\`, [:e], x::text -- :f
      /* :g
       ; */ from t where z = :h`;
    assert.deepEqual(parseStatement(sql).parameters, ["h"]);
  });

  it("takes a semicolon at the end, in a text and in a comment", () => {
    for (const sql of ["select 1;", "select 1 ; \n", "select ';x'", "select 1 /* ; x */", "select 1 -- ; x"]) {
      assert.equal(parseStatement(sql).sql, sql);
    }
  });

  it("refuses a second statement and tells where it begins", () => {
    assert.throws(() => parseStatement("select 1; select 2"), { code: "INPUT_INVALID", message: /character 8/ });
  });

  it("refuses statements that handle transactions or settings, whatever stands before them", () => {
    for (const sql of ["BEGIN", "-- x\ncommit", "/* x */ savepoint a", "\n release a", "pragma foreign_keys = off"]) {
      assert.throws(() => parseStatement(sql), { code: "INPUT_INVALID" });
    }
    assert.ok(parseStatement("select beginning from t"));
  });
});

describe("quoteIdentifier", () => {
  it("quotes what can be a name, and refuses the rest", () => {
    assert.equal(quoteIdentifier("home_events2"), '"home_events2"');
    for (const name of ["", "1a", "a-b", 'a"b', "a b", "ä", "a".repeat(64)]) {
      assert.throws(() => quoteIdentifier(name), { code: "INPUT_INVALID" });
    }
  });
});
