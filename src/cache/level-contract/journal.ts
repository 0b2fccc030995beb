import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Invalidation, Journal, JournalRecord } from "../contract.ts";

/** Opens journals that share what is stored, as processes do; `another` opens one more. A journal of one process gives itself. */
export type OpenJournals = () => Promise<{
  readonly journal: Journal;
  readonly another: () => Promise<Journal>;
  readonly close: () => Promise<void>;
}>;

export const evictKey = (key: string): Invalidation => ({ mode: "evict", scope: { kind: "key", key } });
export const expireTag = (tag: string): Invalidation => ({ mode: "expire", scope: { kind: "tag", tag } });
export const evictTag = (tag: string): Invalidation => ({ mode: "evict", scope: { kind: "tag", tag } });
export const evictPattern = (pattern: string): Invalidation => ({ mode: "evict", scope: { kind: "pattern", pattern } });

/** Declares the tests that every journal must pass, under `node:test`. */
export function runJournalContract(name: string, open: OpenJournals): void {
  function test(title: string, work: (journal: Journal, another: () => Promise<Journal>) => Promise<void>): void {
    it(title, async () => {
      const { journal, another, close } = await open();
      try {
        await work(journal, another);
      } finally {
        await close();
      }
    });
  }

  describe(`${name}: the journal of invalidations`, () => {
    test("puts invalidations in one order", async (journal) => {
      const start = journal.position();
      const records = recordsOf(journal);
      await journal.append([evictKey("a"), evictPattern("b:**"), evictKey("line\nbreak and space")]);
      await journal.append([evictKey("c")]);
      assert.deepEqual(records.map(textOf), ["a", "b:**", "line\nbreak and space", "c"]);
      assert.deepEqual(
        records.map(({ position }) => position).toSorted((a, b) => a - b),
        records.map(({ position }) => position),
      );
      assert.ok(records.every(({ position }) => position > start && position <= journal.position()));
    });

    test("knows the last position of a key, itself or by a pattern, for each mode", async (journal) => {
      const start = journal.position();
      await journal.append([evictKey("user:1"), { mode: "expire", scope: { kind: "pattern", pattern: "user:**" } }]);
      const [own, byPattern] = [journal.keyPosition("user:1", "evict"), journal.keyPosition("user:1", "expire")];
      assert.ok(own > start && byPattern > own && byPattern <= journal.position());
      assert.equal(journal.keyPosition("user", "expire"), byPattern);
      assert.equal(journal.keyPosition("user:2", "evict"), 0);
      assert.equal(journal.keyPosition("users", "expire"), 0);
      await journal.append([evictPattern("*:1")]);
      assert.equal(journal.keyPosition("user:1", "evict"), journal.position());
      assert.ok(journal.covers(start));
    });

    test("knows the last position of a tag, for each mode", async (journal) => {
      const start = journal.position();
      assert.equal(journal.tagPosition("t", "evict"), 0);
      await journal.append([expireTag("t")]);
      const expired = journal.tagPosition("t", "expire");
      assert.ok(expired > start);
      assert.equal(journal.tagPosition("t", "evict"), 0);
      await journal.append([evictTag("t"), expireTag("t")]);
      assert.ok(journal.tagPosition("t", "evict") > expired);
      assert.ok(journal.tagPosition("t", "expire") > journal.tagPosition("t", "evict"));
      assert.equal(journal.tagPosition("other", "evict"), 0);
      assert.equal(journal.keyPosition("t", "evict"), 0);
    });

    test("invalidates what depends on a tag, through links and around cycles", async (journal) => {
      await journal.link("page", ["list", "user"]);
      await journal.link("list", ["row"]);
      await journal.link("row", ["page"]);
      const start = journal.position();
      await journal.append([evictTag("row")]);
      for (const tag of ["row", "list", "page"]) assert.ok(journal.tagPosition(tag, "evict") > start, tag);
      assert.equal(journal.tagPosition("user", "evict"), 0);
    });

    test("reaches other processes, links included", async (journal, another) => {
      const other = await another();
      await other.link("page", ["row"]);
      const start = journal.position();
      await other.append([evictTag("row"), evictKey("k")]);
      await journal.sync();
      assert.ok(journal.tagPosition("page", "evict") > start);
      assert.equal(journal.keyPosition("k", "evict"), other.keyPosition("k", "evict"));
      assert.equal(journal.position(), other.position());
    });

    test("gives a process that comes later what went before", async (journal, another) => {
      const start = journal.position();
      await journal.append([evictTag("t"), evictKey("k")]);
      const later = await another();
      assert.ok(later.tagPosition("t", "evict") > start);
      assert.ok(later.keyPosition("k", "evict") > start);
    });

    test("tells those who listen, own records and others', once the mirror has them", async (journal, another) => {
      const other = await another();
      const heard: string[] = [];
      const stop = journal.subscribe((change) => {
        assert.equal(change.kind, "records");
        if (change.kind !== "records") return;
        for (const record of change.records) {
          assert.ok(journal.position() >= record.position);
          heard.push(textOf(record));
        }
      });
      await journal.append([evictKey("own")]);
      await other.append([evictTag("others")]);
      await journal.sync();
      assert.deepEqual(heard, ["own", "others"]);
      stop();
      await journal.append([evictKey("unheard")]);
      assert.deepEqual(heard, ["own", "others"]);
    });

    test("keeps the order of many appends at once, and loses none", async (journal, another) => {
      const other = await another();
      const [mine, theirs] = [recordsOf(journal), recordsOf(other)];
      const names = Array.from({ length: 100 }, (_, n) => `k${n}`);
      await Promise.all(names.flatMap((key) => [journal.append([evictKey(key)]), other.append([evictKey(`o${key}`)])]));
      await Promise.all([journal.sync(), other.sync()]);
      assert.deepEqual(
        mine.map(textOf).filter((text) => text.startsWith("k")),
        names,
      );
      assert.equal(journal === other ? 200 : theirs.length, 200);
      assert.deepEqual(theirs.map(textOf), mine.map(textOf));
    });

    test("refuses a text that no database gives back", async (journal) => {
      await assert.rejects(journal.append([evictKey("half \uD83D pair")]), { code: "INPUT_INVALID" });
      await assert.rejects(journal.link("a", ["\uDE00"]), { code: "INPUT_INVALID" });
      await journal.append([evictKey("fine")]);
    });

    test("gives up waiting when its caller does", async (journal) => {
      const gone = AbortSignal.abort(new Error("gone"));
      await assert.rejects(journal.sync(gone), /gone/);
      await journal.sync();
    });
  });
}

/** What it tells from now on. */
function recordsOf(journal: Journal): readonly JournalRecord[] {
  const records: JournalRecord[] = [];
  journal.subscribe((change) => void (change.kind === "records" && records.push(...change.records)));
  return records;
}

export function textOf({ scope }: JournalRecord): string {
  return scope.kind === "key" ? scope.key : scope.kind === "tag" ? scope.tag : scope.pattern;
}
