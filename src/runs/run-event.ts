import { MillraceError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import { check, parse } from "../core/schema.ts";
import type { RunRecord } from "../store/store.ts";
import type { CronData, EventOf, ManualTrigger, RunEvent, Trigger } from "./automation.ts";
import type { Registered } from "./registry.ts";
import { toStoredText } from "./stored-text.ts";

/* What is stored of an event is what makes it differ from others: its type and its data. Its id and time are those of its run, so
   that two runs started by the same input have the same text. */

/** An event that is to start a run. */
export interface NewEvent<E extends RunEvent = EventOf<Trigger>> {
  readonly event: E;
  /** What is stored of it: JSON with the keys in order, the same text for the same type and data. */
  readonly text: string;
}

export interface NewEventParams {
  readonly runId: string;
  readonly now: number;
}

/**
 * The event of a run that is started by hand. An automation without a manual trigger is given what its clock would give it, planned for now.
 * Throws INPUT_INVALID with every mistake.
 */
export async function manualEvent(
  { automation, manual, planned }: Registered,
  input: unknown,
  { runId, now }: NewEventParams,
): Promise<NewEvent> {
  const { name } = automation;
  if (manual !== undefined) {
    const data = await readInput(manual, input, name);
    return {
      event: { type: "manual", id: runId, at: toIso(now), data },
      text: canonicalJson({ type: "manual", data }),
    };
  }
  if (planned.length === 0) throw new MillraceError("INPUT_INVALID", `${name} has no trigger that starts it by hand.`);
  requireNoInput(input, name);
  return { ...cronEvent(now, { runId, now }), text: canonicalJson({ type: "cron" }) };
}

/** The event of a run that a clock starts. */
export function cronEvent(plannedAt: number, { runId, now }: NewEventParams): NewEvent<RunEvent<"cron", CronData>> {
  const data = { scheduledFor: toIso(plannedAt) };
  return { event: { type: "cron", id: runId, at: toIso(now), data }, text: canonicalJson({ type: "cron", data }) };
}

/** The event of a run that an emitted event starts: it keeps its id and its time. */
export function emittedEvent<Data>(event: RunEvent<string, Data>): NewEvent<RunEvent<string, Data>> {
  return { event, text: canonicalJson(event) };
}

/** The event of a stored run; of a batch, one whose data are the list of theirs. */
export function eventOf(run: RunRecord): RunEvent {
  const at = toIso(run.createdAt);
  const stored = JSON.parse(run.event) as StoredEvent | readonly StoredEvent[];
  if (!isList(stored)) return { id: run.id, at, data: { scheduledFor: at }, ...stored };
  return { id: run.id, at, type: stored[0]?.type ?? "manual", data: stored.map(({ data }) => data) };
}

type StoredEvent = Pick<RunEvent, "type"> & Partial<RunEvent>;

function isList(stored: StoredEvent | readonly StoredEvent[]): stored is readonly StoredEvent[] {
  return Array.isArray(stored);
}

function requireNoInput(input: unknown, name: string): void {
  if (input === undefined || canonicalJson(input) === "{}") return;
  throw new MillraceError("INPUT_INVALID", `${name} takes no input: only a clock starts it.`, {
    facts: { errors: [{ pointer: "", detail: "no input is taken" }] },
    advice: "Start it without input, or give it an on.manual trigger.",
  });
}

async function readInput(manual: ManualTrigger<unknown>, input: unknown, name: string): Promise<unknown> {
  const what = `The input of ${name}`;
  const value = manual.schema === undefined ? (input ?? null) : await readBySchema(manual.schema, input, what);
  return JSON.parse(toStoredText(value, what)) as unknown;
}

/** No input stands for an empty object, unless the schema itself takes `undefined`. */
async function readBySchema(
  schema: NonNullable<ManualTrigger<unknown>["schema"]>,
  input: unknown,
  what: string,
): Promise<unknown> {
  if (input !== undefined) return parse(schema, input, { what });
  const without = await check(schema, undefined);
  return without.ok ? without.value : parse(schema, {}, { what });
}

function toIso(at: number): string {
  return new Date(at).toISOString();
}
