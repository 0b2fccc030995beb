import { z } from "zod";
import type { AuditTrail } from "../../core/audit.ts";
import type { Clock } from "../../core/clock.ts";
import type { Engine } from "../../runs/engine.ts";
import type { Database, RunStore } from "../../store/store.ts";
import type { AutomationView, StartedRunView } from "../api.ts";
import { type Route, route } from "../route.ts";
import { toAutomationView, toRunSummary } from "../views.ts";
import { WithStatus } from "../with-status.ts";

export interface AutomationRoutesOptions {
  readonly engine: Engine;
  readonly runs: RunStore;
  readonly db: Pick<Database, "version">;
  readonly clock: Clock;
  /** Where starts by hand are recorded. */
  readonly audit: AuditTrail | undefined;
}

interface AutomationsView {
  readonly items: readonly AutomationView[];
}

/** The duration and the progress of a run under way change without anything being written. */
function isAtRest({ lastRun }: AutomationView): boolean {
  return lastRun === null || lastRun.endedAt !== null;
}

const Name = z.object({ name: z.string() });
const StartRun = z.strictObject(
  {
    input: z.unknown().optional(),
    key: z.string().min(1, "A key cannot be empty.").max(200, "A key has at most 200 characters.").optional(),
  },
  { error: ({ code }) => (code === "unrecognized_keys" ? "It holds `input` and `key`, nothing else." : undefined) },
);

export function automationRoutes({ engine, runs, db, clock, audit }: AutomationRoutesOptions): readonly Route[] {
  async function view(info: Awaited<ReturnType<Engine["automations"]>>[number]): Promise<AutomationView> {
    const { runs: newest } = await runs.list({ automation: info.name, limit: 1 });
    const [run] = newest;
    if (run === undefined) return toAutomationView(info, null);
    return toAutomationView(info, toRunSummary(run, { now: clock.now(), progress: engine.progress(run.id) }));
  }

  return [
    route({
      method: "GET",
      path: "/api/automations",
      summary: "Lists the automations, what starts them, and the newest run of each.",
      cache: { version: () => db.version(), isKept: (answer) => (answer as AutomationsView).items.every(isAtRest) },
      handle: async (): Promise<AutomationsView> => ({
        items: await Promise.all((await engine.automations()).map(view)),
      }),
    }),
    route({
      method: "POST",
      path: "/api/automations/:name/runs",
      summary: "Starts a run by hand; answers 200 when an earlier run has the same key.",
      params: Name,
      body: StartRun,
      handle: async ({ params, body, principal }) => {
        const started = await engine.trigger(params.name, body.input, body.key === undefined ? {} : { key: body.key });
        audit?.note({
          actor: principal,
          action: "run.start",
          subject: `run:${started.runId}`,
          data: { automation: params.name, isNew: started.isNew },
        });
        const answer: StartedRunView = { id: started.runId, isNew: started.isNew };
        return new WithStatus(started.isNew ? 202 : 200, answer);
      },
    }),
  ];
}
