import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { baseOf, withBase, withoutBase } from "./base-path.ts";

describe("a dashboard behind a prefix", () => {
  const base = baseOf("https://home.example/api/hassio_ingress/abc/assets/index-a1.js");

  it("knows where it stands by its own address", () => {
    assert.equal(base, "/api/hassio_ingress/abc");
    assert.equal(baseOf("http://127.0.0.1:8018/assets/index-a1.js"), "");
    assert.equal(baseOf("http://127.0.0.1:5173/src/routing/base-path.ts"), "");
  });

  it("puts the prefix before its links once, and takes it off again", () => {
    assert.equal(withBase("/runs?status=done", base), "/api/hassio_ingress/abc/runs?status=done");
    assert.equal(withBase(withBase("/runs", base), base), "/api/hassio_ingress/abc/runs");
    assert.equal(withBase("#content", base), "#content");
    assert.equal(withBase("https://elsewhere.example/", base), "https://elsewhere.example/");
    assert.equal(withoutBase("/api/hassio_ingress/abc/runs", base), "/runs");
    assert.equal(withoutBase("/api/hassio_ingress/abc", base), "/");
    assert.equal(withoutBase("/api/runs", base), "/api/runs");
    assert.deepEqual([withBase("/runs", ""), withoutBase("/runs", "")], ["/runs", "/runs"]);
  });
});
