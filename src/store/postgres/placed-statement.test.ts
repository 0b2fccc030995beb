import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createPlacing } from "./placed-statement.ts";

describe("place", () => {
  it("gives each parameter the type of its value, and one place to one name", () => {
    const placing = createPlacing();
    const sql = "select :a, :b where c = :a and d = :e and f = :g";
    const { text, values } = placing.place(sql, { a: "x", b: 7, e: 0.5, g: new Uint8Array([1]) });
    assert.equal(text, "select $1::text, $2::bigint where c = $1::text and d = $3::double precision and f = $4::bytea");
    assert.deepEqual(values, ["x", 7, 0.5, Buffer.from([1])]);
  });

  it("writes NULL into the text, whose type depends on its place", () => {
    const placing = createPlacing();
    const { text, values } = placing.place("select 1 where :m is null or m = :m", { m: null });
    assert.deepEqual([text, values], ["select 1 where null is null or m = null", []]);
  });

  it("prepares a text under one name, and not without end", () => {
    const placing = createPlacing();
    const name = placing.place("select :a", { a: 1 }).name;
    assert.equal(placing.place("select :a", { a: 2 }).name, name);
    assert.notEqual(placing.place("select :a", { a: "2" }).name, name);
    for (let index = 0; index < 600; index++) placing.place(`select :a, ${index}`, { a: 1 });
    assert.equal(placing.place("select :a, 'last'", { a: 1 }).name, undefined);
  });
});
