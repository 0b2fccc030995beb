import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { systemRandom } from "millrace";
import { createCache, openFilesLevel, type OpenCache } from "millrace/cache";
import { createManualClock, type ManualClock } from "../../src/core/manual-clock.ts";

const PRLIMIT = "/usr/bin/prlimit";

interface Bench {
  readonly cache: OpenCache;
  readonly clock: ManualClock;
  /** Of the files level. */
  readonly directory: string;
  /** Beside it, with one file of somebody else. */
  readonly foreign: string;
}

/** A cache of files alone, without deadlines: how fast the disk is decides nothing here. */
async function open(t: TestContext, folder?: string): Promise<Bench> {
  const root = folder ?? (await mkdtemp(join(tmpdir(), "millrace-files-")));
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  const directory = join(root, "cache");
  const foreign = join(root, "foreign");
  await mkdir(foreign);
  await writeFile(join(foreign, "precious"), "somebody else's");
  const files = await openFilesLevel({ directory, clock, minBytes: 0 });
  const cache = createCache({ files, clock, random: systemRandom, defaults: { ttl: "1h", jitter: 0 } });
  t.after(async () => {
    await cache.close();
    if (folder === undefined) await rm(root, { recursive: true, force: true });
  });
  return { cache, clock, directory, foreign };
}

async function put(cache: OpenCache, key: string, value: unknown): Promise<void> {
  await cache.set(key, value);
  await cache.flush();
}

async function filesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

async function replace(path: string, make: () => unknown): Promise<void> {
  await rm(path);
  await make();
}

const DAMAGES: Readonly<Record<string, (path: string, foreign: string) => Promise<void>>> = {
  "cut short": (path) => truncate(path, 10),
  emptied: (path) => truncate(path, 0),
  poisoned: async (path) => {
    const bytes = await readFile(path);
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
    await writeFile(path, bytes);
  },
  "replaced by a folder": (path) =>
    replace(path, async () => {
      await mkdir(path);
      await writeFile(join(path, "inside"), "x");
    }),
  "replaced by a link to a file": (path, foreign) => replace(path, () => symlink(join(foreign, "precious"), path)),
  "replaced by a link to a folder": (path, foreign) => replace(path, () => symlink(foreign, path)),
  "replaced by a link that leads nowhere": (path) => replace(path, () => symlink("nowhere", path)),
  "replaced by a link to an endless file": (path) => replace(path, () => symlink("/dev/zero", path)),
  "replaced by a pipe that nobody writes to": (path) => replace(path, () => execFileSync("/usr/bin/mkfifo", [path])),
};

describe("a cache whose files are damaged", () => {
  for (const [what, damage] of Object.entries(DAMAGES)) {
    for (const part of ["entries", "payloads"]) {
      it(`${what} (${part}): makes the values anew, keeps them, and touches nothing else`, async (t) => {
        const { cache, directory, foreign } = await open(t);
        const keys = Array.from({ length: 8 }, (_, n) => `k:${n}`);
        for (const key of keys) await put(cache, key, `old ${key}`);
        for (const path of await filesIn(join(directory, part))) await damage(path, foreign);
        for (const key of keys) {
          assert.equal(await cache.getOrSet(key, () => `new ${key}`), `new ${key}`);
          await cache.flush();
          assert.equal((await cache.get(key))?.value, `new ${key}`);
        }
        const { levels } = await cache.stats();
        assert.deepEqual(
          levels.map(({ name, items, isOpen }) => [name, items, isOpen]),
          [["files", 8, false]],
        );
        await cache.clear();
        await cache.flush();
        assert.deepEqual(await filesIn(directory), []);
        assert.equal(await readFile(join(foreign, "precious"), "utf8"), "somebody else's");
      });
    }
  }

  it("goes on after its whole folder was removed", async (t) => {
    const { cache, directory } = await open(t);
    await put(cache, "k:1", "old");
    await rm(directory, { recursive: true });
    assert.equal(await cache.getOrSet("k:1", () => "new"), "new");
    await cache.flush();
    assert.deepEqual([(await cache.get("k:1"))?.value, (await cache.get("k:1"))?.source], ["new", "files"]);
  });

  it("never empties a folder that a link leads to, and takes the link's place", async (t) => {
    const { cache, clock, directory, foreign } = await open(t);
    await put(cache, "k:1", "old");
    for (const part of ["entries", "payloads"]) {
      const [shard = ""] = await readdir(join(directory, part));
      const path = join(directory, part, shard);
      await rename(path, join(foreign, part));
      await writeFile(join(foreign, part, "document"), "somebody else's");
      await symlink(join(foreign, part), path);
    }
    await rm(join(directory, "new"), { recursive: true });
    await symlink(foreign, join(directory, "new"));
    const before = await filesIn(foreign);
    clock.jump(100 * 24 * 3_600_000);
    await clock.advance(60_000); // a sweep
    await cache.keys("**");
    await cache.evict({ kind: "pattern", pattern: "k:*" });
    await cache.clear();
    await cache.flush();
    assert.deepEqual(await filesIn(foreign), before);
    await put(cache, "k:1", "new");
    assert.equal((await cache.get("k:1"))?.value, "new");
    assert.ok((await stat(join(foreign, "entries", "document"))).isFile());
  });
});

describe("a cache on a disk", () => {
  it("that is full: loses writes and says so, reads on, leaves no halves, and heals", async (t) => {
    const disk = await mountSmallDisk(t);
    if (disk === undefined) return t.skip("a small disk can only be mounted by root, where mounting is allowed");
    const { cache, clock, directory } = await open(t, disk);
    await fill(cache, clock, directory);
  });

  const title = "that takes no files beyond a size: loses writes and says so, reads on, leaves no halves, and heals";
  it(title, { skip: existsSync(PRLIMIT) ? false : `there is no ${PRLIMIT}` }, async (t) => {
    const { cache, clock, directory } = await open(t);
    const limit = (bytes: string): void => void execFileSync(PRLIMIT, ["--pid", `${process.pid}`, `--fsize=${bytes}:`]); // what RLIMIT_FSIZE lets nobody write gives EFBIG
    const ignore = (): void => undefined;
    process.on("SIGXFSZ", ignore);
    limit("600000");
    try {
      await fill(cache, clock, directory);
    } finally {
      limit("unlimited");
      process.off("SIGXFSZ", ignore);
    }
  });

  it("that is read-only: reads on, loses writes and says so, and heals", async (t) => {
    const disk = await mountSmallDisk(t);
    if (disk === undefined) return t.skip("a disk can only be mounted read-only by root, where mounting is allowed");
    const { cache, clock } = await open(t, disk);
    await put(cache, "k:1", "kept");
    execFileSync("/bin/mount", ["-o", "remount,ro", disk]);
    for (let n = 0; n < 6; n++) await put(cache, `lost:${n}`, "lost");
    assert.equal((await cache.get("k:1"))?.value, "kept");
    assert.equal(await cache.get("lost:1"), undefined);
    assert.equal(await cache.getOrSet("lost:2", () => "made"), "made");
    const { levels, namespaces } = await cache.stats();
    assert.equal(levels[0]?.isOpen, true);
    assert.ok((namespaces["lost"]?.droppedWrites ?? 0) >= 6);
    execFileSync("/bin/mount", ["-o", "remount,rw", disk]);
    await clock.advance(1_000);
    await put(cache, "lost:1", "found");
    assert.equal((await cache.get("lost:1"))?.source, "files");
    assert.equal((await cache.stats()).levels[0]?.isOpen, false);
  });
});

/** Where 1 MB and files of 600 kB fit, and no more. */
async function fill(cache: OpenCache, clock: ManualClock, directory: string): Promise<void> {
  await put(cache, "small:1", "kept");
  for (let n = 0; n < 6; n++) await put(cache, `large:${n}`, randomBytes(1_500_000)); // nothing that could be compressed
  assert.equal((await cache.get("small:1"))?.value, "kept");
  assert.equal(await cache.get("large:1"), undefined);
  const { levels, namespaces } = await cache.stats();
  assert.equal(levels[0]?.isOpen, true);
  assert.ok((namespaces["large"]?.droppedWrites ?? 0) >= 6);
  assert.deepEqual(await filesIn(join(directory, "new")), []);
  await clock.advance(1_000);
  const fits = new Uint8Array(randomBytes(400_000));
  await put(cache, "large:1", fits);
  assert.deepEqual((await cache.get("large:1"))?.value, fits);
  assert.equal((await cache.stats()).levels[0]?.isOpen, false);
}

/** A file system in memory of 1 MB, for the length of a test; undefined where this user may not mount one. */
async function mountSmallDisk(t: TestContext): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-disk-"));
  try {
    execFileSync("/bin/mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "ignore" });
  } catch {
    await rm(folder, { recursive: true });
    return undefined;
  }
  t.after(async () => {
    execFileSync("/bin/umount", [folder]);
    await rm(folder, { recursive: true });
  });
  return folder;
}
