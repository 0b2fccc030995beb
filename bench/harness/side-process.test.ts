import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { startSide } from "./side-process.ts";

const directory = mkdtempSync(join(tmpdir(), "millrace-side-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const SERVE = JSON.stringify(new URL("side-process.ts", import.meta.url).href);

function side(name: string, work: string): URL {
  const path = join(directory, `${name}.mts`);
  writeFileSync(
    path,
    `import { writeFileSync } from "node:fs";
    import { serve } from ${SERVE};
    const factor = Number(process.argv[2]);
    serve(async (amount) => { ${work} }, async () => writeFileSync(${JSON.stringify(`${path}.closed`)}, ""));`,
  );
  return pathToFileURL(path);
}

describe("startSide", () => {
  it("gives what the side says to each question, and lets it close", async () => {
    const module = side("whole", "return amount * factor;");
    const started = await startSide(module, ["3"]);
    assert.equal(await started.ask(2), 6);
    assert.equal(await started.ask(5), 15);
    await started.close();
    rmSync(join(directory, "whole.mts.closed"));
  });

  it("says so when the side ends instead of answering", async () => {
    const started = await startSide(side("broken", "process.exit(amount);"), []);
    await assert.rejects(started.ask(7), /a side ended with 7/);
    await started.close();
  });

  it("says so when the side does not start", async () => {
    await assert.rejects(startSide(pathToFileURL(join(directory, "missing.mts")), []), /a side ended with 1/);
  });
});
