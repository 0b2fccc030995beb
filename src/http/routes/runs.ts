import { z } from "zod";
import { type AuditTrail, recorderOf } from "../../core/audit.ts";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import type { Engine } from "../../runs/engine.ts";
import type { Database, RunRecord, RunStatus, RunStore } from "../../store/store.ts";
import type { ExplanationView, Page, RunDetail, RunSummary } from "../api.ts";
import { parseCursor, toCursor } from "../cursor.ts";
import { type Route, route } from "../route.ts";
import { type RunContext, toRunDetail, toRunSummary } from "../views.ts";

export interface RunRoutesOptions {
  readonly engine: Engine;
  readonly runs: RunStore;
  readonly db: Pick<Database, "version">;
  readonly clock: Clock;
  /** Where it is recorded who canceled a run or had it tried again. */
  readonly audit: AuditTrail | undefined;
}

const STATUSES = ["queued", "running", "waiting", "done", "failed", "canceled"] as const satisfies readonly RunStatus[];
const LIMIT = "The limit is a whole number from 1 to 200.";

const ListQuery = z.object({
  automation: z.string().optional(),
  status: z.enum(STATUSES, `The status is one of ${STATUSES.join(", ")}.`).optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(200, LIMIT).default(50),
});
/** The duration and the progress of a run under way change without anything being written. */
function isAtRest({ endedAt }: RunSummary): boolean {
  return endedAt !== null;
}

const Id = z.object({ id: z.string() });
const onlyKnown = (fields: string) => ({
  error: ({ code }: { readonly code: string }) =>
    code === "unrecognized_keys" ? `It holds ${fields}, nothing else.` : undefined,
});
const Keyed = z.strictObject(
  { automation: z.string().min(1, "An automation has a name."), key: z.string().min(1, "A key cannot be empty.") },
  onlyKnown("`automation` and `key`"),
);
const Retry = z.strictObject({ from: z.string().min(1, "A step has a name.").optional() }, onlyKnown("`from`"));

export function runRoutes({ engine, runs, db, clock, audit }: RunRoutesOptions): readonly Route[] {
  function contextOf(run: RunRecord): RunContext {
    return { now: clock.now(), progress: engine.progress(run.id) };
  }
  async function requireRun(id: string): Promise<RunRecord> {
    const run = await runs.get(id);
    if (run === undefined) throw new MillraceError("RUN_UNKNOWN", `There is no run ${id}.`, { facts: { id } });
    return run;
  }
  async function summary(id: string): Promise<RunSummary> {
    const run = await requireRun(id);
    return toRunSummary(run, contextOf(run));
  }

  return [
    route({
      method: "GET",
      path: "/api/runs",
      summary: "Lists runs, newest first.",
      query: ListQuery,
      cache: { version: () => db.version(), isKept: (page) => (page as Page<RunSummary>).items.every(isAtRest) },
      handle: async ({ query: { cursor, limit, automation, status } }): Promise<Page<RunSummary>> => {
        const filter = {
          ...(automation === undefined ? {} : { automation }),
          ...(status === undefined ? {} : { status }),
        };
        const from = cursor === undefined ? {} : { before: parseCursor(filter, cursor) };
        const page = await runs.list({ ...filter, ...from, limit });
        return {
          items: page.runs.map((run) => toRunSummary(run, contextOf(run))),
          total: page.total,
          next: page.next === undefined ? null : toCursor(filter, page.next),
        };
      },
    }),
    route({
      method: "GET",
      path: "/api/runs/:id",
      summary: "Shows a run with its steps.",
      params: Id,
      handle: async ({ params: { id } }): Promise<RunDetail> => {
        const run = await requireRun(id);
        return toRunDetail(run, await runs.steps(id), contextOf(run));
      },
    }),
    route({
      method: "GET",
      path: "/api/runs/:id/explain",
      summary: "Tells in words why a run stands where it stands, and what to do about it.",
      params: Id,
      handle: async ({ params: { id } }): Promise<ExplanationView> => engine.explain(id),
    }),
    route({
      method: "POST",
      path: "/api/runs/cancel",
      summary: "Cancels the run that an automation has under an idempotency key.",
      body: Keyed,
      handle: async ({ body: { automation, key }, principal }): Promise<RunSummary> => {
        const id = await engine.runOf(automation, key);
        const record = recorderOf(audit, { actor: principal, action: "run.cancel", subject: `run:${id}` });
        await engine.cancel(id, { record });
        return await summary(id);
      },
    }),
    route({
      method: "POST",
      path: "/api/runs/:id/cancel",
      summary: "Cancels a run that has not ended.",
      params: Id,
      handle: async ({ params: { id }, principal }): Promise<RunSummary> => {
        const record = recorderOf(audit, { actor: principal, action: "run.cancel", subject: `run:${id}` });
        await engine.cancel(id, { record });
        return await summary(id);
      },
    }),
    route({
      method: "POST",
      path: "/api/runs/:id/retry",
      summary:
        "Queues a failed or canceled run again, keeping its finished steps; with `from` also a done one, from that step on.",
      params: Id,
      body: Retry,
      handle: async ({ params: { id }, body, principal }): Promise<RunSummary> => {
        const from = body.from === undefined ? {} : { from: body.from };
        const data = body.from === undefined ? {} : { data: from };
        const record = recorderOf(audit, { actor: principal, action: "run.retry", subject: `run:${id}`, ...data });
        await engine.retry(id, { record, ...from });
        return await summary(id);
      },
    }),
  ];
}
