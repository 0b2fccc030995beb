import type { Host } from "../host.ts";
import type { RunDetail, RunSummary } from "../http/api.ts";
import { parseCursor, toCursor } from "../http/cursor.ts";
import { toRunDetail, toRunSummary } from "../http/views.ts";
import type { Explanation } from "../runs/engine.ts";
import type { RunStatus } from "../store/store.ts";
import { recorderOf } from "../core/audit.ts";
import { commandActor } from "./audit.ts";
import { Misuse } from "./failure.ts";
import { type CommonFlags, withHost } from "./open.ts";
import { out, outJson, toColumns, toSize, toTime } from "./output.ts";
import { requireRun } from "./require-run.ts";

export interface ListFlags extends CommonFlags {
  readonly automation?: string;
  readonly status?: RunStatus;
  readonly limit: number;
  readonly cursor?: string;
}

export async function listRuns(flags: ListFlags): Promise<void> {
  await withHost(flags, async ({ store, engine, clock }) => {
    const { automation, status, limit, cursor } = flags;
    const filter = {
      ...(automation === undefined ? {} : { automation }),
      ...(status === undefined ? {} : { status }),
    };
    const from = cursor === undefined ? {} : { before: parseCursor(filter, cursor) };
    const page = await store.runs.list({ ...filter, ...from, limit });
    const items = page.runs.map((run) => toRunSummary(run, { now: clock.now(), progress: engine.progress(run.id) }));
    const next = page.next === undefined ? null : toCursor(filter, page.next);
    if (flags.json === true) outJson({ items, total: page.total, next });
    else out(toList(items, page.total, next));
  });
}

export async function showRun(part: string, flags: CommonFlags): Promise<void> {
  await withHost(flags, async (host) => {
    const run = await requireRun(host, part);
    const steps = await host.store.runs.steps(run.id);
    const detail = toRunDetail(run, steps, { now: host.clock.now(), progress: host.engine.progress(run.id) });
    if (flags.json === true) outJson(detail);
    else out(toDetail(detail));
  });
}

export async function explainRun(part: string, flags: CommonFlags): Promise<void> {
  await withHost(flags, async (host) => {
    const { id } = await requireRun(host, part);
    const explanation = await host.engine.explain(id);
    if (flags.json === true) outJson(explanation);
    else out(toWords(explanation));
  });
}

export interface RetryFlags extends CommonFlags {
  readonly from?: string;
}

export async function retryRun(part: string, flags: RetryFlags): Promise<void> {
  await withHost(flags, async (host) => {
    const { id } = await requireRun(host, part);
    const { from } = flags;
    const data = from === undefined ? {} : { data: { from } };
    const record = recorderOf(host.audit, {
      actor: commandActor(),
      action: "run.retry",
      subject: `run:${id}`,
      ...data,
    });
    await host.engine.retry(id, { record, ...(from === undefined ? {} : { from }) });
    await tell(host, id, flags, "is queued again; a Millrace that runs picks it up, or the next `millrace start`");
  });
}

export interface CancelFlags extends CommonFlags {
  readonly automation?: string;
  readonly key?: string;
}

export async function cancelRun(part: string | undefined, flags: CancelFlags): Promise<void> {
  const { automation, key } = flags;
  const isById = part !== undefined && automation === undefined && key === undefined;
  const isByKey = part === undefined && automation !== undefined && key !== undefined;
  if (!isById && !isByKey) {
    throw new Misuse(
      "A run is named by its id, or by --automation and --key.",
      "Write `millrace runs cancel ID` or `millrace runs cancel --automation NAME --key KEY`.",
    );
  }
  await withHost(flags, async (host) => {
    const id = isByKey ? await host.engine.runOf(automation, key) : (await requireRun(host, part ?? "")).id;
    const record = recorderOf(host.audit, { actor: commandActor(), action: "run.cancel", subject: `run:${id}` });
    await host.engine.cancel(id, { record });
    await tell(host, id, flags, "is canceled");
  });
}

async function tell(host: Host, id: string, flags: CommonFlags, what: string): Promise<void> {
  const run = await requireRun(host, id);
  if (flags.json === true) outJson(toRunSummary(run, { now: host.clock.now(), progress: [] }));
  else out(`Run ${id} ${what}.`);
}

function toWords({ runId, automation, status, why, advice }: Explanation): string {
  const next = advice.map((line) => `  → ${line}`);
  return [`Run ${runId} of ${automation} is ${status}.`, ...why.map((line) => `  ${line}`), ...next].join("\n");
}

function toList(items: readonly RunSummary[], total: number, next: string | null): string {
  if (items.length === 0) return total === 0 ? "There are no such runs." : "There are no further runs.";
  const rows = items.map(({ id, automation, status, createdAt, ms, error }) => [
    id,
    automation,
    status,
    createdAt,
    ms === null ? "" : toTime(ms),
    error === null ? "" : error.code,
  ]);
  const more = next === null ? "" : `\nFor the next page add --cursor ${next}`;
  return `${toColumns([["RUN", "AUTOMATION", "STATUS", "CREATED", "TOOK", "ERROR"], ...rows])}\n${items.length} of ${total}${more}`;
}

function toDetail(run: RunDetail): string {
  const facts = [
    ["run", run.id],
    ["automation", run.automation],
    ["status", run.status],
    ["created", run.createdAt],
    ["took", run.ms === null ? "not started" : toTime(run.ms)],
    ["event", JSON.stringify(run.event)],
    ...(run.output === null ? [] : [["output", JSON.stringify(run.output)]]),
    ...(run.error === null ? [] : [["error", `${run.error.message} (${run.error.code})`]]),
  ];
  const steps = run.steps.map(({ id, state, attempt, ms, outputBytes, error }) => [
    `  ${id}`,
    state,
    attempt === 1 ? "" : `attempt ${attempt}`,
    ms === null ? "" : toTime(ms),
    error === null ? toSize(outputBytes) : `${error.message} (${error.code})`,
  ]);
  return [toColumns(facts), ...(steps.length === 0 ? [] : ["steps", toColumns(steps)])].join("\n");
}
