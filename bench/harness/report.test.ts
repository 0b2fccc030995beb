import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fillBlocks, toMarkdown, toSvg } from "./report.ts";
import type { Result } from "./result.ts";

const RESULT: Result = {
  id: "B6",
  title: "the daily job",
  description: "One by one against five at once.",
  target: "at most 1.1 times the ideal",
  rows: [
    { side: "one <by> one", value: 15.234, unit: "s", spread: [15, 16] },
    { side: "millrace", value: 3.1, unit: "s", spread: [3, 3.2] },
  ],
  ratios: { "to the ideal": 1.03333 },
  met: true,
  seed: 1,
  date: "2026-01-02T03:04:05.000Z",
  commit: "abc",
  machine: { cpu: "a", cores: 2, memoryGiB: 24, os: "linux x64" },
  versions: { node: "26", sqlite: "3" },
};

describe("the report", () => {
  it("fills the marked blocks of a document and leaves unknown ones alone", () => {
    const filled = fillBlocks("a <!-- bench:B6 -->old<!-- /bench --> b <!-- bench:B9 -->kept<!-- /bench -->", [RESULT]);
    assert.match(filled, /to the ideal \*\*1\.03\*\* .*; met\)<!-- \/bench --> b <!-- bench:B9 -->kept/);
  });

  it("reports a target that was missed", () => {
    assert.match(toMarkdown([{ ...RESULT, met: false }]), /\*\*Not met\.\*\*/);
  });

  it("draws a bar for every side, with its name made safe", () => {
    const svg = toSvg(RESULT);
    assert.equal(svg.match(/<rect/g)?.length, 2);
    assert.match(svg, /one &lt;by> one/);
  });
});
