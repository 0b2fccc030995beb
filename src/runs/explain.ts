import type { RunRecord, RunStore, StepRecord } from "../store/store.ts";
import type { AnyAutomation } from "./automation.ts";
import type { Explanation } from "./engine.ts";
import { otherVersion } from "./versions.ts";
import { FOR_EVER } from "./wait-steps.ts";

export interface ExplainParams {
  readonly run: RunRecord;
  readonly store: Pick<RunStore, "steps" | "holders">;
  /** Those that this process knows. */
  readonly automation: (name: string) => AnyAutomation | undefined;
  readonly now: number;
}

/** What is known of why, and what to do. */
interface Reasons {
  readonly why: string[];
  readonly advice: string[];
}

/** Tells in words why a run stands where it stands. Times are ISO 8601 in UTC. */
export async function explain({ run, store, automation, now }: ExplainParams): Promise<Explanation> {
  const steps = await store.steps(run.id);
  const reasons: Reasons = { why: [], advice: [] };
  if (run.endedAt === null)
    await explainOpen({ run, steps, store, automation: automation(run.automation), now, reasons });
  else explainEnded(run, steps, reasons);
  return { runId: run.id, automation: run.automation, status: run.status, ...reasons };
}

interface OpenParams {
  readonly run: RunRecord;
  readonly steps: readonly StepRecord[];
  readonly store: Pick<RunStore, "holders">;
  readonly automation: AnyAutomation | undefined;
  readonly now: number;
  readonly reasons: Reasons;
}

async function explainOpen(params: OpenParams): Promise<void> {
  const { run, steps, automation, now, reasons } = params;
  const { why, advice } = reasons;
  if (automation === undefined) {
    why.push(`There is no automation ${run.automation} here, so nobody executes it.`);
    advice.push(`Start a Millrace that has ${run.automation}, or \`millrace runs cancel ${run.id}\`.`);
    return;
  }
  const other = otherVersion(run, automation, now);
  if (other !== undefined) {
    why.push(
      `It belongs to version ${run.version} of ${run.automation}, and the code here is version ${automation.options.version ?? 1}.`,
    );
    advice.push(
      `Start version ${run.version}; or cancel it and \`millrace runs retry ${run.id}\`, which goes on with the code as it is now.`,
    );
    return;
  }
  if (run.status === "running")
    why.push(`It is being executed since ${at(run.startedAt ?? now)}, under its claim number ${run.epoch}.`);
  else if (run.lane === "blocked") await explainBlocked(params);
  else if (run.lane === "ready" || run.availableAt <= now) explainReady(run, reasons);
  else explainLater(params);
  for (const step of steps) if (step.state === "open") why.push(openStep(step, now));
  if (run.undoing !== null) {
    const how = run.undoing.status === "failed" ? `It has failed (${run.undoing.error.message})` : "It was canceled";
    why.push(`${how}; what its steps did is being undone, then it ends.`);
  }
  if (run.crashes > 0) {
    why.push(
      `The process died ${times(run.crashes)} while it executed this run, without a step stored since; after five times it fails.`,
    );
  }
  if (run.error !== null) why.push(`Its last trouble: ${run.error.message} (${run.error.code})`);
}

async function explainBlocked({ run, store, automation, reasons }: OpenParams): Promise<void> {
  const { why, advice } = reasons;
  const key = run.concurrencyKey ?? "";
  const held = await store.holders({ automation: run.automation, key });
  const limit = automation?.options.concurrency?.limit;
  const under = key === "" ? "" : ` for the key ${JSON.stringify(key)}`;
  why.push(
    `It waits for a place: ${run.automation} executes at most ${limit ?? held.length} at once${under}, and ${names(held)} ${held.length === 1 ? "holds it" : "hold them"}.`,
  );
  advice.push(
    "It starts as soon as one of them ends, sleeps or waits; raise concurrency.limit, or cancel one of them.",
  );
}

function explainReady(run: RunRecord, { why, advice }: Reasons): void {
  why.push("It may start: the next free slot takes it, those of a higher priority and older ones first.");
  advice.push(
    "If it stays so, no Millrace is running on this data, or all its slots are taken: `millrace doctor` tells.",
  );
  if (run.attempt > 0) why.push(`It was tried ${times(run.attempt)} before.`);
}

function explainLater({ run, steps, automation, reasons: { why, advice } }: OpenParams): void {
  const when = at(run.availableAt);
  if (run.status === "waiting") {
    why.push(run.availableAt >= FOR_EVER ? "It waits, however long it takes." : `It waits, at most until ${when}.`);
    return;
  }
  if (run.mergeKey !== null) {
    const kind =
      automation?.options.debounce === undefined ? "gathers events into a batch" : "waits until no more events come";
    why.push(`It ${kind}: ${run.merged} so far; it starts at ${when} at the latest.`);
    return;
  }
  if (steps.some(({ state }) => state === "open") || run.attempt > 0) {
    why.push(`It is tried again at ${when}.`);
    return;
  }
  const rate = automation?.options.rate;
  if (rate === undefined) why.push(`It starts at ${when}.`);
  else {
    why.push(`It is delayed by its rate, ${rate.limit} per ${rate.per}: it starts at ${when}.`);
    advice.push("Raise rate.limit if that is too slow.");
  }
}

function openStep({ id, kind, event, match, endedAt, attempt, error }: StepRecord, now: number): string {
  const until = endedAt === null || endedAt >= FOR_EVER ? "" : `, at most until ${at(endedAt)}`;
  switch (kind) {
    case "sleep":
      return `Step "${id}" sleeps until ${at(endedAt ?? now)}.`;
    case "wait":
      return `Step "${id}" waits for an event ${event}${match === null ? "" : ` that is about ${JSON.stringify(match)}`}${until}.`;
    case "call":
      return `Step "${id}" waits for the run ${match} that it called.`;
    case "run":
      return `Step "${id}" failed ${times(attempt)} (${error?.message ?? "no reason was stored"}) and is tried again at ${at(endedAt ?? now)}.`;
  }
}

function explainEnded(run: RunRecord, steps: readonly StepRecord[], { why, advice }: Reasons): void {
  const when = at(run.endedAt ?? run.createdAt);
  if (run.status === "done") why.push(`It came to its end at ${when}, with all it had to do.`);
  if (run.status === "canceled") why.push(`It was canceled at ${when}.`);
  if (run.status === "failed") {
    why.push(`It failed at ${when}: ${run.error?.message ?? "no reason was stored"}`);
    if (run.error?.advice !== undefined) advice.push(run.error.advice);
  }
  for (const { id, state, attempt, error } of steps) {
    if (state === "failed")
      why.push(`Step "${id}" failed ${times(attempt)}, for good: ${error?.message ?? "no reason was stored"}`);
  }
  const undone = steps
    .filter(({ id, state }) => id.startsWith("#undo:") && state === "done")
    .map(({ id }) => id.slice(6));
  if (undone.length > 0) why.push(`Undone were: ${undone.join(", ")}.`);
  if (run.status === "done") return;
  const kept = steps.filter(({ id, state }) => state === "done" && !id.startsWith("#") && !undone.includes(id)).length;
  const what = kept === 1 ? "the one finished step is" : `the ${kept} finished steps are`;
  advice.push(`\`millrace runs retry ${run.id}\` tries it again${kept === 0 ? "" : `; ${what} kept`}.`);
}

function names(ids: readonly string[]): string {
  const [first = "no run", second, ...rest] = ids;
  if (second === undefined) return first;
  return rest.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${rest.length} more`;
}

function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}

function at(instant: number): string {
  return new Date(Math.min(instant, FOR_EVER)).toISOString();
}
