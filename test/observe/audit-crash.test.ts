import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { loadConfig, openHost } from "../../src/index.ts";

const CHILD = fileURLToPath(new URL("./recording-child.ts", import.meta.url));
/** What notes wait at most before they are handed on to be stored, and what a timer may be early by. */
const LOST_MS = 1_000 + 50;

interface Said {
  readonly what: string;
  readonly index: string;
  readonly at: number;
}

/** Lets a process record until it has said so many things, kills it, and gives what it had said. */
async function recordAndKill(data: string, count: number): Promise<readonly Said[]> {
  const child = spawn(process.execPath, ["--conditions=millrace-source", CHILD, data], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said: Said[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [what = "", index = "", at = ""] = line.split(" ");
    said.push({ what, index, at: Number(at) });
    if (said.length === count) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return said;
}

describe("the audit log of a process that is killed", { timeout: 180_000 }, () => {
  it("holds all that was recorded and what was noted over a second before what was recorded last, in one whole chain", async () => {
    const data = await mkdtemp(join(tmpdir(), "millrace-audit-crash-"));
    try {
      let before = 0;
      for (const count of [20, 400]) {
        const said = await recordAndKill(data, count);
        const host = await openHost({ config: await loadConfig({ content: { data }, environment: {} }) });
        try {
          const stored = new Set<string>();
          for await (const { action, subject } of host.audit.entries({ after: before }))
            stored.add(`${action} ${subject}`);
          // What was handed on before it is stored before it, however long the disk took for both.
          const end = said.findLast(({ what }) => what === "recorded")?.at ?? 0;
          const missing = said.filter(({ what, index }) => !stored.has(`${what} ${index}`));
          assert.deepEqual(
            missing.filter(({ what, at }) => what === "recorded" || at < end - LOST_MS),
            [],
          );
          assert.equal((await host.audit.check()).kind, "whole");
          before = (await host.audit.head()).seq;
        } finally {
          await host.close();
        }
      }
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  });
});
