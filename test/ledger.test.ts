import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LEDGER = readFileSync(new URL("../docs/ledger.md", import.meta.url), "utf8");

describe("docs/ledger.md", () => {
  it("names files that exist", () => {
    const paths = [...LEDGER.matchAll(/`((?:src|apps|bench|test|simulator|dashboard)\/[^`]+)`/g)].map(
      ([, path]) => path ?? "",
    );
    assert.ok(paths.length > 20);
    assert.deepEqual(
      paths.filter((path) => globSync(path, { cwd: ROOT }).length === 0),
      [],
    );
  });
});
