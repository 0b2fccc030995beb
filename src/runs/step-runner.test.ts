import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { type Bench, withBench } from "../../test/crash/engine-harness.ts";
import { isErrorCode, MillraceError } from "../core/errors.ts";
import type { RunRecord } from "../store/store.ts";
import { type AnyAutomation, type AutomationContext, defineAutomation, type RetryPolicy } from "./automation.ts";
import { on } from "./trigger.ts";

type Context = AutomationContext<unknown>;

function one(body: (context: Context) => Promise<unknown>, retry?: RetryPolicy): AnyAutomation {
  return defineAutomation("one", { on: [on.manual()], ...(retry === undefined ? {} : { retry }) }, body);
}

/** Runs a body as an automation to its end. */
async function runBody(
  bench: Bench,
  body: (context: Context) => Promise<unknown>,
  retry?: RetryPolicy,
): Promise<RunRecord> {
  const engine = bench.engine([one(body, retry)]);
  await engine.start();
  return bench.runToEnd(engine, "one");
}

function output(run: RunRecord): unknown {
  return JSON.parse(run.output ?? `"${run.status}: ${run.error?.message}"`);
}

const backoff = { attempts: 3, backoffMs: 10_000, maxBackoffMs: 10_000 };

describe("step.run", () => {
  it("gives the stored form at the first run, too", async () => {
    await withBench(async (bench) => {
      const run = await runBody(bench, async ({ step }) => {
        const got = await step.run("dates", () => ({ at: new Date(0), gone: undefined }));
        return [typeof got.at, Object.keys(got), await step.run("nothing", () => undefined)];
      });
      assert.deepEqual(output(run), ["string", ["at"], null]);
    });
  });

  it("hands the body a key that is the same for every attempt", async () => {
    await withBench(async (bench) => {
      const keys: string[] = [];
      const run = await runBody(bench, ({ step }) =>
        step.run("post", ({ idempotencyKey, attempt }) => {
          keys.push(`${attempt} ${idempotencyKey}`);
          if (attempt < 3) throw new Error("away");
        }),
      );
      assert.deepEqual(keys, [`1 ${run.id}:post`, `2 ${run.id}:post`, `3 ${run.id}:post`]);
      const [step] = await bench.store.runs.steps(run.id);
      assert.deepEqual([step?.state, step?.attempt], ["done", 3]);
    });
  });

  it("fails the run with the step's own code, reason and advice once its attempts are used up", async () => {
    await withBench(async (bench) => {
      let tries = 0;
      const run = await runBody(bench, ({ step }) =>
        step.run("ask", () => {
          tries += 1;
          throw new MillraceError("PROVIDER_MISSING", "no provider", { advice: "Set a key." });
        }),
      );
      assert.equal(tries, 3);
      assert.deepEqual(run.error, {
        code: "PROVIDER_MISSING",
        message: 'Step "ask" failed after 3 attempts: no provider',
        advice: "Set a key.",
      });
      assert.equal(run.attempt, 0);
    });
  });

  it("does not try again what cannot succeed", async () => {
    await withBench(async (bench) => {
      let tries = 0;
      const run = await runBody(bench, ({ step }) =>
        step.run("ask", () => {
          tries += 1;
          throw Object.assign(new Error("refused"), { isRetryable: false });
        }),
      );
      assert.deepEqual([tries, run.status], [1, "failed"]);
    });
  });

  it("lets the automation catch a failure, and throws the same one after a pause", async () => {
    await withBench(async (bench) => {
      const caught: string[] = [];
      const run = await runBody(
        bench,
        async ({ step }) => {
          const reason = await step
            .run("ask", () => Promise.reject(new Error("no")), { retry: { attempts: 1 } })
            .catch((error: unknown) => (error instanceof MillraceError ? `${error.code} ${error.message}` : "other"));
          caught.push(reason);
          await step.run("later", ({ attempt }) => {
            if (attempt === 1) throw new Error("away");
          });
          return reason;
        },
        backoff,
      );
      assert.equal(output(run), 'STEP_FAILED Step "ask" failed: no');
      assert.deepEqual(caught, [output(run), output(run)]);
    });
  });

  it("refuses results that JSON cannot hold, at once", async () => {
    for (const bad of [() => 1, 1n, new Map(), "x".repeat(1_048_576)]) {
      await withBench(async (bench) => {
        let tries = 0;
        const run = await runBody(bench, ({ step }) =>
          step.run("bad", () => {
            tries += 1;
            return bad as string;
          }),
        );
        assert.deepEqual([run.status, tries], ["failed", 1]);
        const [step] = await bench.store.runs.steps(run.id);
        assert.equal(step?.error?.code, "STEP_OUTPUT");
      });
    }
  });

  it("numbers the uses of one name, and runs steps side by side", async () => {
    await withBench(async (bench) => {
      const run = await runBody(bench, async ({ step }) => {
        const first = await step.run("ask", () => 1);
        const [second, third] = await Promise.all([step.run("ask", () => 2), step.run("ask", () => 3)]);
        return [first, second, third];
      });
      assert.deepEqual(output(run), [1, 2, 3]);
      const ids = (await bench.store.runs.steps(run.id)).map(({ id }) => id);
      assert.deepEqual(ids, ["ask", "ask#1", "ask#2"]);
    });
  });

  it("refuses a step inside of a step", async () => {
    await withBench(async (bench) => {
      const run = await runBody(bench, ({ step }) => step.run("outer", () => step.run("inner", () => 1)));
      assert.match(run.error?.message ?? "", /"inner" was started inside of step "outer"/);
    });
  });

  it("refuses names with # and : without trying again", async () => {
    await withBench(async (bench) => {
      const run = await runBody(bench, ({ step }) => step.run("a:b", () => 1));
      assert.deepEqual([run.status, run.error?.code, run.attempt], ["failed", "INPUT_INVALID", 0]);
    });
  });

  it("waits at least as long as the error asked for", async () => {
    await withBench(async (bench) => {
      const times: number[] = [];
      await runBody(bench, ({ step }) =>
        step.run("ask", ({ attempt }) => {
          times.push(bench.clock.now());
          if (attempt === 1) throw Object.assign(new Error("slow down"), { retryAfterMs: 30_000 });
        }),
      );
      const waited = (times[1] ?? 0) - (times[0] ?? 0);
      assert.ok(waited >= 30_000 && waited < 31_000, `${waited}`);
    });
  });

  it("gives a body that takes too long its signal, and tries again", async () => {
    await withBench(async (bench) => {
      const reasons: unknown[] = [];
      const run = await runBody(bench, ({ step }) =>
        step.run(
          "slow",
          ({ attempt, signal }) => {
            if (attempt === 2) return "in time";
            signal.addEventListener("abort", () => reasons.push(signal.reason));
            return new Promise<string>(() => undefined);
          },
          { timeoutMs: 5_000 },
        ),
      );
      assert.equal(output(run), "in time");
      assert.ok(isErrorCode(reasons[0], "STEP_TIMEOUT"));
    });
  });

  it("keeps no secret of an error", async () => {
    await withBench(async (bench) => {
      const run = await runBody(bench, ({ step }) =>
        step.run("ask", () => Promise.reject(new Error("bad key sk-abcdefgh12345")), { retry: { attempts: 1 } }),
      );
      assert.doesNotMatch(JSON.stringify([run.error, await bench.store.runs.steps(run.id)]), /abcdefgh/);
    });
  });
});

describe("a step that nobody awaits", () => {
  it("is stored when it fails, and ends neither the process nor the run", async () => {
    await withBench(async (bench) => {
      const run = await runBody(bench, async ({ step }) => {
        void step.run("forgotten", () => Promise.reject(new Error("no")), { retry: { attempts: 1 } });
        return "whole";
      });
      assert.equal(output(run), "whole");
      const [step] = await bench.store.runs.steps(run.id);
      assert.deepEqual([step?.state, step?.error?.message], ["failed", "no"]);
    });
  });
});

describe("a step that backs off", () => {
  it("waits in place up to a second, and gives its slot to others beyond", async () => {
    await withBench(async (bench) => {
      const claims = () => bench.seen.filter(({ name }) => name === "run-start").length;
      const flaky = ({ step }: Context): Promise<unknown> =>
        step.run("ask", ({ attempt }) => {
          if (attempt < 3) throw new Error("away");
        });
      await runBody(bench, flaky, { backoffMs: 400 });
      assert.equal(claims(), 1);
    });
    await withBench(async (bench) => {
      let others = 0;
      const other = defineAutomation("other", { on: [on.manual()] }, async () => void (others += 1));
      const flaky = one(
        ({ step }) =>
          step.run("ask", ({ attempt }) => {
            if (attempt < 3) throw new Error("away");
          }),
        backoff,
      );
      const engine = bench.engine([flaky, other], { slots: 1 });
      await engine.start();
      const { runId } = await engine.trigger("one");
      await bench.pass(1_000);
      assert.equal((await bench.store.runs.get(runId))?.status, "queued");
      await bench.runToEnd(engine, "other");
      assert.equal(others, 1);
      const run = await bench.during(engine.ended(runId));
      assert.deepEqual([run.status, run.epoch], ["done", 3]);
    });
  });

  it("lets its neighbours finish first, and loses nothing of theirs", async () => {
    await withBench(async (bench) => {
      const calls: string[] = [];
      const gate = Promise.withResolvers<void>();
      const engine = bench.engine([
        one(async ({ step }) => {
          const [, second] = await Promise.all([
            step.run("flaky", ({ attempt }) => {
              calls.push(`flaky ${attempt}`);
              if (attempt === 1) throw new Error("away");
            }),
            step
              .run("slow", async () => {
                calls.push("slow");
                await gate.promise;
                return 7;
              })
              .then((seven) =>
                step.run("after", async () => {
                  calls.push("after");
                  await bench.clock.sleep(50);
                  return seven;
                }),
              ),
          ]);
          return second;
        }, backoff),
      ]);
      await engine.start();
      const { runId } = await engine.trigger("one");
      await bench.pass(20_000, 1_000);
      assert.equal((await bench.store.runs.get(runId))?.status, "running");
      gate.resolve();
      const run = await bench.during(engine.ended(runId));
      assert.equal(output(run), 7);
      assert.deepEqual(calls, ["flaky 1", "slow", "after", "flaky 2"]);
    });
  });

  it("runs no catch and no finally of the automation while it waits", async () => {
    await withBench(async (bench) => {
      const seen: string[] = [];
      await runBody(
        bench,
        async ({ step }) => {
          try {
            await step.run("ask", ({ attempt }) => {
              if (attempt === 1) throw new Error("away");
            });
          } catch {
            seen.push("catch");
          } finally {
            seen.push("finally");
          }
        },
        backoff,
      );
      assert.deepEqual(seen, ["finally"]);
    });
  });

  it("keeps each to its own time when two wait", async () => {
    await withBench(async (bench) => {
      const times: Record<string, number[]> = { short: [], long: [] };
      const startedAt = bench.clock.now();
      const flaky = (name: "short" | "long", retryAfterMs: number) => (info: { attempt: number }) => {
        times[name]?.push(bench.clock.now() - startedAt);
        if (info.attempt === 1) throw Object.assign(new Error("away"), { retryAfterMs });
      };
      await runBody(bench, ({ step }) =>
        Promise.all([step.run("short", flaky("short", 5_000)), step.run("long", flaky("long", 60_000))]),
      );
      assert.ok((times["short"]?.[1] ?? 0) < 7_000);
      assert.ok((times["long"]?.[1] ?? 0) >= 60_000);
      assert.deepEqual([times["short"]?.length, times["long"]?.length], [2, 2]);
    });
  });
});

describe("an error outside of steps", () => {
  it("is tried again as the run's policy says, with finished steps kept", async () => {
    await withBench(async (bench) => {
      let steps = 0;
      const attempts: number[] = [];
      const run = await runBody(bench, async ({ step, run }) => {
        await step.run("first", () => void (steps += 1));
        attempts.push(run.attempt);
        if (run.attempt < 3) throw new Error("outside");
        return "whole";
      });
      assert.deepEqual([output(run), steps, attempts], ["whole", 1, [1, 2, 3]]);
    });
  });

  it("fails the run once the attempts are used up", async () => {
    await withBench(async (bench) => {
      const run = await runBody(bench, () => Promise.reject(new TypeError("outside")), { attempts: 2, backoffMs: 1 });
      assert.deepEqual([run.status, run.error], ["failed", { code: "TypeError", message: "outside" }]);
    });
  });

  it("waits for steps that are still in flight, so that their results are kept", async () => {
    await withBench(async (bench) => {
      const gate = Promise.withResolvers<void>();
      const engine = bench.engine([
        one(async ({ step }) => {
          void step.run("slow", () => gate.promise.then(() => "kept"));
          throw Object.assign(new Error("outside"), { isRetryable: false });
        }),
      ]);
      await engine.start();
      const { runId } = await engine.trigger("one");
      await bench.pass(1_000);
      gate.resolve();
      assert.equal((await bench.during(engine.ended(runId))).status, "failed");
      const [step] = await bench.store.runs.steps(runId);
      assert.equal(step?.output, '"kept"');
    });
  });
});
