import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { MillraceError } from "../core/errors.ts";
import type { Turn } from "./ai.ts";
import { estimatePrompt } from "./estimate.ts";
import { toPrompt } from "./to-prompt.ts";

const turns = fc.array(
  fc.record({ role: fc.constantFrom("user" as const, "assistant" as const), text: fc.string({ minLength: 1 }) }),
  { maxLength: 12 },
);

/** The shortest beginning that may go: nothing, or so much that the user begins. */
function mayBegin(history: readonly Turn[], from: number): boolean {
  return from === 0 || from === history.length || history[from]?.role === "user";
}

describe("maxInputTokens", () => {
  it("leaves out the fewest of the oldest turns with which the question fits, and nothing else", () => {
    fc.assert(
      fc.property(turns, fc.integer({ min: 20, max: 200 }), (history, maxInputTokens) => {
        const whole = { system: "Be brief.", prompt: "And now?", history };
        const full = toPrompt(whole, undefined);
        const kept = toPrompt({ ...whole, maxInputTokens }, undefined);
        assert.ok(estimatePrompt(kept) <= maxInputTokens);
        const from = full.length - kept.length;
        assert.deepEqual(kept, [full[0], ...full.slice(1 + from)]);
        assert.ok(mayBegin(history, from));
        for (let less = 0; less < from; less++) {
          if (!mayBegin(history, less)) continue;
          const longer = toPrompt({ ...whole, history: history.slice(less) }, undefined);
          assert.ok(estimatePrompt(longer) > maxInputTokens, `${less} would have done`);
        }
      }),
    );
  });

  it("refuses what does not fit without any history, and says by how much", () => {
    const ask = (): unknown => toPrompt({ prompt: "word ".repeat(100), maxInputTokens: 50 }, undefined);
    assert.throws(
      ask,
      (error) =>
        error instanceof MillraceError &&
        error.code === "INPUT_INVALID" &&
        /171 tokens, maxInputTokens allows 50/.test(error.message),
    );
  });
});
