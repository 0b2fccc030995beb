import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { readdir, readFile, truncate, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { createManualClock } from "../../core/manual-clock.ts";
import { bounded } from "../guarded-level.ts";
import { entryOf } from "../level-contract/level.ts";
import { openFilesLevel } from "./level.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-file-faults-"));
after(() => rmSync(folder, { recursive: true }));
let places = 0;
const HOUR_MS = 3_600_000;
const START_AT = Date.UTC(2026, 0, 1);

async function openNew(options: { readonly maxBytes?: number; readonly maxAgeMs?: number } = {}) {
  const clock = createManualClock(START_AT);
  const directory = join(folder, `${++places}`);
  const level = await openFilesLevel({ directory, clock, minBytes: 0, ...options });
  return { level, clock, directory };
}

async function filesIn(directory: string): Promise<string[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const DAMAGES: Readonly<Record<string, (path: string) => Promise<void>>> = {
  truncated: (path) => truncate(path, 20),
  emptied: (path) => truncate(path, 0),
  poisoned: async (path) => {
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 3) ^ 1, bytes.length - 3);
    await writeFile(path, bytes);
  },
  missing: (path) => unlink(path),
};

describe("damaged files", () => {
  for (const [name, damage] of Object.entries(DAMAGES)) {
    for (const part of ["payloads", "entries"]) {
      it(`a ${name} file of ${part} is a miss, is removed, and is written anew`, async () => {
        const { level, directory } = await openNew();
        const entry = entryOf("k", { payload: Buffer.alloc(5_000, "x") });
        await level.set([entry, entryOf("other")]);
        const [path] = await pathsOf(directory, part, 5_000, "k");
        assert.ok(path);
        await damage(path);
        assert.equal(await level.get("k"), undefined);
        assert.deepEqual(await level.keys("**", 9), ["other"]);
        await level.set([entry]);
        assert.deepEqual(Buffer.from((await level.get("k"))?.payload ?? []), entry.payload);
      });
    }
  }

  it("stores equal payloads once", async () => {
    const { level, directory } = await openNew();
    const payload = Buffer.alloc(5_000, "x");
    await level.set([entryOf("a", { payload }), entryOf("b", { payload })]);
    assert.equal((await filesIn(join(directory, "payloads"))).length, 1);
    await level.delete(["a"]);
    assert.equal((await level.get("b"))?.payload.length, 5_000);
  });
});

async function pathsOf(directory: string, part: string, size: number, key: string): Promise<string[]> {
  const paths = await filesIn(join(directory, part));
  const texts = await Promise.all(paths.map((path) => readFile(path)));
  return paths.filter((_, index) => texts[index]?.length === size || texts[index]?.includes(`"k":"${key}"`));
}

describe("the bounds of files", () => {
  it("collects payloads that nobody names after an hour, and drafts of processes that died", async () => {
    const { level, clock, directory } = await openNew();
    await level.set([entryOf("k", { deadAt: START_AT + 10 * HOUR_MS })]);
    await writeFile(join(directory, "new", "1-1-0123456789abcdef"), "half");
    await level.delete(["k"]);
    await level.sweep(clock.now());
    assert.equal((await filesIn(join(directory, "payloads"))).length, 1);
    clock.jump(HOUR_MS + 1);
    await level.sweep(clock.now());
    assert.deepEqual(await filesIn(join(directory, "payloads")), []);
    clock.jump(Date.now() - clock.now() + 2 * HOUR_MS);
    await level.sweep(clock.now());
    assert.deepEqual(await filesIn(directory), []);
  });

  it("stays within its bytes by itself, the oldest entries going first", async () => {
    const { level, directory } = await openNew({ maxBytes: 100_000 });
    for (let n = 0; n < 40; n++) {
      const payload = Buffer.alloc(10_000, `${n} `);
      await level.set([entryOf(`k${n}`, { payload, createdAt: START_AT + n })]);
    }
    const { bytes, evictions } = await level.stats();
    assert.ok(bytes <= 110_000, `${bytes} bytes`);
    assert.ok(evictions >= 29);
    assert.equal((await filesIn(join(directory, "payloads"))).length, bytes / 10_000);
    assert.ok(await level.get("k39"));
    assert.equal(await level.get("k0"), undefined);
  });

  it("removes what is older than its age, whatever its own end", async () => {
    const { level } = await openNew({ maxAgeMs: HOUR_MS });
    await level.set([entryOf("old", { deadAt: Number.MAX_SAFE_INTEGER })]);
    assert.equal(await level.sweep(START_AT + HOUR_MS), 1);
  });
});

describe("a full disk", () => {
  it("drops the write, leaves nothing behind, and heals when there is room", async (context) => {
    const directory = join(folder, `${++places}`);
    mkdirSync(directory);
    try {
      execFileSync("/bin/mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", directory], { stdio: "ignore" });
    } catch {
      context.skip("a small disk can only be mounted by root, where mounting is allowed");
      return;
    }
    try {
      const clock = createManualClock(START_AT);
      const level = bounded(await openFilesLevel({ directory, clock, minBytes: 0 }), { clock, deadlineMs: 60_000 });
      await level.set([entryOf("small")]);
      await level.set([entryOf("large", { payload: Buffer.alloc(2_000_000, "x") })]);
      assert.equal(level.health().droppedWrites, 1);
      assert.equal(await level.get("large"), undefined);
      assert.equal((await level.get("small"))?.key, "small");
      assert.deepEqual(await filesIn(join(directory, "new")), []);
      await level.set([entryOf("fits", { payload: Buffer.alloc(500_000, "x") })]);
      assert.equal((await level.get("fits"))?.payload.length, 500_000);
    } finally {
      execFileSync("/bin/umount", [directory]);
    }
  });
});
