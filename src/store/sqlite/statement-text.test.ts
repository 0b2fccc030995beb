import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseStatement, quoteIdentifier } from "./statement-text.ts";

describe("parseStatement", () => {
  it("finds the parameters in order, and puts places in their stead", () => {
    const { bySlot, slots, parameters } = parseStatement("select :b, :a_1 from t where x = :b and y=:C");
    assert.deepEqual(slots, ["b", "a_1", "b", "C"]);
    assert.deepEqual([...parameters], ["b", "a_1", "C"]);
    assert.equal(bySlot, "select ?, ? from t where x = ? and y=?");
  });

  it("hides the number of a limit from SQLite, which would compile the statement anew for it", () => {
    assert.equal(
      parseStatement("select 'limit' from t limit :n offset :m").bySlot,
      "select 'limit' from t limit ? + 0 offset ?",
    );
  });

  it("takes nothing for a parameter that stands in a text, a name, a comment or a cast", () => {
    const sql = `select ':a', 'it''s ?:b', ":c", \`:d\`, [:e], x::text -- :f $1
      /* :g
       ; */ from t where z = 'z'`;
    assert.deepEqual(parseStatement(sql).slots, []);
    assert.equal(parseStatement(sql).bySlot, sql);
  });

  it("refuses parameters of other kinds, which would stay empty", () => {
    for (const sql of ["select ?", "select ?1", "select @a", "select $a"]) {
      assert.throws(() => parseStatement(sql), { code: "INPUT_INVALID", message: /character 8/ });
    }
  });

  it("takes a semicolon at the end, in a text and in a comment", () => {
    const texts = [
      "select 1;",
      "select 1 ; \n",
      "select ';x'",
      "select 1 /* ; x */",
      "select 1 -- ; x",
      "select 1; -- x",
    ];
    for (const sql of texts) assert.equal(parseStatement(sql).bySlot, sql);
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
