import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createSimulator } from "../../simulator/index.ts";

const PROGRAM = fileURLToPath(new URL("./ask-once.ts", import.meta.url));

describe("kill -9 after an answer", () => {
  it("loses none that was given: the next process answers without asking, similar questions too", async () => {
    const data = await mkdtemp(join(tmpdir(), "millrace-kept-"));
    const simulator = createSimulator();
    const url = await simulator.start();
    const sources = async (prompts: readonly string[], ends: boolean): Promise<readonly string[]> => {
      const orders = JSON.stringify({ data, url, prompts, ends });
      const child = spawn(process.execPath, ["--conditions=millrace-source", PROGRAM, orders], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const gone = once(child, "close");
      const said: string[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        said.push(line);
        // In the moment in which the last answer is told.
        if (!ends && said.length === prompts.length) child.kill("SIGKILL");
      }
      await gone;
      return said;
    };
    try {
      const question = "How do I reset the password of a user account?";
      assert.deepEqual(await sources(["Why is the sky blue?", question], false), ["provider", "provider"]);
      const again = await sources(
        ["Why is the sky blue?", question, "how do I reset the password of a user account"],
        true,
      );
      assert.deepEqual(again, ["database", "database", "similar"]);
      assert.equal(simulator.stats().requests, 2);
    } finally {
      await simulator.stop();
      await rm(data, { recursive: true, force: true });
    }
  });
});
