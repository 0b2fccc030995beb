import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Bench, withBench } from "../../test/crash/engine-harness.ts";
import { systemClock } from "../core/clock.ts";
import type { RunRecord } from "../store/store.ts";
import { type AnyAutomation, defineAutomation } from "./automation.ts";
import type { Engine } from "./engine.ts";
import { on } from "./trigger.ts";

/** Works in an empty folder, with engines whose clock is ahead of its files: they have come to rest. */
async function inFolder(work: (folder: string, bench: Bench) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-arrivals-"));
  try {
    await withBench((bench) => work(folder, bench), { startAt: systemClock.now() + 3_600_000 });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Lets the clock go on until the newest runs of an automation have ended, as many as are expected. */
async function ended({ store, pass }: Bench, automation: string, count: number): Promise<RunRecord[]> {
  for (;;) {
    const { runs } = await store.runs.list({ automation, limit: 1_000 });
    if (runs.length >= count && runs.every(({ endedAt }) => endedAt !== null)) return [...runs].toReversed();
    await pass(100);
    // What the disk is asked for comes in real time.
    await systemClock.sleep(1);
  }
}

const OPTIONS = { debounce: 0, polling: "1s" } as const;

function start(bench: Bench, automation: AnyAutomation): Promise<Engine> {
  const engine = bench.engine([automation]);
  return engine.start().then(() => engine);
}

describe("an automation with a file trigger", { timeout: 60_000 }, () => {
  it("runs for each file, and is told where it is and what it is", async () => {
    await inFolder(async (folder, bench) => {
      const reads = defineAutomation(
        "reads",
        { on: [on.file({ ...OPTIONS, glob: `${folder}/*.txt` })] },
        ({ event, step }) =>
          step.run("read", async () => `${event.type} ${event.data.kind} ${await readFile(event.data.path, "utf8")}`),
      );
      await writeFile(join(folder, "a.txt"), "one");
      await writeFile(join(folder, "a.pdf"), "two");
      const engine = await start(bench, reads);
      const [run] = await ended(bench, "reads", 1);
      assert.equal(run?.output, '"file added one"');
      await writeFile(join(folder, "a.txt"), "three");
      const [, second] = await ended(bench, "reads", 2);
      assert.equal(second?.output, '"file changed three"');
      assert.deepEqual((await engine.automations())[0]?.triggers, [{ kind: "file", glob: `${folder}/*.txt` }]);
    });
  });

  it("starts one run for a content where its key says so, and one for a path where the key cannot be made", async () => {
    await inFolder(async (folder, bench) => {
      const once = defineAutomation(
        "once",
        {
          on: [on.file({ ...OPTIONS, glob: `${folder}/*` })],
          key: ({ data }) => {
            if (data.name.startsWith("bad")) throw new Error("no key for this");
            return data.hash;
          },
        },
        async ({ event }) => event.data.name,
      );
      for (const name of ["a.txt", "b.txt", "bad1.txt", "bad2.txt"]) await writeFile(join(folder, name), "same");
      await start(bench, once);
      const names = (await ended(bench, "once", 3)).map(({ output }) => output);
      assert.equal(names.length, 3);
      assert.ok(names.includes('"bad1.txt"') && names.includes('"bad2.txt"'));
    });
  });

  it("goes on with the files after those that its rate drops", async () => {
    await inFolder(async (folder, bench) => {
      const rare = defineAutomation(
        "rare",
        { on: [on.file({ ...OPTIONS, glob: `${folder}/*` })], rate: { limit: 2, per: "1d", over: "drop" } },
        async () => null,
      );
      for (let index = 0; index < 5; index++) await writeFile(join(folder, `${index}.txt`), "");
      await start(bench, rare);
      await ended(bench, "rare", 2);
      await bench.pass(5_000);
      assert.equal((await ended(bench, "rare", 2)).length, 2);
    });
  });

  it("gathers files into one run", async () => {
    await inFolder(async (folder, bench) => {
      const trigger = on.batch(on.file({ ...OPTIONS, glob: `${folder}/*` }), { max: 3, wait: "1h" });
      const many = defineAutomation("many", { on: [trigger] }, async ({ event }) =>
        event.data.map(({ name }) => name).sort(),
      );
      for (let index = 0; index < 3; index++) await writeFile(join(folder, `${index}.txt`), "");
      await start(bench, many);
      const [run] = await ended(bench, "many", 1);
      assert.equal(run?.output, '["0.txt","1.txt","2.txt"]');
    });
  });

  it("does not start itself by the files that it writes", async () => {
    await inFolder(async (folder, bench) => {
      const answers = defineAutomation(
        "answers",
        { on: [on.file({ ...OPTIONS, glob: `${folder}/*` })] },
        async ({ event, step, files }) => {
          await step.run("answer", () => files.write(`${event.data.path}.answer`, "42"));
          await step.run("mark", () => files.write(event.data.path, "answered"));
        },
      );
      await writeFile(join(folder, "question"), "what?");
      await start(bench, answers);
      await ended(bench, "answers", 1);
      for (let second = 0; second < 5; second++) {
        await bench.pass(1_000);
        await systemClock.sleep(10);
      }
      assert.equal((await ended(bench, "answers", 1)).length, 1);
      assert.equal(await readFile(join(folder, "question.answer"), "utf8"), "42");
    });
  });

  it("is found by the process that takes over, and by no guest", async () => {
    await inFolder(async (folder, bench) => {
      const job = defineAutomation("job", { on: [on.file({ ...OPTIONS, glob: `${folder}/*` })] }, async () => null);
      await writeFile(join(folder, "a"), "1");
      let isOwned = true;
      const store = { ...bench.store, own: async () => !isOwned };
      const guest = bench.engine([job], { store });
      assert.equal(await guest.start(), "guest");
      await bench.pass(3_000);
      assert.equal((await bench.store.runs.list({ limit: 10 })).total, 0);
      isOwned = false;
      assert.equal((await ended(bench, "job", 1)).length, 1);
    });
  });
});

describe("an automation with a webhook", () => {
  it("is told the body, and starts one run for a delivery or for its own key", async () => {
    await withBench(async (bench) => {
      const secret = "a secret of the sender";
      const hook = defineAutomation(
        "hook",
        { on: [on.webhook("in", { secret, signature: { header: "x-s" } })] },
        async ({ event }) => event,
      );
      const keyed = defineAutomation(
        "keyed",
        { on: [on.webhook<{ id: string }>("keyed")], key: ({ data }) => data.id },
        async () => null,
      );
      const engine = bench.engine([hook, keyed]);
      await engine.start();
      const body = Buffer.from('{"a":1}');
      const headers = { "x-s": createHmac("sha256", secret).update(body).digest("hex") };
      const { runId, isNew } = await engine.webhooks.receive("/in", { headers, body });
      assert.equal(isNew, true);
      assert.deepEqual(await engine.webhooks.receive("/in", { headers, body }), { runId, isNew: false });
      const run = await bench.during(engine.ended(runId));
      const event = JSON.parse(run.output ?? "") as { type: string; data: unknown };
      assert.deepEqual([event.type, event.data], ["webhook", { a: 1 }]);
      const send = (id: string, key: string) =>
        engine.webhooks.receive("/keyed", {
          headers: { "idempotency-key": key },
          body: Buffer.from(JSON.stringify({ id })),
        });
      assert.equal((await send("1", "x")).isNew, true);
      assert.equal((await send("1", "y")).isNew, false, "the automation's own key goes before the sender's");
      assert.equal((await send("2", "x")).isNew, true);
    });
  });
});
