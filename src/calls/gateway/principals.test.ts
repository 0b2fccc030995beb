import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MillraceError } from "../../core/errors.ts";
import { createManualClock } from "../../core/manual-clock.ts";
import { createGateway } from "./gateway.ts";
import { createPrincipals } from "./principals.ts";

const authorization = "Bearer k";

describe("the bounds of a token", () => {
  it("let in no more at once than may run side by side, and as many again as have ended", async () => {
    const principals = createPrincipals({ tokens: { t: { key: "k", parallel: 2 } } }, createManualClock());
    const principal = principals.of({ authorization });
    const enter = async (): Promise<number> => {
      const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => principal.admit({ tokens: 1 })));
      const admitted = outcomes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      for (const admission of admitted) admission.end({ tokens: 1 });
      return admitted.length;
    };
    assert.deepEqual([await enter(), await enter()], [2, 2]);
  });

  it("count the tokens of a client that hangs up, and none of a call that was never made", async () => {
    const statuses = async (code: "CALL_ABORTED" | "PROVIDER_MISSING"): Promise<readonly number[]> => {
      const seen: number[] = [];
      const fail = () => Promise.reject(new MillraceError(code, "It ended."));
      const gateway = createGateway({
        ai: { whole: fail, forRun: () => assert.fail(), list: fail, countTokens: fail },
        config: {
          providers: { openai: { kind: "openai", apiKey: "k", baseUrl: "http://127.0.0.1:1/v1" } },
          models: {},
          prices: {},
          gateway: { tokens: { t: { key: "k", tokensPerMinute: 3_000 } } },
        },
        clock: createManualClock(),
      });
      for (let turn = 0; turn < 4; turn++) {
        await gateway.generate("chat", {
          headers: { authorization },
          body: { model: "openai/m", messages: [{ role: "user", content: "Hello" }], max_tokens: 1_000 },
          requestId: "r",
          signal: new AbortController().signal,
          reply: { begin: (status) => void seen.push(status), write: async () => undefined, end: () => undefined },
        });
      }
      return seen;
    };
    assert.equal((await statuses("CALL_ABORTED")).at(-1), 429);
    assert.ok((await statuses("PROVIDER_MISSING")).every((status) => status !== 429));
  });
});
