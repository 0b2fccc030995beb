import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { commandsIn, type Ended, type Running } from "../../test/command.ts";

/** Automations of a user: one that answers, one that fails, one that waits until it is told, and one that must never run by itself. */
const CONFIG = `
import { automation, defineConfig, event, on } from "millrace";
const manual = on.manual({
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof value?.size === "string"
        ? { issues: [{ message: "It is a number.", path: ["size"] }] }
        : { value: { ...value } },
  },
}, { paths: ["file"] });
export default defineConfig({
  apps: { home: { sample: false } },
  automations: [
    automation("answer", { on: [manual] }, async ({ event, step }) =>
      ({ got: event.data, items: (await step.map("double", [1, 2, 3], (n) => 2 * n)).done })),
    automation("fail", { on: [on.manual()], retry: { attempts: 1 } }, ({ step }) =>
      step.run("break", () => { throw new Error("no luck with sk-ant-abcdef123456"); })),
    automation("partly", { on: [on.manual()], retry: { attempts: 1 } }, async ({ step }) => {
      const { done } = await step.map("ask", [1, 2], (n) => { if (n === 2) throw new Error("no answer"); return n; });
      return { done };
    }),
    automation("wait", { on: [on.manual()] }, async ({ event, step, signal }) => {
      await step.run("first", () => 1);
      await step.run("second", () => new Promise((resolve, reject) => {
        process.stderr.write("waiting\\n");
        const keep = setInterval(() => undefined, 1000);
        signal.addEventListener("abort", () => { clearInterval(keep); reject(signal.reason); });
        process.once("SIGTERM", () => setTimeout(() => { clearInterval(keep); resolve(2); }, 50));
      }));
      if (event.data?.short !== true) await step.run("third", () => 3);
      return { waited: true };
    }),
    automation("paper", { on: [on.event(event("paper.came", manual.schema))] }, async () => null),
    automation("often", { on: [on.cron("* * * * * *")] }, async () => ({ ran: true })),
  ],
});
`;

let folder = "";
let count = 0;
let begin: (args: readonly string[], environment?: Readonly<Record<string, string>>) => Running;
let millrace: (...args: readonly string[]) => Promise<Ended>;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-cli-"));
  ({ begin, millrace } = commandsIn(folder));
  writeFileSync(join(folder, "millrace.config.ts"), CONFIG);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const newData = (): string => join(folder, `data-${++count}`);

/** One clear message on the standard error, an exit code, and nothing of the inside. */
function assertClear({ code, stderr, stdout }: Ended, { exit, message }: { exit: number; message: RegExp }): void {
  assert.equal(code, exit, stderr);
  assert.match(stderr, message);
  assert.equal(stderr.match(/^error: /gm)?.length, 1, stderr);
  assert.doesNotMatch(stderr + stdout, /^\s+at |node:internal|\.ts:\d+/m);
}

describe("failures on the command line", { concurrency: 2 }, () => {
  const cases: readonly [string, () => readonly string[], number, RegExp][] = [
    ["an unknown command", () => ["strat"], 2, /Unknown command 'strat'.*\n.*start/],
    ["an unknown flag", () => ["start", "--prot", "1"], 2, /'--prot'.*\n.*--port/],
    ["a role that there is not", () => ["start", "--role", "wizard"], 2, /all, web, worker/],
    ["a role that needs another database", () => ["start", "--role", "worker"], 1, /--role: .*MILLRACE_DATABASE_URL/],
    ["a flag that is no number", () => ["runs", "list", "--limit", "many"], 2, /from 1 to 200/],
    ["a bad port", () => ["start", "--port", "99999"], 2, /'--port <number>'.*from 0 to 65535.*\(INPUT_INVALID\)/],
    ["a port that is no number", () => ["start", "--port", "abc"], 2, /'abc'.*from 0 to 65535/],
    ["a latency that is none", () => ["demo", "provider", "--latency", "soon"], 2, /'soon'.*2s/],
    ["a fault that there is not", () => ["demo", "provider", "--fault", "fire"], 1, /"fire"[^]*rate-limit, [^]*/],
    ["a run that is named twice", () => ["runs", "cancel", "x", "--key", "y"], 2, /by its id, or by --automation/],
    [
      "an event that nobody knows",
      () => ["events", "emit", "x", "--data", newData()],
      1,
      /\(NOT_FOUND\)\n.*paper\.came/,
    ],
    ["a command that is missing", () => ["runs"], 2, /list[^]*\nerror: A command is missing/],
    [
      "an address others can reach",
      () => ["start", "--host", "0.0.0.0", "--port", "0", "--data", newData()],
      1,
      /\(TOKEN_REQUIRED\)/,
    ],
    [
      "an unknown automation",
      () => ["run", "anwser", "--data", newData()],
      1,
      /Did you mean "answer"\?.*\(AUTOMATION_UNKNOWN\)/,
    ],
    [
      "an automation without a manual trigger",
      () => ["run", "often", "--data", newData()],
      1,
      /cannot be started by hand/,
    ],
    [
      "an input that is no JSON",
      () => ["run", "answer", "--input", "{", "--data", newData()],
      1,
      /--input is not JSON/,
    ],
    [
      "an input file that is not there",
      () => ["run", "answer", "--input", "@gone.json", "--data", newData()],
      1,
      /gone\.json cannot be read/,
    ],
    [
      "a word that belongs to no flag",
      () => ["run", "answer", "word", "--data", newData()],
      2,
      /"word" belongs to no flag/,
    ],
    [
      "an unknown field of the home's job",
      () => ["run", "home.daily", "--evnts", "x", "--data", newData()],
      2,
      /--evnts is not a field of this input: known are events/,
    ],
    [
      "a flag of the home's job without its value",
      () => ["run", "home.daily", "--events", "--data", newData()],
      2,
      /--events takes the path of a file: --events FILE\./,
    ],
    [
      "another one without its value",
      () => ["run", "home.daily", "--time-zone", "UTC", "--timezone", "--data", newData()],
      2,
      /--time-zone is not a field.*; --timezone takes a value: --timezone VALUE\./,
    ],
    [
      "a bad time zone",
      () => ["run", "home.daily", "--timezone", "Mars/Base", "--data", newData()],
      1,
      /"Mars\/Base" is not a known time zone/,
    ],
    ["an unknown run", () => ["runs", "show", "none", "--data", newData()], 1, /\(RUN_UNKNOWN\)/],
    [
      "a configuration file that is not there",
      () => ["start", "--config", "gone.ts"],
      1,
      /gone\.ts.*\(CONFIG_INVALID\)/,
    ],
  ];
  for (const [what, args, exit, message] of cases) {
    it(`tell of ${what}`, async () => assertClear(await millrace(...args()), { exit, message }));
  }

  it("tell of a taken port, before anything is made", async () => {
    const other = createServer();
    await once(other.listen(0, "127.0.0.1"), "listening");
    const { port } = other.address() as AddressInfo;
    const data = newData();
    const failed = await millrace("start", "--port", String(port), "--data", data);
    assert.equal(existsSync(data), false);
    assertClear(failed, { exit: 1, message: new RegExp(`Port ${port} .*\\(ADDRESS_IN_USE\\)\n.*--port ${port + 1}`) });
    other.close();
  });

  it("tell of a data folder that cannot be one", async () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    for (const data of [file, join(file, "below")]) {
      assertClear(await millrace("start", "--port", "0", "--data", data), {
        exit: 1,
        message: /\(DATA_UNUSABLE\)\n.*--data/,
      });
    }
  });

  it("tell of all mistakes of the configuration at once", async () => {
    writeFileSync(join(folder, "bad.config.ts"), `export default { prot: 1, timezone: "Mars/Base" };`);
    const { MILLRACE_DTAA, ...flags } = { MILLRACE_DTAA: "x", args: ["start", "--config", "bad.config.ts"] };
    const failed = await begin(flags.args, { MILLRACE_DTAA }).ended;
    assertClear(failed, { exit: 1, message: /3 mistakes:\n {2}MILLRACE_DTAA: .*"MILLRACE_DATA"/ });
    assert.match(failed.stderr, /prot: .*"port"/);
    assert.match(failed.stderr, /timezone: "Mars\/Base" is not a known time zone/);
  });

  it("tell of an event file that is missing, is no text, or is empty", async () => {
    writeFileSync(
      join(folder, "noise.csv"),
      Buffer.from(Array.from({ length: 999 }, (_, index) => (index * 37) % 256)),
    );
    writeFileSync(join(folder, "empty.csv"), "");
    const data = newData();
    for (const [file, message] of [
      ["gone.csv", /There is no file .*gone\.csv/],
      ["noise.csv", /noise\.csv is neither a text/],
      ["empty.csv", /empty\.csv is empty/],
    ] as const) {
      assertClear(await millrace("run", "home.daily", "--events", file, "--data", data), { exit: 1, message });
    }
  });

  it("keep the code and the advice of what broke a step", async () => {
    const args = ["run", "home.daily", "--events", "empty.csv", "--json", "--data", newData()];
    writeFileSync(join(folder, "empty.csv"), "");
    const { error } = JSON.parse((await millrace(...args)).stdout);
    assert.equal(error.code, "EVENTS_UNREADABLE");
    assert.match(error.advice, /CSV.*millrace runs show/);
  });

  it("leave nothing behind where nothing was yet, and neither do commands that only look", async () => {
    for (const [args, exit] of [
      [["run", "anwser"], 1],
      [["run", "answer", "--size", "big"], 1],
      [["run", "home.daily", "--events", "gone.csv"], 1],
      [["start", "--host", "0.0.0.0"], 1],
      [["runs", "list"], 0],
      [["runs", "retry", "none"], 1],
      [["automations"], 0],
      [["doctor"], 0],
    ] as const) {
      const data = newData();
      const { code, stderr } = await millrace(...args, "--data", data);
      assert.equal(code, exit, stderr);
      assert.equal(existsSync(data), false, args.join(" "));
    }
  });

  it("name a folder in which no data can be made, also where a command only looks", async () => {
    writeFileSync(join(folder, "a-file"), "");
    for (const args of [["runs", "list"], ["automations"]]) {
      const data = join(folder, "a-file", "below");
      assertClear(await millrace(...args, "--data", data), { exit: 1, message: /\(DATA_UNUSABLE\)/ });
    }
  });

  it("count the lines of a truncated event file that cannot be read, and go on", async () => {
    writeFileSync(join(folder, "cut.csv"), "time,entity_id,state\n2026-01-01T00:00:00Z,light.a,on\n2026-01-01T01:");
    const { code, stdout, stderr } = await millrace(
      "run",
      "home.daily",
      "--events",
      "cut.csv",
      "--json",
      "--data",
      newData(),
    );
    assert.equal(code, 0);
    const { events, skipped } = JSON.parse(stdout);
    assert.deepEqual([events, skipped], [1, 1]);
    assert.match(stderr, /"line":3/);
  });

  it("show a stack at the log level debug alone", async () => {
    const args = ["runs", "show", "none", "--data", newData()];
    const { stderr } = await begin(args, { MILLRACE_LOG_LEVEL: "debug" }).ended;
    assert.match(stderr, /\(RUN_UNKNOWN\)[\s\S]*\n +at /);
  });

  it("come as one line of JSON on the standard output when asked", async () => {
    for (const args of [
      ["start", "--prot", "--json"],
      ["runs", "show", "none", "--json", "--data", newData()],
    ]) {
      const { error } = JSON.parse((await millrace(...args)).stdout);
      assert.deepEqual(Object.keys(error), ["code", "message", "advice"]);
    }
  });
});

describe("millrace run", { concurrency: 2 }, () => {
  it("ends with one line of JSON: run, status, what the automation returned, seconds", async () => {
    const { code, stdout, stderr } = await millrace(
      "run",
      "answer",
      "--size",
      "5",
      "--is-big",
      "--no-mail",
      "--json",
      "--data",
      newData(),
    );
    assert.equal(code, 0, stderr);
    const answer = JSON.parse(stdout);
    assert.deepEqual(Object.keys(answer), ["run", "status", "got", "items", "seconds"]);
    assert.deepEqual([answer.status, answer.items], ["done", [2, 4, 6]]);
    assert.deepEqual(answer.got, { size: 5, isBig: true, mail: false });
    assert.match(stderr, /double: 3 of 3/);
  });

  it("takes input as JSON or from a file, with flags over it and paths made absolute", async () => {
    writeFileSync(join(folder, "input.json"), `{"size":1,"file":"a.csv"}`);
    const { stdout } = await millrace(
      "run",
      "answer",
      "--input",
      "@input.json",
      "--size=2",
      "--json",
      "--data",
      newData(),
    );
    assert.deepEqual(JSON.parse(stdout).got, { size: 2, file: join(folder, "a.csv") });
  });

  it("sums up for people without --json", async () => {
    const { code, stdout } = await millrace("run", "answer", "--data", newData());
    assert.equal(code, 0);
    assert.match(stdout, /^answer is done in .* \(run .*\)\n {2}got +\{\}\n {2}items +\[2,4,6\]\n$/);
  });

  it("fails with the error of the run and no secret, and the run can be looked at and tried again", async () => {
    const data = newData();
    const failed = await millrace("run", "fail", "--json", "--data", data);
    assertClear(failed, { exit: 1, message: /no luck.*\(STEP_FAILED\)/ });
    assert.doesNotMatch(failed.stdout + failed.stderr, /sk-ant/);
    const answer = JSON.parse(failed.stdout);
    assert.deepEqual(Object.keys(answer), ["run", "status", "error", "seconds"]);
    assert.deepEqual([answer.status, answer.error.code], ["failed", "STEP_FAILED"]);
    const shown = await millrace("runs", "show", answer.run, "--data", data);
    for (const part of [answer.run.slice(0, 13), `…${answer.run.slice(-8)}`])
      assert.deepEqual(await millrace("runs", "show", part, "--data", data), shown);
    const short = await millrace("runs", "show", answer.run.slice(-7), "--data", data);
    assertClear(short, { exit: 1, message: /\(RUN_UNKNOWN\)/ });
    assert.match(shown.stdout, /status +failed[\s\S]*break +failed/);
    const explained = await millrace("runs", "explain", answer.run, "--data", data);
    assert.match(
      explained.stdout,
      /is failed\.\n +It failed at [^]*Step "break" failed once[^]*→ `millrace runs retry /,
    );
    assert.equal((await millrace("runs", "retry", answer.run, "--data", data)).code, 0);
    const listed = await millrace("runs", "list", "--status", "queued", "--json", "--data", data);
    assert.deepEqual(
      JSON.parse(listed.stdout).items.map((run: { id: string }) => run.id),
      [answer.run],
    );
  });

  it("tells why an item of a map failed, though the run is done", async () => {
    const { code, stderr } = await millrace("run", "partly", "--data", newData());
    assert.equal(code, 0);
    assert.match(stderr, /^ask:1: failed in .*: no answer \(Error\)$/m);
  });

  it("executes nothing but its own automation", async () => {
    const data = newData();
    await millrace("run", "answer", "--data", data);
    const { items } = JSON.parse((await millrace("runs", "list", "--json", "--data", data)).stdout);
    assert.deepEqual(
      items.map((run: { automation: string }) => run.automation),
      ["answer"],
    );
  });

  it("closes in order on SIGTERM, and the same command goes on with the same run", async () => {
    const data = newData();
    const args = ["run", "wait", "--json", "--data", data];
    const first = begin(args);
    await first.seen("waiting");
    first.child.kill("SIGTERM");
    const stopped = await first.ended;
    assertClear(stopped, { exit: 143, message: /Stopped by SIGTERM: run (\S+) is kept/ });
    const id = /run (\S+) is kept/.exec(stopped.stderr)?.[1];
    const shown = JSON.parse((await millrace("runs", "show", id ?? "", "--json", "--data", data)).stdout);
    assert.equal(shown.status, "queued");
    assert.deepEqual(
      shown.steps.map((step: { id: string }) => step.id),
      ["first", "second"],
    );
    const again = await millrace(...args);
    assert.doesNotMatch(again.stderr, /waiting/);
    const { run, status, waited } = JSON.parse(again.stdout);
    assert.deepEqual([run, status, waited], [id, "done", true]);
  });

  it("tells of the end of a run whose last step was finished while it closed", async () => {
    const running = begin(["run", "wait", "--short", "--json", "--data", newData()]);
    await running.seen("waiting");
    running.child.kill("SIGTERM");
    const { code, stdout } = await running.ended;
    assert.equal(code, 0);
    assert.deepEqual([JSON.parse(stdout).status, JSON.parse(stdout).waited], ["done", true]);
  });

  it("leaves the work to the Millrace that owns the data, and waits for it", async () => {
    const data = newData();
    const owner = begin(["start", "--port", "0", "--data", data, "--json"]);
    await owner.seen('"url"');
    const { code, stdout, stderr } = await millrace("run", "answer", "--json", "--data", data);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /another Millrace owns this data folder/);
    assert.deepEqual(JSON.parse(stdout).items, [2, 4, 6]);
    owner.child.kill("SIGTERM");
    assert.equal((await owner.ended).code, 0);
  });
});

describe("a command whose output nobody reads any more", { concurrency: 2 }, () => {
  for (const name of ["stdout", "stderr"] as const) {
    it(`ends as it would have, without ${name}`, async () => {
      const running = begin(["run", "anwser", "--data", newData()]);
      running.child[name]?.destroy();
      assert.equal((await running.ended).code, 1);
    });
  }
});

describe("millrace start", () => {
  it("says where it is, answers, fires schedules, and ends with 0 on SIGINT", async () => {
    const started = begin(["start", "--port", "0", "--data", newData()]);
    const text = await started.seen("Millrace is at http://");
    const url = /http:\S+/.exec(text)?.[0] ?? "";
    const health = (await (await fetch(`${url}/api/health`)).json()) as { status: string };
    assert.equal(health.status, "ok");
    const stream = await fetch(`${url}/api/events/stream`);
    const queued = /event: run-queued\ndata: \{"runId":"[^"]+","automation":"often"/;
    let live = "";
    for await (const chunk of stream.body ?? []) {
      live += Buffer.from(chunk).toString();
      // The first schedule may have fired before the stream was open: the next one is told.
      if (queued.test(live)) break;
    }
    assert.match(live, queued);
    started.child.kill("SIGINT");
    assert.equal((await started.ended).code, 0);
  });
});

describe("the other commands", { concurrency: 2 }, () => {
  it("print help and version on the standard output", async () => {
    const help = await millrace("--help");
    assert.deepEqual([help.code, help.stderr], [0, ""]);
    for (const command of ["start", "run", "runs", "events", "cache", "automations", "doctor", "demo"])
      assert.match(help.stdout, new RegExp(`\n {2}${command}\\b`));
    assert.match((await millrace("--version")).stdout, /^\d+\.\d+\.\d+\n$/);
  });

  it("emit an event once for its id, and cancel a run by its key", async () => {
    const data = newData();
    const emit = ["events", "emit", "paper.came", "--input", "{}", "--id", "one", "--json", "--data", data];
    const emitted = JSON.parse((await millrace(...emit)).stdout);
    assert.deepEqual([emitted.id, emitted.isNew, emitted.runs.length], ["one", true, 1]);
    assert.deepEqual(JSON.parse((await millrace(...emit)).stdout), { id: "one", isNew: false, runs: [] });
    const none = await millrace("runs", "cancel", "--automation", "paper", "--key", "none", "--data", data);
    assertClear(none, { exit: 1, message: /no run of paper under the key "none".*\(RUN_UNKNOWN\)/ });
  });

  it("list the automations and what starts them", async () => {
    const { stdout } = await millrace("automations", "--json", "--data", newData());
    const names = JSON.parse(stdout).items.map((item: { name: string }) => item.name);
    assert.deepEqual(names, [
      "home.daily",
      "home.deploy",
      "home.watch",
      "home.refine",
      "answer",
      "fail",
      "partly",
      "wait",
      "paper",
      "often",
    ]);
  });

  it("serve a simulated provider, which doctor finds, and name one that cannot be reached", async () => {
    const demo = begin(["demo", "provider", "--port", "0", "--json"]);
    const { url } = JSON.parse(await demo.seen('"url"')) as { url: string };
    const data = newData();
    assert.equal((await millrace("run", "answer", "--data", data)).code, 0);
    const fine = await begin(["doctor", "--json", "--data", data], { ANTHROPIC_BASE_URL: url }).ended;
    assert.equal(fine.code, 0, fine.stdout);
    demo.child.kill("SIGINT");
    assert.equal((await demo.ended).code, 0);
    const broken = await begin(["doctor", "--data", data], { ANTHROPIC_BASE_URL: url }).ended;
    assert.equal(broken.code, 1);
    assert.match(broken.stdout, /BROKEN {2}provider anthropic: /);
    assert.match(broken.stdout, /ok {6}connection writer: journal_mode=wal/);
  });

  it("let doctor say what is wrong with the configuration instead of giving up", async () => {
    writeFileSync(join(folder, "worse.config.ts"), `export default { prot: 1 };`);
    const { code, stdout } = await millrace("doctor", "--config", "worse.config.ts");
    assert.equal(code, 1);
    assert.match(stdout, /BROKEN {2}configuration: .*"port"/);
  });
});
