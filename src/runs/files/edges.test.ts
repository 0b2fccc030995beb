import assert from "node:assert/strict";
import { chmod, link, mkdir, rename, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { LATER_MS, until, withFolder } from "./test-folder.ts";

/** Signs of the system, and no scan beside the first. */
const SIGNS = { debounce: "20ms", rescan: "1h", polling: false } as const;

describe("names and links", () => {
  it("with line ends, quotes and emoji start a run each", async () => {
    await withFolder(async ({ open, put, news }) => {
      const names = ["line\nend.txt", "tab\t.txt", 'quote\'s "one".txt', "😀.txt", " .txt", "percent%20.txt"];
      for (const name of names) await put(name, name);
      await open().reconcile();
      assert.deepEqual(
        news(),
        names.map((name) => `added ${name}`).sort((a, b) => (a < b ? -1 : 1)),
      );
    });
  });

  it("that are no text are told in the log, and hold up nothing", async (context) => {
    await withFolder(async ({ open, put, root, news, logged }) => {
      const name = Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.from([0xff, 0xfe]), Buffer.from(".txt")]);
      try {
        await writeFile(name, "x");
      } catch {
        context.skip("this file system takes no such name");
        return;
      }
      await put("good.txt", "x");
      const folder = open();
      await folder.reconcile();
      await folder.reconcile();
      assert.deepEqual(news(), ["added good.txt"]);
      assert.equal(logged.filter((line) => line.includes("bad-")).length, 1, logged.join("\n"));
      await unlink(name);
    });
  });

  it("that are hard links to one file are files of their own", async () => {
    await withFolder(async ({ open, put, path, news }) => {
      const first = await put("one.txt", "same");
      await link(first, path("two.txt"));
      const folder = open();
      await folder.reconcile();
      assert.deepEqual(news(), ["added one.txt", "added two.txt"]);
      await unlink(first);
      await folder.reconcile();
      assert.deepEqual(news(), []);
    });
  });

  it("that change in their case alone are one gone and one added", async () => {
    await withFolder(async ({ open, put, path, news }) => {
      await put("Report.txt", "r");
      const folder = open({ kinds: ["added", "removed"] });
      await folder.reconcile();
      news();
      await rename(path("Report.txt"), path("report.txt"));
      await folder.reconcile();
      assert.deepEqual(news(), ["added report.txt", "removed Report.txt"]);
    });
  });
});

describe("files that are hardly there", () => {
  it("and vanish between the sign and the look start nothing, and the others do", async () => {
    await withFolder(
      async ({ open, put, news, clock }) => {
        const folder = open(SIGNS);
        await folder.start();
        for (let n = 0; n < 40; n++) {
          const path = await put(`gone-${n}.txt`, String(n));
          await unlink(path);
        }
        await put("stays.txt", "s");
        const seen: string[] = [];
        await until(async () => {
          await clock.advance(100);
          seen.push(...news());
          return seen.length > 0;
        });
        await folder.reconcile();
        assert.deepEqual([...seen, ...news()], ["added stays.txt"]);
      },
      { aheadMs: LATER_MS },
    );
  });

  it("a folder that is removed and comes back is watched as before", async () => {
    await withFolder(async ({ open, put, root, news, clock }) => {
      const inbox = join(root, "inbox");
      await put("inbox/one.txt", "1");
      const folder = open({ ...SIGNS, glob: `${inbox}/**/*.txt` });
      await folder.start();
      const hears = async (wanted: string): Promise<void> => {
        const seen: string[] = [];
        await until(async () => {
          await clock.advance(5_000);
          seen.push(...news());
          return seen.includes(wanted);
        });
        assert.deepEqual(seen, [wanted]);
      };
      await hears("added inbox/one.txt");
      await rm(inbox, { recursive: true });
      await clock.advance(60_000);
      await mkdir(inbox);
      await put("inbox/two.txt", "2");
      await hears("added inbox/two.txt");
      await put("inbox/three.txt", "3");
      await hears("added inbox/three.txt");
    });
  });

  it("a glob that matches nothing, also below a folder that there is not, is quiet", async () => {
    await withFolder(async ({ open, root, put, news, logged }) => {
      await put("a.txt", "a");
      for (const glob of [`${root}/**/*.pdf`, `${root}/not/there/*.txt`]) await open({ glob }).reconcile();
      assert.deepEqual([news(), logged], [[], []]);
    });
  });

  it("a folder whose permission is lost keeps what is known of it, and goes on when it is back", async (context) => {
    if (process.getuid?.() === 0) {
      context.skip("nothing is forbidden to root");
      return;
    }
    await withFolder(async ({ open, put, path, news }) => {
      await put("locked/a.txt", "a");
      const folder = open({ kinds: ["added", "changed", "removed"] });
      await folder.reconcile();
      news();
      await chmod(path("locked"), 0o000);
      await folder.reconcile();
      assert.deepEqual(news(), []);
      await chmod(path("locked"), 0o700);
      await put("locked/b.txt", "b");
      await folder.reconcile();
      assert.deepEqual(news(), ["added locked/b.txt"]);
    });
  });

  it("2,000 that are deleted at once are 2,000 removals, each once", async () => {
    await withFolder(async ({ store, journal, open, root, news }) => {
      const folder = open({ kinds: ["removed"], existing: "skip" });
      await folder.reconcile();
      await store.db.insertMany({
        into: "file_journal",
        columns: ["automation", "folder", "name", "stat", "hash", "bytes", "mtime"],
        rows: Array.from({ length: 2_000 }, (_, n) => [
          "job",
          root,
          `${n}.txt`,
          "1 1",
          `h${n}`,
          1,
          "2026-01-01T00:00:00.000Z",
        ]),
      });
      assert.equal((await journal.inFolder(root)).size, 2_000);
      await folder.reconcile();
      await folder.reconcile();
      assert.equal(new Set(news()).size, 2_000);
    });
  });
});
