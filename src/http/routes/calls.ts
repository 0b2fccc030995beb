import { z } from "zod";
import type { CallFilter, CallGrouping, CallLedger, CallRecord } from "../../calls/ledger.ts";
import type { RouteState } from "../../calls/routes.ts";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import type { Source } from "../../core/events.ts";
import type { CallActivity, CallDetail, CallsPage, UsageView } from "../api.ts";
import { toCallDetail, toCallView, toMinutes, toModels, toRouteView, toTimes } from "../call-views.ts";
import { parseCursor, toCursor } from "../cursor.ts";
import { type Route, route } from "../route.ts";

/** The calls of a host, as the API shows them. */
export interface ServedCalls {
  readonly ledger: Pick<CallLedger, "list" | "summary">;
  /** How the models that were asked stand. */
  readonly routes: () => readonly RouteState[];
}

export interface CallRoutesOptions extends ServedCalls {
  readonly clock: Clock;
}

const SOURCES = [
  "provider",
  "memory",
  "database",
  "files",
  "similar",
  "joined",
  "batch",
  "stale",
  "fallback",
  "rules",
] as const satisfies readonly Source[];
const OUTCOMES = [...SOURCES, "failed"] as const;
const GROUPINGS = ["day", "automation", "tenant", "model", "source"] as const satisfies readonly CallGrouping[];

const HOUR_MS = 3_600_000;
const PAGE = 1_000;
const MOST_CALLS = 5_000;

const LIMIT = "The limit is a whole number from 1 to 200.";
const name = z.string().min(1, "It cannot be empty.").optional();
const ListQuery = z.object({
  automation: name,
  tenant: name,
  model: name,
  run: name,
  source: z.enum(OUTCOMES, `The source is one of ${OUTCOMES.join(", ")}.`).optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(200, LIMIT).default(50),
});

const INSTANT = "It is an instant in ISO 8601, for example 2026-11-24T00:00:00Z.";
const instant = z.iso.datetime({ offset: true, error: INSTANT }).transform(Date.parse).optional();
const UsageQuery = z.object({
  by: z.enum(GROUPINGS, `It is one of ${GROUPINGS.join(", ")}.`),
  from: instant,
  to: instant,
});

export function callRoutes({ ledger, routes, clock }: CallRoutesOptions): readonly Route[] {
  /** The latest calls since an instant, newest first, and whether there were more than are looked at. */
  async function lately(from: number): Promise<{ readonly calls: readonly CallRecord[]; readonly isCut: boolean }> {
    const calls: CallRecord[] = [];
    let next: number | null | undefined;
    while (next !== null && calls.length < MOST_CALLS) {
      const page = await ledger.list({ from }, { limit: PAGE, ...(next === undefined ? {} : { before: next }) });
      calls.push(...page.calls);
      next = page.next;
    }
    return { calls, isCut: next !== null };
  }

  return [
    route({
      method: "GET",
      path: "/api/calls",
      summary: "Lists calls to models, newest first.",
      query: ListQuery,
      handle: async ({ query: { cursor, limit, run, ...query } }): Promise<CallsPage> => {
        const filter = toFilter({ ...query, runId: run });
        const identity = { list: "calls", ...filter };
        const before = cursor === undefined ? {} : { before: Number(parseCursor(identity, cursor)) };
        const { calls, next } = await ledger.list(filter, { limit, ...before });
        return {
          items: calls.map(toCallView),
          next: next === null ? null : toCursor(identity, String(next)),
        };
      },
    }),
    route({
      method: "GET",
      path: "/api/calls/activity",
      summary: "Tells what calls did in the last hour, and how the models stand.",
      handle: async (): Promise<CallActivity> => {
        const now = clock.now();
        const { calls, isCut } = await lately(now - HOUR_MS);
        return {
          at: new Date(now).toISOString(),
          from: new Date(isCut ? (calls.at(-1)?.at ?? now) : now - HOUR_MS).toISOString(),
          minutes: toMinutes(calls),
          times: toTimes(calls),
          models: toModels(calls),
          routes: routes().map((state) => toRouteView(state, now)),
        };
      },
    }),
    route({
      method: "GET",
      path: "/api/calls/:id",
      summary: "Shows a call.",
      params: z.object({ id: z.coerce.number("The id is a whole number.").int("The id is a whole number.").min(1) }),
      handle: async ({ params: { id } }): Promise<CallDetail> => {
        const [call] = (await ledger.list({}, { before: id + 1, limit: 1 })).calls;
        if (call?.id === id) return toCallDetail(call);
        throw new MillraceError("NOT_FOUND", `There is no call ${id}.`, {
          facts: { id },
          advice: "List the calls at /api/calls; those past their age are deleted.",
        });
      },
    }),
    route({
      method: "GET",
      path: "/api/usage",
      summary: "Sums up what calls used and cost, by who or what, or by day.",
      query: UsageQuery,
      handle: async ({ query: { by, from, to } }): Promise<{ readonly items: readonly UsageView[] }> => ({
        items: await ledger.summary(by, {
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        }),
      }),
    }),
  ];
}

/** Leaves out what is not asked for. */
function toFilter(query: { readonly [K in keyof CallFilter]: CallFilter[K] | undefined }): CallFilter {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}
