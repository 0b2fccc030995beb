import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { chmod, link, mkdir, readdir, readFile, rename, rm, stat, symlink, unlink, utimes } from "node:fs/promises";
import { describe, it } from "node:test";
import { systemClock } from "../../core/clock.ts";
import { until, withFolder } from "./test-folder.ts";

const NOBODY = 65_534;
/** Signs of the system, and no scan beside the first. */
const SIGNS = { debounce: "20ms", rescan: "1h", polling: false } as const;

describe("what is found by a scan", () => {
  it("starts a run for each file, with where it is and what it is", async () => {
    await withFolder(async ({ open, put, runs }) => {
      const path = await put("a/b/report.txt", "hello");
      const folder = open();
      await folder.reconcile();
      assert.deepEqual(runs, [
        {
          path,
          name: "report.txt",
          kind: "added",
          bytes: 5,
          hash: createHash("sha256").update("hello").digest("hex"),
          mtime: new Date(Math.floor((await stat(path)).mtimeMs)).toISOString(),
        },
      ]);
      await folder.reconcile();
      assert.equal(runs.length, 1, "a file that is as it was starts nothing");
    });
  });

  it("finds what changed while nothing ran: new, changed and removed files", async () => {
    await withFolder(async ({ open, put, path, news }) => {
      const kinds = ["added", "changed", "removed"] as const;
      await put("stays.txt", "1");
      await put("changes.txt", "1");
      await put("deep/goes.txt", "1");
      const before = open({ kinds });
      await before.reconcile();
      await before.close();
      news();
      await put("changes.txt", "2");
      await put("comes.txt", "1");
      await rm(path("deep"), { recursive: true });
      const after = open({ kinds });
      await after.reconcile();
      assert.deepEqual(news(), ["added comes.txt", "changed changes.txt", "removed deep/goes.txt"]);
      await after.reconcile();
      assert.deepEqual(news(), []);
    });
  });

  it("sees a change that keeps size and time", async () => {
    await withFolder(async ({ open, put, path, news }) => {
      await put("a.txt", "one");
      const folder = open();
      await folder.reconcile();
      const { atime, mtime } = await stat(path("a.txt"));
      await put("a.txt", "two");
      await utimes(path("a.txt"), atime, mtime);
      await folder.reconcile();
      assert.deepEqual(news(), ["added a.txt", "changed a.txt"]);
    });
  });

  it("starts nothing when a file is only touched, or its rights change", async () => {
    await withFolder(async ({ open, put, path, news }) => {
      await put("a.txt", "one");
      const folder = open();
      await folder.reconcile();
      news();
      await utimes(path("a.txt"), 1, 1);
      await chmod(path("a.txt"), 0o600);
      await folder.reconcile();
      await put("a.txt", "one");
      await folder.reconcile();
      assert.deepEqual(news(), []);
    });
  });

  it("takes a rename for a file that goes and one that comes", async () => {
    await withFolder(async ({ open, put, path, news }) => {
      await put("a.txt", "one");
      const folder = open({ kinds: ["added", "changed", "removed"] });
      await folder.reconcile();
      news();
      await rename(path("a.txt"), path("b.txt"));
      await folder.reconcile();
      assert.deepEqual(news(), ["added b.txt", "removed a.txt"]);
    });
  });

  it("takes an atomic save for one change, and the draft of it for nothing", async () => {
    await withFolder(async ({ open, put, path, news }) => {
      await put("a.txt", "one");
      const folder = open();
      await folder.reconcile();
      news();
      await put("a.txt.tmp", "two");
      await folder.reconcile();
      await rename(path("a.txt.tmp"), path("a.txt"));
      await folder.reconcile();
      assert.deepEqual(news(), ["changed a.txt"]);
    });
  });

  it("starts one run for a path and content, also when the file went and came again", async () => {
    await withFolder(async ({ open, put, path, news }) => {
      await put("a.txt", "one");
      await put("copy.txt", "one");
      const folder = open();
      await folder.reconcile();
      assert.deepEqual(news(), ["added a.txt", "added copy.txt"], "the same content at two paths is two files");
      await unlink(path("a.txt"));
      await folder.reconcile();
      await put("a.txt", "one");
      await folder.reconcile();
      assert.deepEqual(news(), []);
      await put("a.txt", "two");
      await folder.reconcile();
      assert.deepEqual(news(), ["changed a.txt"]);
    });
  });

  it("tells who is told of files that go of their coming back", async () => {
    await withFolder(async ({ open, put, path, news }) => {
      const folder = open({ kinds: ["added", "removed"] });
      for (const round of [1, 2]) {
        await put("a.txt", "one");
        await folder.reconcile();
        assert.deepEqual(news(), ["added a.txt"], `round ${round}`);
        await unlink(path("a.txt"));
        await folder.reconcile();
        assert.deepEqual(news(), ["removed a.txt"], `round ${round}`);
      }
    });
  });

  it("tells apart names that differ in case or in how their letters are composed", async () => {
    await withFolder(async ({ open, put, news }) => {
      const names = [
        "A.txt",
        "a.txt",
        "caf\u00E9.txt",
        "cafe\u0301.txt",
        "日本語 👩‍👩‍👧.txt",
        "new\nline.txt",
        "a'; drop.txt",
      ];
      for (const name of names) await put(name, "same");
      const folder = open();
      await folder.reconcile();
      assert.deepEqual(news(), names.map((name) => `added ${name}`).sort());
      await folder.reconcile();
      assert.deepEqual(news(), []);
    });
  });

  it("does not follow symbolic links, neither in circles nor out of the folder", async () => {
    await withFolder(async ({ open, put, path, root, news }) => {
      await put("deep/real.txt", "one");
      await symlink(root, path("deep/circle"));
      await symlink("/etc", path("outside"));
      await symlink("/etc/hostname", path("link.txt"));
      await symlink(path("nowhere"), path("broken.txt"));
      await link(path("deep/real.txt"), path("hard.txt"));
      await open().reconcile();
      assert.deepEqual(news(), ["added deep/real.txt", "added hard.txt"]);
    });
  });

  it("takes nothing but regular files", async () => {
    await withFolder(async ({ open, put, path, news }) => {
      execFileSync("/usr/bin/mkfifo", [path("pipe.txt")]);
      await mkdir(path("folder.txt"));
      await put("real.txt", "");
      await open().reconcile();
      assert.deepEqual(news(), ["added real.txt"]);
    });
  });

  it("passes over what editors and downloads leave, and what is to be ignored", async () => {
    await withFolder(async ({ open, put, news }) => {
      for (const name of ["a.txt~", "b.part", "c.crdownload", "node_modules/d.txt", ".git/e", "~$f.docx", ".hidden"]) {
        await put(name, name);
      }
      await put("out/g.txt", "1");
      await put("deep/out/h.txt", "1");
      await put("i.bak", "1");
      await put("j.txt", "1");
      await open({ ignore: ["out/**", "*.bak"] }).reconcile();
      assert.deepEqual(news(), ["added deep/out/h.txt", "added j.txt"]);
    });
  });

  it("skips what is there at its very first start if asked to, and nothing later", async () => {
    await withFolder(async ({ open, put, news }) => {
      await put("old.txt", "1");
      const options = { existing: "skip" } as const;
      const first = open(options);
      await first.start();
      await first.reconcile();
      await first.close();
      assert.deepEqual(news(), []);
      await put("new.txt", "1");
      await put("old.txt", "2");
      const second = open(options);
      await second.start();
      await second.reconcile();
      assert.deepEqual(news(), ["added new.txt", "changed old.txt"]);
    });
  });

  it("takes a folder that is away for away, not for emptied", async () => {
    await withFolder(async ({ open, put, root, news }) => {
      await put("a.txt", "1");
      const folder = open({ kinds: ["added", "removed"] });
      await folder.reconcile();
      news();
      await rename(root, `${root}-away`);
      await folder.reconcile();
      assert.deepEqual(news(), []);
      await rename(`${root}-away`, root);
      await folder.reconcile();
      assert.deepEqual(news(), []);
    });
  });
});

describe("files that cannot be read", () => {
  /** The superuser may read everything: for this he is nobody. */
  async function asNobody<T>(root: string, work: () => Promise<T>): Promise<T> {
    if (process.getuid?.() !== 0) return await work();
    await chmod(root, 0o755);
    process.seteuid?.(NOBODY);
    try {
      return await work();
    } finally {
      process.seteuid?.(0);
    }
  }

  it("says so once, goes on with the others, and takes them once they can be read", async () => {
    await withFolder(async ({ open, put, path, news, logged, root }) => {
      await put("closed.txt", "1");
      await put("shut/inner.txt", "1");
      await put("open.txt", "1");
      await chmod(path("closed.txt"), 0);
      await chmod(path("shut"), 0);
      const folder = open({ kinds: ["added", "removed"] });
      await asNobody(root, async () => {
        await folder.reconcile();
        await folder.reconcile();
      });
      assert.deepEqual(news(), ["added open.txt"]);
      assert.equal(logged.filter((line) => line.includes("closed.txt")).length, 1);
      assert.equal(logged.filter((line) => line.includes("shut")).length, 1);
      await chmod(path("closed.txt"), 0o644);
      await chmod(path("shut"), 0o755);
      await asNobody(root, () => folder.reconcile());
      assert.deepEqual(news(), ["added closed.txt", "added shut/inner.txt"]);
      await chmod(path("shut"), 0);
      await asNobody(root, () => folder.reconcile());
      assert.deepEqual(news(), [], "what cannot be seen has not gone");
      await chmod(path("shut"), 0o755);
    });
  });
});

describe("files that are being written", () => {
  it("waits until a file that grows has come to rest, and takes it whole", async () => {
    await withFolder(
      async ({ open, put, path, news, runs, clock }) => {
        await put("grows.txt", "0");
        const folder = open({ settle: "2s", polling: "1h" });
        await folder.reconcile();
        for (let second = 1; second <= 5; second++) {
          await clock.advance(1_000);
          appendFileSync(path("grows.txt"), String(second));
          await folder.reconcile();
          assert.deepEqual(news(), [], `after ${second} s`);
        }
        await clock.advance(1_000);
        await folder.reconcile();
        assert.deepEqual(news(), []);
        await clock.advance(1_000);
        await folder.reconcile();
        assert.deepEqual(news(), ["added grows.txt"]);
        assert.equal(runs[0]?.bytes, 6);
      },
      // Behind the machine's clock the times of files tell nothing: they have to be watched at rest.
      { aheadMs: -3_600_000 },
    );
  });

  it("takes a file that is old enough at once", async () => {
    await withFolder(async ({ open, put, news }) => {
      await put("old.txt", "1");
      await open({ settle: "10m" }).reconcile();
      assert.deepEqual(news(), ["added old.txt"]);
    });
  });

  it("slows a file down that changes again and again, and loses no last state of it", async () => {
    await withFolder(async ({ open, put, news, runs, clock, logged }) => {
      const folder = open();
      for (let round = 0; round < 20; round++) {
        await put("loop.txt", `round ${round}`);
        await folder.reconcile();
      }
      assert.equal(news().length, 10);
      assert.equal(logged.filter((line) => line.includes("slowed down")).length, 1);
      await clock.advance(60_000);
      await folder.reconcile();
      assert.deepEqual(news(), ["changed loop.txt"]);
      assert.equal(runs.at(-1)?.hash, createHash("sha256").update("round 19").digest("hex"));
    });
  });
});

describe("files that a run writes itself", () => {
  it("start nothing, until somebody else changes them", async () => {
    await withFolder(async ({ open, own, put, path, news, root }) => {
      await put("in.txt", "question");
      const folder = open({ kinds: ["added", "changed", "removed"] });
      await folder.reconcile();
      news();
      const written = await own().write(path("in.txt.answer"), "answer");
      assert.equal(written.hash, createHash("sha256").update("answer").digest("hex"));
      await own().write(path("in.txt"), "question, answered");
      await own().write(path("in.txt"), "question, answered again");
      await folder.reconcile();
      await folder.reconcile();
      assert.deepEqual(news(), []);
      await put("in.txt.answer", "corrected by hand");
      await folder.reconcile();
      assert.deepEqual(news(), ["changed in.txt.answer"]);
      assert.deepEqual((await readdir(root)).sort(), ["in.txt", "in.txt.answer"], "no draft is left");
    });
  });

  it("leave what was there when the writing fails", async () => {
    await withFolder(async ({ own, put, path, root }) => {
      await put("a.txt", "old");
      async function* breaks() {
        yield "half";
        throw new Error("the source broke");
      }
      await assert.rejects(own().write(path("a.txt"), breaks()), /the source broke/);
      assert.equal(await readFile(path("a.txt"), "utf8"), "old");
      assert.deepEqual(await readdir(root), ["a.txt"]);
    });
  });
});

describe("when the store does not answer", () => {
  it("tries the files again, and starts one run each", async () => {
    await withFolder(async ({ open, put, news, clock, runs }) => {
      let isBroken = true;
      let admitted: readonly string[] = [];
      for (let index = 0; index < 20; index++) await put(`${index}.txt`, "1");
      const folder = open(
        {},
        {
          async admit(files) {
            if (isBroken) throw new Error("the disk is full");
            admitted = [...admitted, ...files.map(({ data }) => data.name)];
          },
        },
      );
      await folder.reconcile();
      assert.deepEqual(admitted, []);
      isBroken = false;
      await clock.advance(5_000);
      await folder.reconcile();
      assert.equal(new Set(admitted).size, 20);
      assert.equal(admitted.length, 20);
      assert.deepEqual([news(), runs.length], [[], 0]);
    });
  });
});

describe("signs of the system", { timeout: 60_000 }, () => {
  it("start runs without a scan: new files, new folders, changes, removals", async () => {
    await withFolder(async ({ open, put, path, news, runs }) => {
      const folder = open({ ...SIGNS, kinds: ["added", "changed", "removed"] }, { clock: systemClock });
      await folder.start();
      await put("a.txt", "1");
      await put("new/folder/b.txt", "1");
      await until(() => runs.length === 2);
      await put("a.txt", "2");
      await until(() => runs.length === 3);
      await unlink(path("a.txt"));
      await until(() => runs.length === 4);
      assert.deepEqual(news(), ["added a.txt", "added new/folder/b.txt", "changed a.txt", "removed a.txt"]);
    });
  });

  it("are not trusted: files written while the loop stood still are all found, each once", async () => {
    await withFolder(async ({ open, path, runs }) => {
      const folder = open({ debounce: "20ms", rescan: "1h", polling: undefined as never }, { clock: systemClock });
      await folder.start();
      await folder.reconcile();
      const count = 1_000;
      mkdirSync(path("burst"));
      for (let index = 0; index < count; index++) writeFileSync(path(`burst/${index}.txt`), `content ${index}`);
      await until(() => runs.length >= count);
      await folder.reconcile();
      assert.equal(new Set(runs.map(({ path }) => path)).size, count);
      assert.equal(runs.length, count);
    });
  });

  it("that never come are made up for by a scan, after an error of the watch", async () => {
    await withFolder(async ({ open, put, runs }) => {
      let fail: ((error: unknown) => void) | undefined;
      const folder = open(SIGNS, {
        clock: systemClock,
        openWatch: async ({ onError }) => {
          fail = onError;
          return { close: async () => undefined };
        },
      });
      await folder.start();
      await folder.reconcile();
      await put("a.txt", "1");
      fail?.(new Error("too many files are watched"));
      await until(() => runs.length === 1);
    });
  });
});

describe("many files", () => {
  it("changed while nothing ran lead to one run each", async () => {
    await withFolder(async ({ open, path, runs }) => {
      const count = 600;
      mkdirSync(path("many"));
      const write = (round: number) => {
        for (let index = 0; index < count; index++) writeFileSync(path(`many/${index}.txt`), `${index} ${round}`);
      };
      write(1);
      const first = open();
      await first.reconcile();
      await first.close();
      assert.equal(runs.length, count);
      write(2);
      await open().reconcile();
      const changed = runs.slice(count);
      assert.equal(changed.length, count);
      assert.equal(new Set(changed.map((run) => run.path)).size, count);
      assert.ok(changed.every(({ kind }) => kind === "changed"));
    });
  });

  it("are admitted in batches, each of them stored before it is noted as done", async () => {
    await withFolder(async ({ open, path, journal }) => {
      mkdirSync(path("many"));
      for (let index = 0; index < 1_200; index++) writeFileSync(path(`many/${index}.txt`), String(index));
      const sizes: number[] = [];
      const noted: number[] = [];
      const folder = open(
        {},
        {
          async admit(files) {
            sizes.push(files.length);
            noted.push((await journal.inFolder(path("many"))).size);
          },
        },
      );
      await folder.reconcile();
      assert.deepEqual(sizes, [500, 500, 200]);
      assert.deepEqual(noted, [0, 500, 1_000]);
    });
  });
});

describe("closing", () => {
  it("while the watch is still being opened leaves nothing behind", async () => {
    await withFolder(async ({ open, put, runs }) => {
      const opening = Promise.withResolvers<void>();
      let closed = 0;
      const folder = open(SIGNS, {
        openWatch: async () => {
          await opening.promise;
          return { close: async () => void (closed += 1) };
        },
      });
      await put("a.txt", "1");
      const started = folder.start();
      await folder.close();
      opening.resolve();
      await started;
      assert.equal(closed, 1);
      assert.equal(runs.length, 0);
    });
  });
});
