import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../bin/millrace.mjs", import.meta.url));
/** What an older Node cannot do: it runs the pinned one as a child instead of becoming it. */
const OLD_NODE = "--import=data:text/javascript,process.execve=undefined";

let folder = "";
let count = 0;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-bin-"));
  writeFileSync(join(folder, "millrace.config.mjs"), "export default { apps: { home: { sample: false } } };");
});
after(() => rmSync(folder, { recursive: true, force: true }));

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
}

async function start(...flags: readonly string[]): Promise<Started> {
  const args = [...flags, BIN, "start", "--port", "0", "--json", "--data", `data-${++count}`];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  const url = await new Promise<string>((resolve) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("\n")) resolve((JSON.parse(text) as { url: string }).url);
    });
  });
  return { child, url };
}

describe("the command of a checkout", () => {
  for (const [node, flags] of [
    ["a Node that can be replaced", []],
    ["an old Node", [OLD_NODE]],
  ] as const) {
    it(`ends in order on a signal to it alone, under ${node}`, async () => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        const { child, url } = await start(...flags);
        const stream = await fetch(`${url}/api/events/stream`);
        child.kill(signal);
        assert.match(await stream.text(), /event: bye\n/);
        if (child.exitCode === null) await once(child, "exit");
        assert.equal(child.exitCode, 0);
      }
    });

    it(`leaves nothing behind when it is killed, under ${node}`, async () => {
      const { child, url } = await start(...flags);
      const stream = await fetch(`${url}/api/events/stream`);
      child.kill("SIGKILL");
      await assert.rejects(stream.text());
      await assert.rejects(fetch(`${url}/api/health`));
    });
  }
});
