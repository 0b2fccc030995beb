import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { runLevelContract } from "../level-contract/level.ts";
import { openFilesLevel } from "./level.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-files-"));
after(() => rmSync(folder, { recursive: true }));
let places = 0;

runLevelContract("files", async ({ clock }) => {
  const level = await openFilesLevel({ directory: join(folder, `${++places}`), clock, minBytes: 0 });
  return { level, close: () => level.close() };
});
