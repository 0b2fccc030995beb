import { Command, InvalidArgumentError, Option } from "commander";
import type { AnyApp } from "../app.ts";
import { toMs } from "../core/duration.ts";
import { MillraceError } from "../core/errors.ts";
import { readVersion } from "../package.ts";
import { addAppCommands } from "./app-commands.ts";
import type { AuditArchiveFlags, AuditListFlags, AuditVerifyFlags } from "./audit.ts";
import type { InvalidateFlags } from "./cache.ts";
import type { DemoFlags } from "./demo.ts";
import type { CommonFlags } from "./open.ts";
import type { RunFlags } from "./run.ts";
import type { EmitFlags } from "./events.ts";
import type { CancelFlags, ListFlags, RetryFlags } from "./runs.ts";

/* Each command loads its own code only when it is called: what is not asked for costs no start-up time. */

export interface ProgramOptions {
  /** Gets help and version that were asked for. */
  readonly answer: (text: string) => void;
  /** Gets the help of a command that was called without the one it needs. */
  readonly remind: (text: string) => void;
  /** Apps of which the commands are added; default none. */
  readonly apps?: readonly AnyApp[];
}

/** Builds the command line. Misuse is thrown as a CommanderError. */
export function createProgram({ answer, remind, apps = [] }: ProgramOptions): Command {
  const program = new Command("millrace")
    .description("Durable AI automations: fast, cheap and crash-proof.")
    .version(readVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "explain a command")
    .exitOverride()
    .configureOutput({ writeOut: answer, writeErr: remind, outputError: () => undefined })
    .addHelpText("after", HELP);
  addStart(program);
  addRun(program);
  addRuns(program);
  addEvents(program);
  addCache(program);
  addAudit(program);
  addAutomations(program);
  addDoctor(program);
  addBackup(program);
  addDemo(program);
  if (apps.length > 0) addAppCommands(program, apps);
  return program;
}

const HELP = `
Exit codes: 0 fine, 1 failed, 2 misused, 130 and 143 interrupted.
With --json the last line on the standard output is one JSON value; a failure is {"error":{code,message,advice}}.`;

function common(command: Command): Command {
  return command
    .option("--data <folder>", "the data folder (default: ./data)")
    .option("--config <file>", "the configuration file (default: millrace.config.ts in the working folder)")
    .option("--json", "answer with one line of JSON")
    .option("--verbose", "log what is going on");
}

function addStart(program: Command): void {
  common(program.command("start"))
    .description("serve the dashboard and the API, and execute automations")
    .addOption(new Option("--port <number>", "the port; 0 takes any free one (default: 8018)").argParser(parsePort))
    .option("--host <address>", "the address to bind to (default: 127.0.0.1)")
    .addOption(
      new Option("--worker-port <number>", "where a worker says how it is (default: nowhere)").argParser(parsePort),
    )
    .addOption(
      new Option("--role <role>", "what this process does; web and worker need Postgres").choices([
        "all",
        "web",
        "worker",
      ]),
    )
    .action(async (flags: CommonFlags) => {
      const { start } = await import("./start.ts");
      await start(flags);
    });
}

function addRun(program: Command): void {
  common(program.command("run"))
    .description("run one automation to its end; further flags are fields of its input")
    .argument("<name>", "the automation, for example home.daily")
    .argument("[fields...]", "fields of the input: --events FILE --max-items 5")
    .option("--input <json>", "the input as JSON, or @file")
    .option("--idempotency-key <key>", "answer with the earlier run under this key, if there is one")
    .allowUnknownOption()
    .action(async (name: string, words: readonly string[], flags: RunFlags) => {
      const { run } = await import("./run.ts");
      process.exitCode = await run(name, words, flags);
    });
}

function addRuns(program: Command): void {
  const runs = program.command("runs").description("what ran, step by step");
  common(runs.command("list"))
    .description("list runs, newest first")
    .option("--automation <name>", "of this automation only")
    .addOption(new Option("--status <status>", "in this status only").choices(STATUSES))
    .addOption(new Option("--limit <number>", "how many, up to 200").default(50).argParser(parseLimit))
    .option("--cursor <cursor>", "the next page, as the last one named it")
    .action(async (flags: ListFlags) => {
      const { listRuns } = await import("./runs.ts");
      await listRuns(flags);
    });
  common(runs.command("show <id>"))
    .description("show a run with its steps")
    .action(async (id: string, flags: CommonFlags) => (await import("./runs.ts")).showRun(id, flags));
  common(runs.command("explain <id>"))
    .description("tell why a run stands where it stands, and what to do about it")
    .action(async (id: string, flags: CommonFlags) => (await import("./runs.ts")).explainRun(id, flags));
  common(runs.command("retry <id>"))
    .description("queue a failed or canceled run again, keeping its finished steps")
    .option("--from <step>", "do this step again, and all that ended after it began; also for a run that is done")
    .action(async (id: string, flags: RetryFlags) => (await import("./runs.ts")).retryRun(id, flags));
  common(runs.command("cancel [id]"))
    .description("cancel a run that has not ended")
    .option("--automation <name>", "with --key, in place of an id: the run that this automation has under a key")
    .option("--key <key>", "its idempotency key")
    .action(async (id: string | undefined, flags: CancelFlags) => (await import("./runs.ts")).cancelRun(id, flags));
}

function addEvents(program: Command): void {
  const events = program.command("events").description("facts that automations are started by or wait for");
  common(events.command("emit <name>"))
    .description("emit an event: it is stored, starts what it triggers, and wakes the runs that wait for it")
    .option("--input <json>", "its data as JSON, or @file")
    .option("--id <id>", "names it: an event of a known id does nothing")
    .action(async (name: string, flags: EmitFlags) => (await import("./events.ts")).emitEvent(name, flags));
}

const STATUSES = ["queued", "running", "waiting", "done", "failed", "canceled"];

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 200) return limit;
  throw new InvalidArgumentError("It is a whole number from 1 to 200.");
}

function addCache(program: Command): void {
  const cache = program.command("cache").description("what is cached, how well it does, and how to forget it");
  common(cache.command("stats"))
    .description("show what the levels hold, and the hit rates of the server that runs on the data folder")
    .action(async (flags: CommonFlags) => (await import("./cache.ts")).cacheStats(flags));
  common(cache.command("get <key>"))
    .description("show an entry of the levels below memory, with its value")
    .action(async (key: string, flags: CommonFlags) => (await import("./cache.ts")).cacheGet(key, flags));
  common(cache.command("invalidate"))
    .description("forget entries by key, tag or pattern, in every process on the data folder")
    .option("--key <key...>", "these keys")
    .option("--tag <tag...>", "all that depends on these tags")
    .option("--pattern <pattern...>", "all keys that match: * is one segment, ** any number, as in 'answers:*'")
    .addOption(
      new Option("--mode <mode>", "evict: never served again; expire: may be served within its grace")
        .choices(["evict", "expire"])
        .default("evict"),
    )
    .action(async (flags: InvalidateFlags) => (await import("./cache.ts")).cacheInvalidate(flags));
  common(cache.command("warm [loader]"))
    .description("run the warming loaders of the apps, or one of them")
    .action(async (loader: string | undefined, flags: CommonFlags) => {
      const { cacheWarm } = await import("./cache.ts");
      process.exitCode = await cacheWarm(loader, flags);
    });
  common(cache.command("clear"))
    .description("forget everything, in every process on the data folder")
    .action(async (flags: CommonFlags) => (await import("./cache.ts")).cacheClear(flags));
}

function addAudit(program: Command): void {
  const audit = program
    .command("audit")
    .description("what people and the configuration did, and whether the log of it is whole");
  common(audit.command("list"))
    .description("list actions, newest first")
    .option("--actor <id>", "by this one only: a principal, or cli:NAME")
    .option("--action <action>", "of this kind only, for example run.cancel")
    .addOption(new Option("--from <instant>", "from this instant on, in ISO 8601").argParser(parseInstant))
    .addOption(new Option("--to <instant>", "before this instant").argParser(parseInstant))
    .addOption(new Option("--limit <number>", "how many, up to 200").default(50).argParser(parseLimit))
    .option("--cursor <cursor>", "the next page, as the last one named it")
    .action(async (flags: AuditListFlags) => (await import("./audit.ts")).listAudit(flags));
  common(audit.command("verify"))
    .description(
      "check every entry, and the heads that were kept outside; exits 1 when the log was changed, cut or rewritten",
    )
    .option("--anchor <file>", "a file of heads (default: the one beside the data)")
    .option("--head <seq:hash...>", "heads from elsewhere, as `audit head` printed them")
    .option("--archive <file...>", "archives, the oldest first: the chain is checked from its first entry on")
    .action(async (flags: AuditVerifyFlags) => {
      process.exitCode = await (await import("./audit.ts")).verifyAudit(flags);
    });
  common(audit.command("archive"))
    .description("move old entries to a new file, and record that; refuses when the log is not whole")
    .addOption(
      new Option("--before <instant>", "entries before this instant, in ISO 8601")
        .argParser(parseInstant)
        .makeOptionMandatory(),
    )
    .requiredOption("--to <file>", "the file to make")
    .action(async (flags: AuditArchiveFlags) => (await import("./audit.ts")).archiveAudit(flags));
  common(audit.command("head"))
    .description("print where the log ends: keep it elsewhere, and a cut is noticed")
    .action(async (flags: CommonFlags) => (await import("./audit.ts")).printAuditHead(flags));
}

function parseInstant(text: string): number {
  const instant = Date.parse(text);
  if (Number.isFinite(instant) && /^\d{4}-\d\d-\d\d/.test(text)) return instant;
  throw new InvalidArgumentError("It is an instant in ISO 8601, for example 2026-11-24T00:00:00Z.");
}

function addAutomations(program: Command): void {
  common(program.command("automations"))
    .description("list the automations and what starts them")
    .action(async (flags: CommonFlags) => (await import("./automations.ts")).listAutomations(flags));
}

function addDoctor(program: Command): void {
  common(program.command("doctor"))
    .description("look at what is configured and reachable, with advice")
    .action(async (flags: CommonFlags) => {
      const { doctor } = await import("./doctor.ts");
      process.exitCode = await doctor(flags);
    });
}

function addBackup(program: Command): void {
  common(program.command("backup <file>"))
    .description("copy the database of the data folder to a new file, also beside a running server")
    .action(async (file: string, flags: CommonFlags) => (await import("./backup.ts")).backUpData(file, flags));
  common(program.command("restore <file>"))
    .description("put a copy in the place of the data folder's database, which is kept beside it")
    .action(async (file: string, flags: CommonFlags) => (await import("./backup.ts")).restoreData(file, flags));
}

function addDemo(program: Command): void {
  const demo = program.command("demo").description("things to try Millrace with");
  demo
    .command("provider")
    .description("serve a simulated model provider, to try things without a key")
    .addOption(new Option("--port <number>", "the port; 0 takes any free one").default(8019).argParser(parsePort))
    .addOption(new Option("--latency <duration>", "time to the first byte, for example 1.5s").argParser(parseMs))
    .addOption(new Option("--tokens-per-second <number>", "how fast answers are written").argParser(parseRate))
    .addOption(new Option("--fault-rate <share>", "share of requests that fail").argParser(parseShare))
    .option("--fault <name...>", "which faults these are; docs/guide/simulator.md lists them")
    .addOption(new Option("--tier <tier>", "limits that are enforced").choices(["none", "start"]).default("none"))
    .addOption(new Option("--batch-time <duration>", "how long a batch takes, default 2s").argParser(parseMs))
    .addOption(new Option("--timings <timings>", "of the models fb-s01 to fb-s16").choices(["full", "fast"]))
    .option("--model <name...>", "models that are listed; any other is answered all the same")
    .option("--key <key>", "the only key that is taken")
    .option("--keyless", "take requests without a key, as a local server does")
    .option("--instant", "answer with fixed bytes, as fast as can be")
    .option("--config <file>", "a JSON file with what the control API can set; options win")
    .addOption(new Option("--seed <number>", "same seed, same answers").default(1).argParser(parseSeed))
    .option("--json", "print the address as one line of JSON")
    .action(async (flags: DemoFlags) => {
      const { demoProvider } = await import("./demo.ts");
      await demoProvider(flags);
    });
}

function parsePort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError("It is a whole number from 0 to 65535.");
}

function parseMs(text: string): number {
  try {
    return toMs(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof MillraceError ? error.advice : String(error));
  }
}

function parseShare(text: string): number {
  const share = Number(text);
  if (share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError("It is a number from 0 to 1, for example 0.1.");
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (rate > 0) return rate;
  throw new InvalidArgumentError("It is a number above 0, for example 80.");
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new InvalidArgumentError("It is a whole number from 0 on.");
}
