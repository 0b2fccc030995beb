import { z } from "zod";
import type { AuditTrail } from "../../core/audit.ts";
import type { Engine } from "../../runs/engine.ts";
import type { EmittedView } from "../api.ts";
import { type Route, route } from "../route.ts";
import { WithStatus } from "../with-status.ts";

export interface EventRoutesOptions {
  readonly engine: Engine;
  /** Where it is recorded who emitted an event. */
  readonly audit: AuditTrail | undefined;
}

const EmitEvent = z.strictObject(
  {
    name: z.string().min(1, "A name cannot be empty."),
    data: z.unknown().optional(),
    id: z.string().min(1, "An id cannot be empty.").max(200, "An id has at most 200 characters.").optional(),
  },
  {
    error: ({ code }) => (code === "unrecognized_keys" ? "It holds `name`, `data` and `id`, nothing else." : undefined),
  },
);

export function eventRoutes({ engine, audit }: EventRoutesOptions): readonly Route[] {
  return [
    route({
      method: "POST",
      path: "/api/events",
      summary: "Emits an event that automations are started by or wait for; answers 200 when its id is known.",
      body: EmitEvent,
      handle: async ({ body: { name, data, id }, principal }) => {
        const emitted = await engine.emitNamed(name, data, id === undefined ? {} : { id });
        audit?.note({
          actor: principal,
          action: "event.emit",
          subject: `event:${emitted.id}`,
          data: { name, isNew: emitted.isNew },
        });
        const runs = emitted.runs.map(({ runId, isNew }) => ({ id: runId, isNew }));
        const answer: EmittedView = { id: emitted.id, isNew: emitted.isNew, runs };
        return new WithStatus(emitted.isNew ? 202 : 200, answer);
      },
    }),
  ];
}
