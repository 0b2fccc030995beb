import { systemClock } from "../core/clock.ts";
import { type ErrorRecord, MillraceError } from "../core/errors.ts";
import { parse, type Schema } from "../core/schema.ts";
import type { Host } from "../host.ts";
import type { RunRecord } from "../store/store.ts";
import { commandActor } from "./audit.ts";
import { Interrupted, sayFailure } from "./failure.ts";
import { parseInputFlags, readInput, toInput } from "./input-flags.ts";
import { requireKnownFlags } from "./misused-flags.ts";
import { type CommonFlags, openCommandHost } from "./open.ts";
import { out, outJson, say, toColumns, toTime } from "./output.ts";
import { showProgress } from "./progress.ts";
import { type Signals, watchSignals } from "./signals.ts";

export interface RunFlags extends CommonFlags {
  /** JSON, or `@file`. */
  readonly input?: string;
  readonly idempotencyKey?: string;
}

/**
 * Runs one automation to its end, in this process or, when another one owns the data, in that. An unfinished run with the same input is
 * joined. Gives the exit code.
 */
export async function run(name: string, words: readonly string[], flags: RunFlags): Promise<number> {
  const startedAt = systemClock.monotonic();
  const stop = watchSignals();
  const { host, input } = await openWithInput(name, words, flags);
  let runId: string | undefined;
  const stopProgress = showProgress({ events: host.events, runId: () => runId });
  try {
    const key = flags.idempotencyKey;
    const started = await host.engine.trigger(name, input, { join: true, ...(key === undefined ? {} : { key }) });
    runId = started.runId;
    host.audit.note({
      actor: commandActor(),
      action: "run.start",
      subject: `run:${runId}`,
      data: { automation: name, isNew: started.isNew },
    });
    if (!started.isNew) say(`joining run ${runId}, which was started before`);
    if ((await host.start()) === "guest") say("another Millrace owns this data folder and executes the run");
    const ended = await waitForEnd(host, runId, stop);
    stopProgress();
    return report(ended, { seconds: secondsSince(startedAt), isJson: flags.json === true });
  } finally {
    stopProgress();
    await host.close();
  }
}

interface Opened {
  readonly host: Host;
  readonly input: unknown;
}

/** Opens a host for a run whose automation and input are as they should be; where there is no data folder yet, none is made before that. */
async function openWithInput(name: string, words: readonly string[], flags: RunFlags): Promise<Opened> {
  const cwd = process.cwd();
  const fields = parseInputFlags(words);
  const given = flags.input === undefined ? undefined : await readInput(flags.input, cwd);
  const host = await openCommandHost({ flags, level: "warn", only: name, makesData: false });
  try {
    const { automation, schema, paths } = requireManual(host, name);
    const input = await toInput(automation, { input: given, fields, cwd });
    if (schema !== undefined) await requireKnownFlags({ schema, input, fields, paths });
    if (!host.isStandIn) return { host, input };
    if (schema !== undefined) await parse(schema, input, { what: `The input of ${name}` });
    await host.close();
    return { host: await openCommandHost({ flags, level: "warn", only: name }), input };
  } catch (error) {
    await host.close();
    throw error;
  }
}

/** After a signal steps in flight still get their time: the run may come to its end by them. Throws Interrupted when it does not. */
async function waitForEnd({ engine, store }: Host, runId: string, stop: Signals): Promise<RunRecord> {
  try {
    return await engine.ended(runId, stop.signal);
  } catch (error) {
    const signal = stop.received();
    if (signal === undefined) throw error;
    await engine.close();
    const run = await store.runs.get(runId);
    if (run !== undefined && run.endedAt !== null) return run;
    throw new Interrupted(signal, `Stopped by ${signal}: run ${runId} is kept and goes on with the same command.`);
  }
}

interface ByHand {
  readonly automation: Host["automations"][number];
  readonly schema: Schema | undefined;
  readonly paths: readonly string[];
}

function requireManual(host: Host, name: string): ByHand {
  const automation = host.automations.find((each) => each.name === name);
  const manual = automation?.options.on.find((trigger) => trigger.kind === "manual");
  if (automation !== undefined && manual !== undefined)
    return { automation, schema: manual.schema, paths: manual.paths ?? [] };
  throw new MillraceError("INPUT_INVALID", `${name} cannot be started by hand.`, {
    advice: "Give it a manual trigger: on.manual().",
  });
}

function secondsSince(startedAt: number): number {
  return Math.round(systemClock.monotonic() - startedAt) / 1_000;
}

interface ReportOptions {
  readonly seconds: number;
  readonly isJson: boolean;
}

function report(ended: RunRecord, { seconds, isJson }: ReportOptions): number {
  const { id, status, error } = ended;
  const output: unknown = ended.output === null ? null : JSON.parse(ended.output);
  if (status === "done") {
    if (isJson) outJson({ run: id, status, ...toFields(output), seconds });
    else {
      out(`${ended.automation} is done in ${toTime(seconds * 1_000)} (run ${id})${toSummary(output)}`);
      say("`millrace start` shows it in the browser");
    }
    return 0;
  }
  const record = withAdvice(id, error ?? { code: "RUN_CANCELED", message: "The run was canceled." });
  sayFailure(record);
  if (isJson) outJson({ run: id, status, error: record, seconds });
  return 1;
}

function withAdvice(id: string, { code, message, advice = "" }: ErrorRecord): Required<ErrorRecord> {
  const own = advice.replaceAll(" ID`", ` ${id}\``);
  const steps = `\`millrace runs show ${id}\` shows its steps.`;
  return { code, message, advice: own.includes(id) ? own : `${own} ${steps}`.trim() };
}

/** What the automation returned, as fields of the answer when it is an object. */
function toFields(output: unknown): object {
  if (typeof output === "object" && output !== null && !Array.isArray(output)) return output;
  return output === null ? {} : { output };
}

function toSummary(output: unknown): string {
  const lines = Object.entries(toFields(output)).map(([name, value]) => [
    `  ${name}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return lines.length === 0 ? "" : `\n${toColumns(lines)}`;
}
