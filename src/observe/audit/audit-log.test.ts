import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, it } from "node:test";
import { createLog } from "../../core/log.ts";
import { createManualClock } from "../../core/manual-clock.ts";
import { openPostgresStore } from "../../store/postgres/open.ts";
import { postgresForTests } from "../../store/postgres/test-server.ts";
import { type ContractTest, createContractTest, type OpenStore, rejected } from "../../store/contract/bench.ts";
import { openSqliteStore } from "../../store/sqlite/open.ts";
import type { Store } from "../../store/store.ts";
import type { AuditDraft, AuditEntry, AuditLog } from "../../core/audit.ts";
import type { ObserveDatabase } from "../database.ts";
import { openAnchorFile, parseAnchor, readAnchors } from "./anchor.ts";
import { openAuditLog } from "./audit-log.ts";
import { hashOf, type AuditRow, GENESIS } from "./entry.ts";
import { AUDIT_LISTS } from "./list-entries.ts";

const server = await postgresForTests(process.env);
const folder = mkdtempSync(join(tmpdir(), "millrace-audit-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const log = createLog({ level: "silent" });

function draftOf(index: number, changes: Partial<AuditDraft> = {}): AuditDraft {
  return { actor: "ann", action: "run.cancel", subject: `run:${index}`, data: { index }, ...changes };
}

function openLog({ db }: Pick<Store, "db">, clock = createManualClock(1_000)): AuditLog {
  return openAuditLog({ db, clock, log });
}

function auditContract(test: ContractTest): void {
  test("gives back what was recorded, newest first", async ({ store, clock }) => {
    const audit = openLog(store, clock);
    await audit.record(
      draftOf(1),
      draftOf(2, { data: { reason: "zu 'laut' 👩‍👩‍👧 \u0000\uD83D", isSure: true, at: null } }),
    );
    const { entries, total, next } = await audit.list();
    assert.deepEqual([total, next], [2, undefined]);
    assert.deepEqual(
      entries.map(({ seq, subject }) => [seq, subject]),
      [
        [2, "run:2"],
        [1, "run:1"],
      ],
    );
    assert.deepEqual(entries[0]?.data, { reason: "zu 'laut' 👩‍👩‍👧 \uFFFD\uFFFD", isSure: true, at: null });
    assert.equal((await audit.verify({ anchors: [] })).kind, "whole");
  });

  test("changes and deletes nothing, whoever asks", async ({ store, clock }) => {
    const audit = openLog(store, clock);
    await audit.record(draftOf(1), draftOf(2));
    for (const sql of [
      "update audit set actor = 'bob' where seq = 1",
      "update audit set actor = actor",
      "delete from audit where seq = 2",
      "delete from audit",
      "insert into audit (seq, at, actor, action, subject, data, hash) values (9, 1, 'a', 'b', 'c', '{}', 'd')",
      "insert into audit (seq, at, actor, action, subject, data, hash) values (1, 1, 'a', 'b', 'c', '{}', 'd')",
    ]) {
      await rejected(store.db.write([{ sql }]), "STORE_FAILED");
    }
    assert.equal((await audit.verify({ anchors: [await audit.head()] })).kind, "whole");
  });

  test("keeps one chain when several processes append at once", async ({ store, another, clock }) => {
    const logs = [store, await another(), await another()].map((each) => openLog(each, clock));
    await Promise.all(
      logs.map(async (audit, process) => {
        for (let index = 0; index < 15; index++) await audit.record(draftOf(index, { actor: `process ${process}` }));
      }),
    );
    const [first] = logs;
    assert.ok(first);
    const verdict = await first.verify({ anchors: [] });
    assert.deepEqual([verdict.kind, verdict.head.seq], ["whole", 45]);
    for (const process of [0, 1, 2]) assert.equal((await first.list({ actor: `process ${process}` })).total, 15);
  });

  test("commits a change and the record of it together, or neither", async ({ store, another, clock }) => {
    const audit = openLog(store, clock);
    const rival = openLog(await another(), clock);
    await store.db.write([
      { sql: "create table notes (id text primary key, state text not null)" },
      { sql: "insert into notes (id, state) values ('a', 'draft')" },
    ]);
    const decide = (state: string) =>
      audit.beside([draftOf(1, { action: `note.${state}` })], (beside) =>
        store.db.write([
          {
            sql: "update notes set state = :state where id = 'a' and state = 'draft'",
            params: { state },
            atLeast: 1,
          },
          ...beside,
        ]),
      );
    // This log does not know of the rival's entry yet: it links anew and makes the change again.
    await audit.record(draftOf(0));
    await rival.record(draftOf(0));
    assert.ok(await decide("approved"));
    assert.equal(await decide("rejected"), undefined);
    await rejected(
      audit.beside([draftOf(2)], (beside) => store.db.write([{ sql: "insert into nowhere values (1)" }, ...beside])),
      "STORE_FAILED",
    );
    assert.deepEqual(await store.db.get("select state from notes"), { state: "approved" });
    const { entries } = await audit.list();
    assert.deepEqual(
      entries.map(({ action }) => action),
      ["note.approved", "run.cancel", "run.cancel"],
    );
    assert.equal((await audit.verify({ anchors: [] })).kind, "whole");
  });

  test("moves old entries to a file, and is whole with it and without", async ({ store, clock, another }) => {
    const audit = openLog(store, clock);
    const rival = openLog(await another(), clock);
    const heads = [];
    for (let index = 1; index <= 6; index++) {
      if (index === 4) clock.jump(1_000);
      await audit.record(draftOf(index));
      heads.push(await audit.head());
    }
    const [first, second] = [join(folder, `first-${files++}.ndjson`), join(folder, `second-${files++}.ndjson`)];
    const asked = { actor: "ann", anchors: heads };
    assert.equal(await audit.archive({ ...asked, before: clock.now() - 1_000, path: first }), undefined);
    const archive = await audit.archive({ ...asked, before: clock.now(), path: first });
    assert.deepEqual([archive?.from, archive?.last], [1, heads[2]]);
    assert.equal(
      archive?.digest,
      createHash("sha256")
        .update(await readFile(first))
        .digest("hex"),
    );
    await rejected(audit.archive({ ...asked, before: clock.now() + 1, path: first }), "INPUT_INVALID");
    await rival.record(draftOf(8));
    await audit.record(draftOf(9));
    assert.deepEqual(
      (await audit.list()).entries.map(({ seq }) => seq),
      [9, 8, 7, 6, 5, 4],
    );
    const [entry] = (await audit.list({ action: "audit.archive" })).entries;
    assert.deepEqual([entry?.actor, entry?.subject, entry?.data["hash"]], ["ann", "audit:3", heads[2]?.hash]);

    const all = { kind: "whole", head: await audit.head() };
    assert.deepEqual(await audit.verify({ anchors: heads }), { ...all, anchors: 3, first: 4 });
    assert.deepEqual(await rival.verify({ anchors: heads, archives: [first] }), { ...all, anchors: 6, first: 1 });
    // Nothing but what was archived may go.
    for (const sql of ["delete from audit where seq = 4", "delete from audit", "update audit set actor = actor"])
      await rejected(store.db.write([{ sql }]), "STORE_FAILED");

    const again = await rival.archive({ ...asked, before: clock.now() + 1, path: second });
    assert.deepEqual([again?.from, again?.last.seq], [4, 9]);
    const archives = [first, second];
    assert.deepEqual(
      (await audit.list()).entries.map(({ action }) => action),
      ["audit.archive"],
    );
    assert.deepEqual((await audit.verify({ anchors: heads })).kind, "whole");
    const whole = await audit.verify({ anchors: heads, archives });
    assert.deepEqual([whole.kind, whole.head.seq], ["whole", 10]);
    assert.equal((await audit.verify({ anchors: [], archives: [second] })).kind, "missing");
    const rebuilt = await collect(audit.entries({ archives }));
    assert.deepEqual(
      rebuilt.map(({ subject }) => subject).slice(0, 7),
      [1, 2, 3, 4, 5, 6].map((n) => `run:${n}`).concat("audit:3"),
    );
    assert.deepEqual(
      rebuilt.map(({ seq }) => seq),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
    await rejected(collect(audit.entries()), "INPUT_INVALID");
    assert.deepEqual((await collect(audit.entries({ after: 9 }))).length, 1);

    await writeFile(first, (await readFile(first, "utf8")).replace("run:2", "run:7"));
    const changed = await audit.verify({ anchors: [], archives });
    assert.deepEqual([changed.kind, "seq" in changed && changed.seq], ["changed", 2]);
  });

  test("archives entries once when two processes do at once", async ({ store, another, clock }) => {
    const logs = [openLog(store, clock), openLog(await another(), clock)];
    await logs[0]?.record(...Array.from({ length: 20 }, (_, index) => draftOf(index)));
    clock.jump(1_000);
    const paths = logs.map(() => join(folder, `race-${files++}.ndjson`));
    const outcomes = await Promise.allSettled(
      logs.map((audit, index) =>
        audit.archive({ actor: "ann", anchors: [], before: clock.now(), path: paths[index] ?? "" }),
      ),
    );
    const won = outcomes.findIndex((outcome) => outcome.status === "fulfilled" && outcome.value !== undefined);
    const path = paths[won];
    assert.ok(path !== undefined);
    const [log] = logs;
    assert.equal((await log?.verify({ anchors: [], archives: [path] }))?.kind, "whole");
    assert.equal((await log?.list({ action: "audit.archive" }))?.total, 1);
  });

  test("lists by who, what and when, in pages that nothing new shifts", async ({ store, clock }) => {
    const audit = openLog(store, clock);
    for (let index = 1; index <= 7; index++) {
      await audit.record(draftOf(index, { actor: index % 2 === 0 ? "bob" : "ann" }));
      if (index % 3 === 0) clock.jump(1_000);
    }
    const from = clock.now() - 2_000;
    const subjects = async (filter: Parameters<AuditLog["list"]>[0]) =>
      (await audit.list(filter)).entries.map(({ subject }) => subject);
    assert.deepEqual(await subjects({ actor: "bob" }), ["run:6", "run:4", "run:2"]);
    assert.deepEqual(await subjects({ actor: "bob", action: "run.cancel", from: from + 1_000 }), ["run:6", "run:4"]);
    assert.deepEqual(await subjects({ action: "run.retry" }), []);
    assert.deepEqual(await subjects({ to: from + 1_000 }), ["run:3", "run:2", "run:1"]);
    const first = await audit.list({}, { limit: 3 });
    await audit.record(draftOf(8));
    assert.ok(first.next);
    const second = await audit.list({}, { limit: 3, before: first.next });
    assert.deepEqual(
      second.entries.map(({ seq }) => seq),
      [4, 3, 2],
    );
    assert.equal(second.total, 8);
  });
}

const openSqlite: OpenStore = ({ place, clock }) => openSqliteStore({ directory: join(folder, place), clock });
describe("audit log on SQLite", () => auditContract(createContractTest(openSqlite)));

if (typeof server === "string") {
  describe("audit log on Postgres", () => it("keeps its promises", { skip: server }, () => undefined));
} else {
  after(() => server.close());
  const open: OpenStore = async ({ place, clock }) =>
    openPostgresStore({ url: await server.emptied(place), clock, min: 0, max: 8 });
  describe("audit log on Postgres", () => auditContract(createContractTest(open)));
}

/** A log of ten entries in a file that an intruder may write to, with the heads of rows 4 and 10. */
async function withIntruder(
  meddle: (database: DatabaseSync) => void,
): Promise<{ readonly kind: string; readonly seq?: number }> {
  const directory = mkdtempSync(join(folder, "intruder-"));
  const store = await openSqliteStore({ directory, clock: createManualClock(1_000) });
  const audit = openLog(store);
  const heads = [];
  for (let index = 1; index <= 10; index++) {
    await audit.record(draftOf(index));
    heads.push(await audit.head());
  }
  await store.close();
  const database = new DatabaseSync(join(directory, "millrace.db"));
  for (const name of ["audit_keeps_rows", "audit_loses_none", "audit_has_no_gaps"])
    database.exec(`drop trigger ${name}`);
  meddle(database);
  database.close();
  const again = await openSqliteStore({ directory, clock: createManualClock(2_000) });
  try {
    return await openLog(again).verify({ anchors: heads.filter(({ seq }) => seq === 4 || seq === 10) });
  } finally {
    await again.close();
  }
}

function rowsOf(database: DatabaseSync): AuditRow[] {
  return database.prepare("select * from audit order by seq").all() as unknown as AuditRow[];
}

async function collect(entries: AsyncIterable<AuditEntry>): Promise<readonly AuditEntry[]> {
  const all: AuditEntry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

describe("millrace audit archive", () => {
  it("moves nothing out of a log that is not whole, and makes no file", async () => {
    const directory = mkdtempSync(join(folder, "broken-"));
    const store = await openSqliteStore({ directory, clock: createManualClock(1_000) });
    await openLog(store).record(draftOf(1), draftOf(2), draftOf(3));
    await store.close();
    const database = new DatabaseSync(join(directory, "millrace.db"));
    database.exec("drop trigger audit_keeps_rows; update audit set actor = 'bob' where seq = 3");
    database.close();
    const again = await openSqliteStore({ directory, clock: createManualClock(9_000) });
    const path = join(directory, "old.ndjson");
    await rejected(openLog(again).archive({ actor: "ann", before: 5_000, path, anchors: [] }), "DATA_UNUSABLE");
    assert.equal((await openLog(again).list()).total, 3);
    await again.close();
    assert.equal(existsSync(path), false);
  });
});

describe("millrace audit verify", () => {
  it("finds a row that was changed by a byte", async () => {
    const verdict = await withIntruder((database) =>
      database.exec(`update audit set data = replace(data, '5', '6') where seq = 5`),
    );
    assert.deepEqual([verdict.kind, verdict.seq], ["changed", 5]);
  });

  it("finds a row that is gone", async () => {
    const verdict = await withIntruder((database) => database.exec("delete from audit where seq in (6, 7)"));
    assert.deepEqual([verdict.kind, verdict.seq], ["missing", 6]);
  });

  it("finds two rows that were swapped", async () => {
    const verdict = await withIntruder((database) =>
      database.exec(
        "update audit set seq = -3 where seq = 3; update audit set seq = 3 where seq = 8; update audit set seq = 8 where seq = -3",
      ),
    );
    assert.deepEqual([verdict.kind, verdict.seq], ["reordered", 3]);
  });

  it("finds that the end was cut off, as by an old backup", async () => {
    const verdict = await withIntruder((database) => database.exec("delete from audit where seq > 8"));
    assert.deepEqual([verdict.kind, verdict.seq], ["cut", 9]);
  });

  it("finds a log that was rewritten as a whole", async () => {
    const verdict = await withIntruder((database) => {
      let previous = GENESIS.hash;
      for (const row of rowsOf(database)) {
        const forged = { ...row, actor: "nobody" };
        previous = hashOf(previous, forged);
        database.prepare("update audit set actor = ?, hash = ? where seq = ?").run(forged.actor, previous, row.seq);
      }
    });
    assert.deepEqual([verdict.kind, verdict.seq], ["rewritten", 4]);
  });

  it("agrees with a checker of another language", { skip: hasPython() ? false : "there is no python3" }, async () => {
    await using ground = await openGround();
    const { audit, store } = ground;
    await audit.record(
      draftOf(1),
      draftOf(2, { subject: 'Zoë \u2028 "quoted" 👩‍👩‍👧', data: { b: 1, a: "\\ \n \u007f é" } }),
    );
    const rows = await store.db.all("select * from audit order by seq");
    const { stdout, stderr } = spawnSync("python3", ["-c", PYTHON], { input: JSON.stringify(rows), encoding: "utf8" });
    assert.equal(stdout.trim(), (await audit.head()).hash, stderr);
  });
});

/** Written from the page on the format, not from our code. */
const PYTHON = `
import hashlib, json, sys
head = "0" * 64
for row in json.load(sys.stdin):
    stored = row.pop("hash")
    text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    head = hashlib.sha256((head + text).encode("utf-8")).hexdigest()
    assert head == stored, row
print(head)
`;

function hasPython(): boolean {
  return spawnSync("python3", ["--version"]).status === 0;
}

async function openGround() {
  const clock = createManualClock(1_000);
  const store = await openSqliteStore({ directory: mkdtempSync(join(folder, "ground-")), clock });
  const path = join(mkdtempSync(join(folder, "anchor-")), "heads", "audit-heads.ndjson");
  const anchor = openAnchorFile({ path, clock, log });
  const audit = openAuditLog({ db: store.db, clock, log, anchor });
  return { clock, store, audit, path, [Symbol.asyncDispose]: () => store.close() };
}

describe("openAuditLog", () => {
  it("writes notes within a second, a hundred in a transaction", async () => {
    await using ground = await openGround();
    const sizes: number[] = [];
    const { db: stored } = ground.store;
    const db: ObserveDatabase = {
      ...stored,
      write(statements) {
        sizes.push(statements.length);
        return stored.write(statements);
      },
    };
    const audit = openAuditLog({ db, clock: ground.clock, log });
    for (let index = 0; index < 30; index++) audit.note(draftOf(index));
    assert.deepEqual(sizes, []);
    await ground.clock.advance(1_000);
    for (let index = 30; index < 255; index++) audit.note(draftOf(index));
    await audit.close();
    assert.deepEqual(sizes, [30, 100, 100, 25]);
    assert.equal((await ground.audit.head()).seq, 255);
  });

  it("tries notes again when the store was away, and records how many it could not hold", async () => {
    await using ground = await openGround();
    let isAway = true;
    const { db: stored } = ground.store;
    const db: ObserveDatabase = {
      ...stored,
      write: (statements) => (isAway ? Promise.reject(new Error("away")) : stored.write(statements)),
    };
    const audit = openAuditLog({ db, clock: ground.clock, log });
    for (let index = 0; index < 10_003; index++) audit.note(draftOf(index));
    await audit.flush();
    assert.equal((await ground.audit.head()).seq, 0);
    isAway = false;
    await audit.close();
    const { entries, total } = await ground.audit.list({ action: "audit.lost" });
    assert.deepEqual([total, entries[0]?.data], [1, { count: 3 }]);
    assert.equal((await ground.audit.list({ action: "run.cancel" })).total, 10_000);
  });

  it("keeps its head in a file outside, so that a cut is found at the next look", async () => {
    await using ground = await openGround();
    await ground.audit.record(draftOf(1));
    await ground.clock.advance(5_000);
    await ground.audit.record(draftOf(2));
    await ground.audit.close();
    const anchors = await readAnchors(ground.path);
    assert.deepEqual(anchors.at(-1), await ground.audit.head());
    assert.deepEqual(
      anchors.map(({ seq }) => seq),
      [1, 2],
    );
    await appendFile(ground.path, '{"seq":3,"ha');
    assert.equal((await readAnchors(ground.path)).length, 2);
    await writeFile(ground.path, `${await readFile(ground.path, "utf8")}\n`);
    await rejected(readAnchors(ground.path), "INPUT_INVALID");
    const { seq, hash } = await ground.audit.head();
    assert.deepEqual(parseAnchor(`${seq}:${hash}`, "--head"), { seq, hash });
    assert.deepEqual(await readAnchors(join(folder, "nothing")), []);
  });

  it("refuses data that cannot be hashed alike in every language, before anything is changed", async () => {
    await using ground = await openGround();
    for (const data of [{ share: 0.5 }, { Größe: 1 }, { "1": 1 }]) {
      await rejected(ground.audit.record(draftOf(1, { data })), "INPUT_INVALID");
    }
    assert.equal((await ground.audit.head()).seq, 0);
    await ground.audit.record(draftOf(1));
  });

  it("finds its lists by an index, without sorting", async () => {
    await using ground = await openGround();
    const index = { all: /audit_by_time/, actor: /audit_by_actor/, action: /audit_by_action/, both: /audit_by_a\w+/ };
    const all = { from: 0, to: 9, beforeAt: 9, beforeSeq: 0, limit: 50, actor: "a", action: "b" };
    for (const kind of ["all", "actor", "action", "both"] as const) {
      for (const sql of Object.values(AUDIT_LISTS[kind])) {
        const params = Object.fromEntries(Object.entries(all).filter(([name]) => sql.includes(`:${name}`)));
        const rows = await ground.store.db.all(`explain query plan ${sql}`, params);
        const plan = rows.map(({ detail }) => String(detail));
        assert.ok(
          plan.every((line) => line.startsWith("SEARCH audit USING") && index[kind].test(line)),
          plan.join("\n"),
        );
      }
    }
  });
});
