import { MillraceError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import { check, parse } from "../core/schema.ts";
import type { CronData, ManualTrigger, RunEvent } from "./automation.ts";
import type { Registered } from "./registry.ts";
import { toStoredText } from "./stored-text.ts";

export interface EventParams {
  readonly id: string;
  readonly now: number;
}

/**
 * The event of a run that is started by hand. An automation without a manual trigger is given what its clock would give it, planned for now.
 * Throws INPUT_INVALID with every mistake.
 */
export async function manualEvent(
  { automation, manual, planned }: Registered,
  input: unknown,
  { id, now }: EventParams,
): Promise<RunEvent> {
  const { name } = automation;
  if (manual !== undefined) return { type: "manual", id, at: toIso(now), data: await readInput(manual, input, name) };
  if (planned.length === 0) throw new MillraceError("INPUT_INVALID", `${name} has no trigger that starts it by hand.`);
  if (input !== undefined && canonicalJson(input) !== "{}") {
    throw new MillraceError("INPUT_INVALID", `${name} takes no input: only a clock starts it.`, {
      facts: { errors: [{ pointer: "", detail: "no input is taken" }] },
      advice: "Start it without input, or give it an on.manual trigger.",
    });
  }
  return cronEvent(now, { id, now });
}

/** The event of a run that a clock starts. */
export function cronEvent(plannedAt: number, { id, now }: EventParams): RunEvent<"cron", CronData> {
  return { type: "cron", id, at: toIso(now), data: { scheduledFor: toIso(plannedAt) } };
}

/** The event as it is stored: keys in order, so that equal data are equal text. */
export function eventText(event: RunEvent): string {
  return canonicalJson(event);
}

/** What is compared to tell whether two runs were started by the same input. */
export function eventDataText(event: RunEvent): string {
  return canonicalJson(event.data);
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
