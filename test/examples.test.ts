import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const README = new URL("../README.md", import.meta.url);
const DIGEST = new URL("../examples/digest/millrace.config.ts", import.meta.url);

describe("examples/digest", () => {
  it("sums up every note of the folder and writes the digest", async () => {
    const directory = await mkdtemp(join(tmpdir(), "millrace-digest-"));
    try {
      await mkdir(join(directory, "notes"));
      await writeFile(join(directory, "notes", "a.md"), "Buy screws.");
      await writeFile(join(directory, "notes", "b.md"), "Call the plumber.");
      const args = ["--conditions=millrace-source", MAIN, "run", "digest", "--config", fileURLToPath(DIGEST), "--json"];
      const { stdout } = await run(process.execPath, args, { cwd: directory });
      const last = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
      assert.deepEqual([last["status"], last["notes"], last["failed"]], ["done", 2, 0]);
      assert.equal(
        await readFile(join(directory, "digest.md"), "utf8"),
        "- a.md (other): Buy screws.\n- b.md (other): Call the plumber.",
      );
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it("is what the README shows", async () => {
    const source = await readFile(DIGEST, "utf8");
    assert.ok(
      (await readFile(README, "utf8")).includes(source.trim()),
      "copy examples/digest/millrace.config.ts into the README",
    );
  });
});
