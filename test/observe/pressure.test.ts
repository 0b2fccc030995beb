import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("./filling-child.ts", import.meta.url));
const HEAP_MB = 96;

async function fill(how: "watched" | "unwatched") {
  const folder = await mkdtemp(join(tmpdir(), "millrace-pressure-"));
  try {
    const child = spawn(
      process.execPath,
      [`--max-old-space-size=${HEAP_MB}`, "--conditions=millrace-source", CHILD, join(folder, "data"), how],
      { cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
    );
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("a process that is given more to keep than its heap can hold", { timeout: 120_000 }, () => {
  it("gives way and lives, where it would have died", async () => {
    const [watched, unwatched] = await Promise.all([fill("watched"), fill("unwatched")]);
    assert.match(unwatched.stderr, /heap out of memory/);
    assert.equal(unwatched.stdout, "");
    assert.equal(watched.code, 0, watched.stderr.slice(-2_000));
    const { levels } = JSON.parse(watched.stdout) as { readonly levels: readonly string[] };
    assert.ok(levels.includes("high"), levels.join());
    assert.match(watched.stderr, /the process gives way/);
  });
});
