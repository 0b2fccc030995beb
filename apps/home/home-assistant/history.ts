import type { Cause, HomeEvent } from "../domain/event.ts";
import { toState } from "../ingest/event-fields.ts";
import { isGap } from "../ingest/gaps.ts";
import { ask, type Connection } from "./connection.ts";
import { toInstant } from "./instant.ts";

/** Longest list of entities in one address. */
const ENTITIES_AT_ONCE = 100;
/** How long after its start a home's devices may take to say what they are. */
const SETTLING_MS = 300_000;

export interface HistoryPageParams {
  readonly connection: Connection;
  readonly entityIds: readonly string[];
  /** Milliseconds since the epoch; the page holds `from < at <= until`. */
  readonly from: number;
  readonly until: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HistoryPage {
  /** In order of time. */
  readonly events: readonly HomeEvent[];
  /** The home says nothing of this time, not even what the states were at its beginning. */
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
  const restarts = restartsOf(entries, from);
  const events: HomeEvent[] = [];
  let isEmpty = true;
  for (let first = 0; first < entityIds.length; first += ENTITIES_AT_ONCE) {
    const query = new URLSearchParams({
      filter_entity_id: entityIds.slice(first, first + ENTITIES_AT_ONCE).join(","),
      end_time: toIso(until + 1),
      no_attributes: "",
      significant_changes_only: "0",
    });
    const { body } = await ask(connection, `/api/history/period/${toIso(from)}?${query.toString()}`, {
      signal,
    });
    for (const states of Array.isArray(body) ? (body as readonly (readonly RawState[])[]) : []) {
      if (states.length > 0) isEmpty = false;
      events.push(...changesIn(states, { from, until, causes, restarts }));
    }
  }
  events.sort((a, b) => a.at - b.at);
  // One that began before this span was noted with the span before, or nobody knows when it began.
  return { events, isEmpty, downs: restarts.filter((restart) => restart.from > from) };
}

async function readLogbook({ connection, from, until, signal }: HistoryPageParams): Promise<readonly RawEntry[]> {
  const query = new URLSearchParams({ end_time: toIso(until + 1) });
  // A home without the logbook answers 404: its changes then have no known cause.
  const { status, body } = await ask(connection, `/api/logbook/${toIso(from)}?${query.toString()}`, {
    signal,
    expects: [404],
  });
  return status === 200 && Array.isArray(body) ? (body as readonly RawEntry[]) : [];
}

interface ChangesScope {
  readonly from: number;
  readonly until: number;
  readonly causes: ReadonlyMap<string, Cause>;
  readonly restarts: readonly Restart[];
}

/** Home Assistant was away from a time (of the beginning of all, if nobody knows) to another. */
interface Restart {
  readonly from: number;
  readonly until: number;
}

/**
 * Only what is a change: not other attributes, gaps, the same state again, or what was before the span. The first row is what the state was
 * at its beginning, under the time of the beginning. What an entity is after a restart was restored, and is nobody's act.
 */
function changesIn(states: readonly RawState[], { from, until, causes, restarts }: ChangesScope): readonly HomeEvent[] {
  const events: HomeEvent[] = [];
  let previous: string | undefined;
  let isAfterGap = false;
  let seenUntil = from;
  for (const { entity_id: entityId, state: text, last_changed: changed } of states) {
    const at = toInstant(changed);
    if (at === undefined || typeof entityId !== "string" || typeof text !== "string") continue;
    const state = toState(text);
    const isRestored = isAfterGap || restarts.some((restart) => isRestoredBy(restart, seenUntil, at));
    isAfterGap = isGap(state);
    seenUntil = at;
    if (isAfterGap) continue;
    if (state !== previous && at > from && at <= until) {
      const cause = isRestored ? "startup" : (causes.get(keyOf(entityId, at)) ?? "unknown");
      events.push({ at, entityId, state, cause });
    }
    previous = state;
  }
  return events;
}

/** The first word of an entity since Home Assistant went away, if it came soon after its start. */
function isRestoredBy({ from, until }: Restart, seenUntil: number, at: number): boolean {
  return seenUntil <= from && at > from && at <= until + SETTLING_MS;
}

function timesOf(entries: readonly RawEntry[], message: "started" | "stopped"): readonly number[] {
  return entries
    .filter((entry) => entry.domain === "homeassistant" && entry.message === message)
    .flatMap(({ when }) => toInstant(when) ?? []);
}

/** From the stop before a start; one that crashed did not say so, and was last heard of before. */
function restartsOf(entries: readonly RawEntry[], from: number): readonly Restart[] {
  const stops = timesOf(entries, "stopped");
  return timesOf(entries, "started").map((until) => ({ from: stops.findLast((stop) => stop < until) ?? from, until }));
}

function toCause(entry: RawEntry): readonly (readonly [string, Cause])[] {
  const at = toInstant(entry.when);
  if (typeof entry.entity_id !== "string" || at === undefined) return [];
  return [[keyOf(entry.entity_id, at), causeOfEntry(entry)]];
}

function causeOfEntry(entry: RawEntry): Cause {
  const { entity_id: entityId, context_user_id: user, context_event_type: type, context_domain: domain } = entry;
  if (type === "automation_triggered" || domain === "automation") return "automation";
  if (type === "script_started" || domain === "script") return "script";
  if (typeof user === "string") return isPassedOn(String(entityId), domain) ? "derived" : "user";
  // It goes back to another change or a call that nobody made.
  if (type === "call_service") return "automation";
  return typeof type === "string" ? "derived" : "physical";
}

/** A person called a lamp, and the switch behind it followed. */
function isPassedOn(entityId: string, domain: unknown): boolean {
  return (
    typeof domain === "string" && domain !== "homeassistant" && domain !== "scene" && !entityId.startsWith(`${domain}.`)
  );
}

function keyOf(entityId: string, at: number): string {
  return `${at} ${entityId}`;
}

function toIso(at: number): string {
  return new Date(at).toISOString();
}
