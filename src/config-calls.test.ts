import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CallsConfig } from "./calls/config.ts";
import { loadConfig, type UserConfig } from "./config.ts";
import { MillraceError } from "./core/errors.ts";
import { createLog } from "./core/log.ts";
import { openHost } from "./host.ts";
import { automation, on } from "./index.ts";

const MODELS = { smart: "anthropic/claude-opus-5", fast: "openai/gpt-5.4-mini" };

async function mistakesOf(work: Promise<unknown>): Promise<readonly string[]> {
  const error: unknown = await work.then(
    () => assert.fail("the configuration was taken"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof MillraceError && error.code === "CONFIG_INVALID", String(error));
  return (error.facts["mistakes"] as readonly unknown[]).map(String);
}

function load(calls: CallsConfig, more: UserConfig = {}): ReturnType<typeof loadConfig> {
  return loadConfig({ environment: {}, content: { models: MODELS, calls, ...more } });
}

describe("the configuration of calls", () => {
  it("takes aliases, and models of any provider that is known or configured, also of one without a key here", async () => {
    const calls = {
      fallback: { smart: ["openai/gpt-5.4", "fast", "mine/any"], "anthropic/claude-haiku-4-5": ["ollama/a/b"] },
      perModel: { fast: { parallel: 2 }, "mine/any": { parallel: 1 } },
    };
    const config = await load(calls, { providers: { mine: { baseUrl: "http://127.0.0.1:9/v1" } } });
    assert.deepEqual(config.calls.fallback, calls.fallback);
  });

  it("names each model that there cannot be, with its place and the nearest name", async () => {
    const mistakes = await mistakesOf(
      load({
        fallback: { smrt: ["fast"], smart: ["opnai/gpt-5.4", "smart", "openai/"] },
        perModel: { fsat: { parallel: 2 } },
      }),
    );
    assert.deepEqual(
      mistakes.map((mistake) => mistake.split(":")[0]),
      [
        "calls.perModel.fsat",
        "calls.fallback.smrt",
        "calls.fallback.smart.0",
        "calls.fallback.smart.1",
        "calls.fallback.smart.2",
      ],
    );
    for (const [index, meant] of ["fast", "smart", "openai"].entries()) {
      assert.match(mistakes[index] ?? "", new RegExp(`Did you mean "${meant}"`));
    }
  });

  it("names an alias that stands for a model of no provider, by the variable that set it", async () => {
    const environment = { MILLRACE_MODEL_FAST: "opnai/gpt-5.4-mini", MILLRACE_MODEL_SMART: "anthropic/claude-opus-5" };
    const mistakes = await mistakesOf(loadConfig({ environment, content: {} }));
    assert.equal(mistakes.length, 1);
    assert.match(mistakes[0] ?? "", /^MILLRACE_MODEL_FAST: .*Did you mean "openai"\?/);
  });

  it("names budgets of automations that there are not, before anything runs", async () => {
    const digest = automation("digest", { on: [on.manual()] }, async () => null);
    const budgets = { perAutomation: { digets: 1, "*": 2 } };
    const config = await load({ budgets });
    const opened = openHost({
      config,
      automations: [digest],
      makesData: false,
      log: createLog({ level: "silent" }),
    });
    assert.deepEqual(await mistakesOf(opened), [
      'calls.budgets.perAutomation.digets: there is no such automation. Did you mean "digest"?',
    ]);
  });
});
