import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chanceInWords, countByWeekday, describeEvidence, formatProbability, luckInWords } from "./evidence-words.ts";
import { exampleRule, occurrencesFrom } from "./test-rule.ts";

describe("the evidence in words", () => {
  it("counts weekdays, Monday first", () => {
    const counts = countByWeekday(occurrencesFrom("2026-11-02", [1, null, 3, 4, 5, null, 7, 8]));
    assert.deepEqual(counts[0], { day: "mon", hits: 2, trials: 2 });
    assert.deepEqual(counts[1], { day: "tue", hits: 0, trials: 1 });
    assert.equal(counts.length, 7);
  });

  it("says how likely luck is without powers of ten", () => {
    assert.equal(luckInWords(1e-20), "less than 1 in a billion");
    assert.equal(luckInWords(0), "less than 1 in a billion");
    assert.equal(luckInWords(1 / 3_400_000), "about 1 in 3 million");
    assert.equal(luckInWords(0.0123), "about 1 in 81");
    assert.equal(luckInWords(0.7), "quite likely");
  });

  it("says how often it would happen anyway", () => {
    assert.equal(chanceInWords(0.042), "about 4 times in 100");
    assert.equal(chanceInWords(0.01), "about 1 time in 100");
    assert.equal(chanceInWords(0.0001), "under 1 time in 100");
  });

  it("writes probabilities short", () => {
    assert.equal(formatProbability(0.01312), "0.013");
    assert.equal(formatProbability(4.2e-12), "4e-12");
    assert.equal(formatProbability(0), "under 1e-300");
  });

  it("summarises for those who cannot see the picture", () => {
    const { evidence } = exampleRule({ evidence: { occurrences: occurrencesFrom("2026-11-02", [1, 2]) } });
    assert.equal(
      describeEvidence(evidence),
      "It happened on 43 of 48 days. On later days that were kept for checking it held 9 of 10 times. The picture covers 2026-11-02 to 2026-11-03.",
    );
  });
});
