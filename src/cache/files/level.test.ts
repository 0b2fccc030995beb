import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import type { Clock } from "../../core/clock.ts";
import { runLevelContract } from "../level-contract/level.ts";
import { openFilesLevel } from "./level.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-files-"));
after(() => rmSync(folder, { recursive: true }));
let places = 0;

async function open({ clock }: { readonly clock: Clock }) {
  const level = await openFilesLevel({ directory: join(folder, `${++places}`), clock, minBytes: 0 });
  return { level, close: () => level.close() };
}

// It takes files one by one.
runLevelContract("files", open, { bite: 1 });
