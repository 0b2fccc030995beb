import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { parsePattern } from "../pattern.ts";
import { toKeySearch } from "./key-search.ts";
import { STATEMENTS } from "./level.ts";

const database = new DatabaseSync(":memory:");
database.exec(readFileSync(new URL("./migrations/0001-cache.sql", import.meta.url), "utf8"));

describe("the statements of the SQLite level", () => {
  for (const [name, sql] of Object.entries(STATEMENTS)) {
    it(`${name} reads no more than it needs`, () => {
      const plan = database.prepare(`explain query plan ${sql}`).all();
      const details = plan.map((row) => String(row["detail"]));
      assert.deepEqual(
        details.filter((detail) => detail.startsWith("SCAN") && !/USING|VIRTUAL TABLE|subquery/.test(detail)),
        [],
      );
    });
  }
});

describe("a search for keys", () => {
  const keys = [
    "",
    "user",
    "user:",
    "user:1",
    "user:1:x",
    "users",
    "user;",
    "us",
    "ué:1",
    "日本:x",
    "日本",
    "日朮",
    "x\u{10FFFF}",
    "x\u{10FFFF}y",
    "y",
  ];
  database.exec("create table texts (key text primary key)");
  for (const key of keys) database.prepare("insert into texts values (?)").run(key);
  const find = database.prepare("select key from texts where key = :exact or (key >= :lower and key < :upper)");

  for (const pattern of [
    "user",
    "user:**",
    "user:*",
    "us*",
    "**",
    "*",
    "日本:*",
    "日本*",
    "x\u{10FFFF}*",
    "**:x",
    ":**",
  ]) {
    it(`finds all that ${pattern} reaches`, () => {
      const { params, isComplete } = toKeySearch(pattern);
      const found = find.all(params).map((row) => String(row["key"]));
      const wanted = keys.filter((key) => parsePattern(pattern).matches(key));
      assert.deepEqual(
        new Set(found.filter((key) => isComplete || parsePattern(pattern).matches(key))),
        new Set(wanted),
      );
    });
  }
});
