import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import type { SqlValue } from "../store.ts";
import { createGroupWriter, type GroupWriter } from "./group.ts";
import { isFailure, type Job, type Outcome, type StatementCall } from "./protocol.ts";
import { parseStatement } from "./statement-text.ts";

const INSERT = "insert into t (id, body) values (:id, :body)";

function withDatabase(work: (params: { database: DatabaseSync; writer: GroupWriter; write: Write }) => void): void {
  const database = new DatabaseSync(":memory:");
  database.exec("create table t (id text primary key, body text)");
  const writer = createGroupWriter(database);
  let next = 1;
  function call([sql, ...values]: SqlCall): StatementCall {
    writer.learn({ statement: next, ...parseStatement(sql) });
    return [next++, 0, ...values];
  }
  const write: Write = (...statements) => statements.map(call);
  work({ database, writer, write });
  database.close();
}
type SqlCall = readonly [sql: string, ...values: SqlValue[]];
type Write = (...statements: readonly SqlCall[]) => Job;

const kindsOf = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => (outcome !== null && isFailure(outcome) ? outcome.code : "written"));
const count = (database: DatabaseSync) => database.prepare("select count(*) as n from t").get()?.["n"];

describe("a group of writes", () => {
  it("loses nothing but the jobs that do not fit when the disk is full", () => {
    withDatabase(({ database, writer, write }) => {
      assert.deepEqual(kindsOf(writer.execute([write([INSERT, "first", null])])), ["written"]);
      const pages = database.prepare("pragma page_count").get()?.["page_count"];
      database.exec(`pragma max_page_count = ${Number(pages)}`);
      const large = "x".repeat(100_000);
      const jobs = [
        write([INSERT, "a", null]),
        write([INSERT, "b", null], [INSERT, "large", large]),
        write([INSERT, "c", null]),
      ];
      const outcomes = writer.execute(jobs);
      assert.deepEqual(kindsOf(outcomes), ["written", "STORE_COMMIT_FAILED", "written"]);
      assert.match(outcomes[1] && isFailure(outcomes[1]) ? outcomes[1].message : "", /full/);
      assert.equal(count(database), 3);
      assert.equal(database.isTransaction, false);
    });
  });

  it("rejects all of it when nothing can be committed any more", () => {
    withDatabase(({ database, writer, write }) => {
      const jobs = ["a", "b", "c"].map((id) => write([INSERT, id, "x".repeat(100_000)]));
      database.exec("pragma max_page_count = 3");
      assert.deepEqual(
        kindsOf(writer.execute(jobs)),
        jobs.map(() => "STORE_COMMIT_FAILED"),
      );
      assert.equal(count(database), 0);
      database.exec("pragma max_page_count = 100000");
      assert.deepEqual(
        kindsOf(writer.execute(jobs)),
        jobs.map(() => "written"),
      );
    });
  });

  it("fails an insert of many rows as a whole when the disk is full, instead of blaming the rows", () => {
    withDatabase(({ database, writer }) => {
      const sql = "insert into t (id, body) values (?, ?)";
      writer.learn({ statement: 99, sql, bySlot: sql });
      database.exec("pragma max_page_count = 8");
      const rows = Array.from({ length: 20 }, (_, index) => [`${index}`, "x".repeat(4_000)]);
      assert.deepEqual(kindsOf(writer.execute([{ statement: 99, rows }])), ["STORE_COMMIT_FAILED"]);
      assert.equal(count(database), 0);
    });
  });

  it("goes on after a statement that ends the transaction of the others", () => {
    withDatabase(({ database, writer, write }) => {
      database.exec(
        "create trigger t_guard before insert on t when new.id = 'bad' begin select raise(rollback, 'no'); end",
      );
      const jobs = ["a", "bad", "c"].map((id) => write([INSERT, id, null]));
      assert.deepEqual(kindsOf(writer.execute(jobs)), ["written", "STORE_FAILED", "written"]);
      assert.equal(count(database), 2);
    });
  });

  it("undoes a statement that fails halfway, whatever its conflict clause says", () => {
    withDatabase(({ database, writer, write }) => {
      const half = 'insert or fail into t (id, body) select value, null from json_each(\'["x","y","a","z"]\')';
      const outcomes = writer.execute([write([INSERT, "a", null]), write([half]), write([INSERT, "b", null])]);
      assert.deepEqual(kindsOf(outcomes), ["written", "STORE_FAILED", "written"]);
      assert.equal(count(database), 2);
    });
  });

  it("says that no transaction could be begun while another connection holds the lock", () => {
    withDatabase(({ database, writer, write }) => {
      database.exec("begin");
      const outcomes = writer.execute([write([INSERT, "a", null]), write([INSERT, "b", null])]);
      assert.deepEqual(kindsOf(outcomes), ["STORE_FAILED", "STORE_FAILED"]);
      database.exec("rollback");
      assert.equal(count(database), 0);
    });
  });

  it("takes nothing of a lone statement that fails half-way, also when it was used before without one", () => {
    withDatabase(({ database, writer, write }) => {
      const half = write(["insert or fail into t (id) select value from json_each(:ids)", '["c"]']);
      assert.ok(half !== undefined && !("rows" in half) && half[0] !== undefined);
      const [statement, atLeast] = half[0];
      assert.deepEqual(kindsOf(writer.execute([half])), ["written"]);
      for (const ids of ['["d", "e", "d"]', '["f", "g", "f"]']) {
        const outcomes = writer.execute([
          write([INSERT, `before ${ids}`, null]),
          [[statement, atLeast, ids]],
          write([INSERT, `after ${ids}`, null]),
        ]);
        assert.deepEqual(kindsOf(outcomes), ["written", "STORE_FAILED", "written"]);
      }
      assert.equal(count(database), 5);
    });
  });
});
