import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { withFolder } from "./test-folder.ts";

const NAMES = ["a", "b", "deep/a", "deep/c", "deep/er/d"];

type Act =
  | { readonly act: "write" | "append"; readonly name: string; readonly content: string }
  | { readonly act: "move"; readonly name: string; readonly to: string }
  | { readonly act: "remove"; readonly name: string }
  | { readonly act: "remove folder" | "scan" | "restart" };

const name = fc.constantFrom(...NAMES);
const content = fc.constantFrom("", "1", "2", "longer than the others");
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constantFrom("write", "append"), name, content }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("move"), name, to: name }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("remove"), name }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom("remove folder", "scan", "restart") }) },
);

/** Does what can be done: a file that is not there cannot be moved. */
async function perform(one: Act, path: (name: string) => string): Promise<void> {
  switch (one.act) {
    case "write":
    case "append": {
      await mkdir(dirname(path(one.name)), { recursive: true });
      await (one.act === "write" ? writeFile : appendFile)(path(one.name), one.content);
      return;
    }
    case "move":
      await mkdir(dirname(path(one.to)), { recursive: true });
      await rename(path(one.name), path(one.to)).catch(() => undefined);
      return;
    case "remove":
      await rm(path(one.name), { force: true });
      return;
    case "remove folder":
      await rm(path("deep"), { recursive: true, force: true });
      return;
    case "scan":
    case "restart":
  }
}

async function hashesOnDisk(root: string): Promise<Map<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath}/${entry.name}`);
  const hash = async (path: string) =>
    createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
  return new Map(await Promise.all(files.map(async (path) => [path, await hash(path)] as const)));
}

describe("any history of a folder", { timeout: 120_000 }, () => {
  it("leaves a journal that says what is on the disk, and one run for each path and content that was seen", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 3, maxLength: 15 }), async (acts) => {
        await withFolder(async ({ open, path, root, runs, journal }) => {
          let folder = open();
          for (const one of acts) {
            await perform(one, path);
            if (one.act === "scan") await folder.reconcile();
            if (one.act === "restart") {
              await folder.close();
              folder = open();
            }
          }
          await folder.reconcile();
          const disk = await hashesOnDisk(root);
          const noted = new Map<string, string>();
          for (const each of await journal.folders(root)) {
            for (const [file, { hash }] of await journal.inFolder(each)) noted.set(`${each}/${file}`, hash);
          }
          assert.deepEqual(noted, disk);
          const started = runs.map((run) => `${run.path} ${run.hash}`);
          assert.equal(new Set(started).size, started.length, "no path and content twice");
          for (const [file, hash] of disk) assert.ok(started.includes(`${file} ${hash}`), `${file} was missed`);
        });
      }),
      { numRuns: 15 },
    );
  });
});
