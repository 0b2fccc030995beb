import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readRateLimits } from "./rate-limits.ts";

const NOW = Date.parse("2026-11-22T10:00:00Z");

describe("readRateLimits", () => {
  it("reads Anthropic's buckets, whose reset is a time", () => {
    const headers = Object.fromEntries(
      ["requests", "tokens", "input-tokens", "output-tokens"].flatMap((axis, index) => [
        [`anthropic-ratelimit-${axis}-limit`, String(1_000 * (index + 1))],
        [`anthropic-ratelimit-${axis}-remaining`, String(index)],
        [`anthropic-ratelimit-${axis}-reset`, "2026-11-22T10:00:30Z"],
      ]),
    );
    assert.deepEqual(readRateLimits(headers, NOW), {
      at: NOW,
      axes: {
        requests: { limit: 1_000, remaining: 0, resetAt: NOW + 30_000 },
        tokens: { limit: 2_000, remaining: 1, resetAt: NOW + 30_000 },
        "input-tokens": { limit: 3_000, remaining: 2, resetAt: NOW + 30_000 },
        "output-tokens": { limit: 4_000, remaining: 3, resetAt: NOW + 30_000 },
      },
      blockedUntil: null,
    });
  });

  it("reads OpenAI's durations, Azure's seconds and what is not known", () => {
    const resetOf = (reset: string): number | null | undefined =>
      readRateLimits(
        { "x-ratelimit-limit-tokens": "-1", "x-ratelimit-remaining-tokens": "7", "x-ratelimit-reset-tokens": reset },
        NOW,
      )?.axes.tokens?.resetAt;
    for (const [reset, ms] of [
      ["59.9ms", 59.9],
      ["1s", 1_000],
      ["6m0s", 360_000],
      ["1h2m3s", 3_723_000],
      ["12", 12_000],
      ["0", 0],
    ] as const) {
      assert.equal(resetOf(reset), NOW + ms, reset);
    }
    for (const reset of ["-1", "", "soon"]) assert.equal(resetOf(reset), null, reset);
    assert.equal(readRateLimits({ "x-ratelimit-limit-tokens": "-1" }, NOW)?.axes.tokens?.limit, null);
  });

  it("reads a wait that is asked for, and nothing where nothing is said", () => {
    assert.equal(readRateLimits({ "retry-after": "Sun, 22 Nov 2026 10:00:30 GMT" }, NOW)?.blockedUntil, NOW + 30_000);
    assert.equal(readRateLimits({ "content-type": "text/html" }, NOW), undefined);
  });
});
