import type { Cause, HomeEvent } from "../domain/event.ts";
import { toState } from "../ingest/event-fields.ts";
import { isGap } from "../ingest/gaps.ts";
import { ask, type Connection } from "./connection.ts";
import { toInstant } from "./instant.ts";

/** Longest list of entities in one address. */
const ENTITIES_AT_ONCE = 100;

export interface HistoryPageParams {
  readonly connection: Connection;
  readonly entityIds: readonly string[];
  /** Milliseconds since the epoch; the page holds `from <= at < until`. */
  readonly from: number;
  readonly until: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HistoryPage {
  /** In order of time. */
  readonly events: readonly HomeEvent[];
  /** The home kept nothing of this time: not even what the states were at its beginning. */
  readonly isEmpty: boolean;
  /** When Home Assistant did not run, as far as its logbook tells. */
  readonly downs: readonly { readonly from: number; readonly until: number }[];
}

interface RawState {
  readonly entity_id?: unknown;
  readonly state?: unknown;
  readonly last_changed?: unknown;
  readonly last_updated?: unknown;
}

interface RawEntry {
  readonly entity_id?: unknown;
  readonly when?: unknown;
  readonly context_user_id?: unknown;
  readonly context_event_type?: unknown;
  readonly context_domain?: unknown;
  readonly domain?: unknown;
  readonly message?: unknown;
}

/**
 * Reads the changes of a span of time. The history holds the states, the logbook who did it; a change that the logbook leaves out has
 * no known cause.
 */
export async function readHistoryPage(params: HistoryPageParams): Promise<HistoryPage> {
  const { connection, entityIds, from, until, signal } = params;
  if (entityIds.length === 0) return { events: [], isEmpty: false, downs: [] };
  const entries = await readLogbook(params);
  const causes = new Map(entries.flatMap(toCause));
  const starts = timesOf(entries, "started");
  const events: HomeEvent[] = [];
  let isEmpty = true;
  for (let first = 0; first < entityIds.length; first += ENTITIES_AT_ONCE) {
    const query = new URLSearchParams({
      filter_entity_id: entityIds.slice(first, first + ENTITIES_AT_ONCE).join(","),
      end_time: toIso(until),
      no_attributes: "",
      significant_changes_only: "0",
    });
    const { body } = await ask(connection, `/api/history/period/${encodeURIComponent(toIso(from))}?${query}`, {
      signal,
    });
    for (const states of Array.isArray(body) ? (body as readonly (readonly RawState[])[]) : []) {
      if (states.length > 0) isEmpty = false;
      events.push(...changesIn(states, { from, until, causes, starts }));
    }
  }
  events.sort((a, b) => a.at - b.at);
  return { events, isEmpty, downs: downsOf(starts, timesOf(entries, "stopped"), events) };
}

async function readLogbook({ connection, from, until, signal }: HistoryPageParams): Promise<readonly RawEntry[]> {
  const query = new URLSearchParams({ end_time: toIso(until) });
  // A home without the logbook answers 404: its changes then have no known cause.
  const { status, body } = await ask(connection, `/api/logbook/${encodeURIComponent(toIso(from))}?${query}`, {
    signal,
    expects: [404],
  });
  return status === 200 && Array.isArray(body) ? (body as readonly RawEntry[]) : [];
}

interface ChangesScope {
  readonly from: number;
  readonly until: number;
  readonly causes: ReadonlyMap<string, Cause>;
  readonly starts: readonly number[];
}

/** Only what is a change: not other attributes, gaps, the same state again, or what was before the span. */
function changesIn(states: readonly RawState[], { from, until, causes, starts }: ChangesScope): readonly HomeEvent[] {
  const events: HomeEvent[] = [];
  let previous: string | undefined;
  let isRestored = false;
  let startsSeen = 0;
  for (const { entity_id: entityId, state: text, last_changed: changed } of states) {
    const at = toInstant(changed);
    if (at === undefined || typeof entityId !== "string" || typeof text !== "string") continue;
    const state = toState(text);
    if (isGap(state)) {
      isRestored = true;
      continue;
    }
    const startsBefore = starts.filter((start) => start <= at).length;
    const isFirst = startsBefore > startsSeen;
    startsSeen = startsBefore;
    if (state !== previous && at >= from && at < until) {
      const cause = isRestored || isFirst ? "startup" : (causes.get(keyOf(entityId, at)) ?? "unknown");
      events.push({ at, entityId, state, cause });
    }
    previous = state;
    isRestored = false;
  }
  return events;
}

function timesOf(entries: readonly RawEntry[], message: "started" | "stopped"): readonly number[] {
  return entries
    .filter((entry) => entry.domain === "homeassistant" && entry.message === message)
    .flatMap(({ when }) => toInstant(when) ?? []);
}

/** From the stop before a start; one that crashed did not say so, and was last seen with the change before. */
function downsOf(
  starts: readonly number[],
  stops: readonly number[],
  events: readonly HomeEvent[],
): HistoryPage["downs"] {
  return starts.flatMap((until) => {
    const from = stops.findLast((stop) => stop < until) ?? events.findLast(({ at }) => at < until)?.at;
    return from === undefined ? [] : [{ from, until }];
  });
}

function toCause(entry: RawEntry): readonly (readonly [string, Cause])[] {
  const at = toInstant(entry.when);
  if (typeof entry.entity_id !== "string" || at === undefined) return [];
  return [[keyOf(entry.entity_id, at), causeOfEntry(entry)]];
}

function causeOfEntry({ context_user_id: user, context_event_type: type, context_domain: domain }: RawEntry): Cause {
  if (type === "automation_triggered" || domain === "automation") return "automation";
  if (type === "script_started" || domain === "script") return "script";
  if (typeof user === "string") return "user";
  // It goes back to another change or a call that nobody made.
  if (type === "call_service") return "automation";
  return typeof type === "string" ? "derived" : "physical";
}

function keyOf(entityId: string, at: number): string {
  return `${at} ${entityId}`;
}

function toIso(at: number): string {
  return new Date(at).toISOString();
}
