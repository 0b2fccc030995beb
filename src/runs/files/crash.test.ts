import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("./test-crash-child.ts", import.meta.url));
const FILES = 600;

/** Lets a process scan; gives the signal that it died of, if it did. */
async function scanIn(data: string, folder: string, dieAt: string): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, [CHILD, data, folder, dieAt], { stdio: ["ignore", "inherit", "inherit"] });
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  assert.equal(code ?? 0, 0);
  return signal;
}

function storedPaths(data: string): readonly string[] {
  const database = new DatabaseSync(join(data, "millrace.db"), { readOnly: true });
  const rows = database.prepare("select event from runs").all() as { event: string }[];
  database.close();
  return rows.map(({ event }) => (JSON.parse(event) as { path: string }).path);
}

describe("kill -9 while files are taken in", { timeout: 120_000 }, () => {
  for (const dieAt of ["before admission", "in admission", "before the journal"]) {
    it(`${dieAt} of a batch: the next process starts one run for each file, and none twice`, async () => {
      const place = mkdtempSync(join(tmpdir(), "millrace-files-crash-"));
      try {
        const data = join(place, "data");
        const folder = join(place, "in");
        mkdirSync(folder);
        for (let index = 0; index < FILES; index++) writeFileSync(join(folder, `${index}.txt`), String(index));
        assert.equal(await scanIn(data, folder, dieAt), "SIGKILL");
        const before = storedPaths(data).length;
        assert.ok(before >= 500, `${before} runs were stored`);
        assert.equal(await scanIn(data, folder, "never"), null);
        const paths = storedPaths(data);
        assert.equal(new Set(paths).size, FILES);
        assert.equal(paths.length, FILES);
      } finally {
        rmSync(place, { recursive: true, force: true });
      }
    });
  }
});
