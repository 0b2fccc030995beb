import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { prepare } from "../text/prepare.ts";
import { oppositesWith } from "../words/related.ts";
import { judge } from "./judge.ts";

/** Pairs made up for the tests, from many fields of life: alike in words, and the same question in other words. */
const TRAPS = readPairs("test-traps.txt");
const PARAPHRASES = readPairs("test-paraphrases.txt");

function readPairs(name: string): (readonly [string, string])[] {
  const lines = readFileSync(new URL(name, import.meta.url), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => {
    const [a = "", b = ""] = line.split("|");
    return [a, b];
  });
}

const vetoOf = (a: string, b: string, mode: "strict" | "balanced" | "exact-terms" = "balanced") =>
  judge(prepare(a), prepare(b), mode).veto?.guard;

describe("judge", () => {
  for (const mode of ["balanced", "strict", "exact-terms"] as const) {
    it(`refuses every pair that is alike in words only, in ${mode}, whichever was asked first`, () => {
      const passed = TRAPS.filter(([a, b]) => vetoOf(a, b, mode) === undefined || vetoOf(b, a, mode) === undefined);
      assert.deepEqual(passed, []);
    });
  }

  it("lets the same question in other words pass in balanced", () => {
    assert.deepEqual(
      PARAPHRASES.filter(([a, b]) => vetoOf(a, b) !== undefined),
      [],
    );
  });

  it("serves every question for itself", () => {
    const questions = [...TRAPS, ...PARAPHRASES].flat();
    assert.deepEqual(
      questions.filter((question) => vetoOf(question, question, "strict") !== undefined),
      [],
    );
  });

  it("names the guard that objected and the words", () => {
    const cases = [
      ["How many grams are in 3 cups?", "How many grams are in 4 cups?", "numbers"],
      ["Is order AB-12 paid?", "Is order AB-21 paid?", "numbers"],
      ["Which shops are open?", "Which shops are not open?", "negation"],
      ['Say "hello" in Greek', 'Say "goodbye" in Greek', "quotes"],
      ["How do I lock the door?", "How do I unlock the door?", "polarity"],
      ["Is there fibre in brown rice?", "Is there gluten-free brown rice?", "minimal-pair"],
      ["Does bread contain gluten?", "Is bread gluten-free?", "polarity"],
      ["What does Anna think of the plan?", "What does Bert think of the plan?", "entities"],
      ["What is the way from Bonn to Trier?", "What is the way from Trier to Bonn?", "prepositions"],
      ["Does the clerk call the judge?", "Does the judge call the clerk?", "order"],
      ["What was in the red box with the lid?", "What was in the box with the red lid?", "order"],
      ["Are the cooks paid?", "Do the cooks pay?", "order"],
      ["Who built the bridge?", "When was the bridge built?", "question"],
      ["What is his job?", "What is her job?", "owners"],
      ["Which guests paid?", "Which guests only paid?", "qualifiers"],
      ["Who keeps the gate?", "Who kept the gate?", "question"],
      ["Should I call?", "Must I call?", "question"],
      ["How do I keep the pot boiling?", "How do I keep the pot from boiling?", "negation"],
      ["Which pupils sang?", "Which pupils failed to sing?", "negation"],
      ["When does the next bus leave?", "When do the next buses leave?", "grammatical-number"],
      ["How do I empty a bin?", "How do I empty all bins?", "grammatical-number"],
      ["Who sang Ghost?", "Who sang Ghosts?", "grammatical-number"],
      ["When was the gate locked?", "When were the gates locked?", "grammatical-number"],
      ["Is the fee due if we leave?", "Is the fee due even if we leave?", "qualifiers"],
      ["Which rides run on a coin?", "Which rides run on just a coin?", "qualifiers"],
      ["How do I end the job?", "How do I end the job process?", "restriction"],
      ["Who may read my diary?", "Whose diary may I read?", "order"],
      ["Who is Carla's aunt?", "Who is Carla the aunt of?", "order"],
      ["How many eggs did we eat?", "How many eggs may we eat?", "question"],
      ["May I bring a dog?", "May I also bring a dog?", "qualifiers"],
      ["What is the limit for guests?", "What is the limit per guest?", "prepositions"],
      ["How do I roast a duck?", "How do I roast a pheasant?", "minimal-pair"],
    ] as const;
    for (const [a, b, guard] of cases) assert.equal(vetoOf(a, b), guard, `${a} / ${b}`);
    const { veto } = judge(prepare("Is it on the left?"), prepare("Is it on the right?"), "balanced");
    assert.equal(veto?.reason, "left against right");
  });

  it("refuses a word on one side only where nobody reads along", () => {
    assert.equal(vetoOf("How do I mute calls?", "How do I mute calls overseas?", "strict"), "insertion");
  });

  it("holds other languages to the same words in the same order, whatever the mode", () => {
    assert.equal(vetoOf("Wie koche ich Reis?", "Wie koche ich Milchreis?"), "exact-terms");
    assert.equal(vetoOf("東京の天気は", "京都の天気は"), "exact-terms");
    assert.equal(vetoOf("Comment cuire le riz ?", "comment cuire le riz"), undefined);
  });

  it("takes what is said of a kind in either number", () => {
    const pairs = [
      ["How does a kettle work?", "How do kettles work?"],
      ["Is the pool open on Friday?", "Is the pool open on Fridays?"],
      ["What is the cause of rust?", "What are the causes of rust?"],
      ["How do I test an API?", "How do I test APIs?"],
      ["Where is the guest list?", "Where is the list of guests?"],
      ["What is the process to get a permit?", "How do I get a permit?"],
      ["Also, how do I dry herbs?", "How do I dry herbs?"],
    ] as const;
    for (const [a, b] of pairs) assert.equal(vetoOf(a, b), undefined, `${a} / ${b}`);
  });

  it("reads amounts, units, dates and times in whatever way they are written", () => {
    const pairs = [
      ["Is 2 hours enough for the tour?", "Is 120 minutes enough for the tour?"],
      ["Is $5,000 enough to start?", "Is 5000 dollars enough to start?"],
      ["Is the shop open at 7 pm?", "Is the shop open at 19:00?"],
      ["What fell on 3 May?", "What fell on May 3rd?"],
      ["Is twenty-five too old?", "Is 25 too old?"],
      ["Does the 16GB model fit?", "Does the 16 GB model fit?"],
      ["What is ticket #A-77 about?", "What is ticket A-77 about?"],
    ] as const;
    for (const [a, b] of pairs) assert.equal(vetoOf(a, b), undefined, `${a} / ${b}`);
  });

  it("knows the opposites that a project adds", () => {
    const isOpposite = oppositesWith([["falcon", "heron"]]);
    const [a, b] = [prepare("Does falcon run nightly?"), prepare("Does heron run nightly?")];
    assert.equal(judge(a, b, "balanced", { isOpposite }).veto?.guard, "polarity");
  });

  it("takes less than a tenth of a millisecond of CPU a pair", () => {
    const pairs = TRAPS.map(([a, b]) => [prepare(a), prepare(b)] as const);
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 20; round++) {
      const before = process.cpuUsage();
      for (const [a, b] of pairs) judge(a, b, "strict");
      const { user, system } = process.cpuUsage(before);
      best = Math.min(best, (user + system) / 1000 / pairs.length);
    }
    assert.ok(best < 0.1, `${best} ms of CPU`);
  });
});
