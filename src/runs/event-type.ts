import { MillraceError } from "../core/errors.ts";
import { parse, type Schema } from "../core/schema.ts";
import type { Stored } from "./stored.ts";
import { toStoredText } from "./stored-text.ts";

/** A kind of event: its name, what its data is, and by what waits tell one from another. Made by `event`. */
export interface EventType<Name extends string = string, Data = unknown> {
  readonly name: Name;
  readonly schema: Schema<Data>;
  /** Gives the text that `step.wait` compares with its own `match`; an index finds it, however many wait. */
  readonly match: ((data: Data) => string) | undefined;
}

/** An event type of any data, as lists hold it. */
// oxlint-disable-next-line typescript/no-explicit-any -- `match` is contravariant
export type AnyEventType = EventType<string, any>;

export interface EventOptions<Data> {
  /** What tells one event from another, for example an order's number. Default: waits see every event of the name. */
  readonly match?: (data: Data) => string;
}

const NAME = /^[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*$/;
/** What a trigger of another kind gives as the type of its event. */
const TAKEN = new Set(["cron", "manual", "file", "webhook"]);

/**
 * Defines a kind of event. Data arrive in their stored form: a date is a text. Throws INPUT_INVALID for a name that is not made of
 * lower-case words joined by dots or dashes, or that names another kind of trigger.
 */
export function event<const Name extends string, Data>(
  name: Name,
  schema: Schema<Data>,
  { match }: EventOptions<Stored<Data>> = {},
): EventType<Name, Stored<Data>> {
  if (!NAME.test(name) || TAKEN.has(name)) {
    throw new MillraceError("INPUT_INVALID", `"${name}" cannot name an event.`, {
      advice: "Use lower-case words joined by dots or dashes, for example order.paid.",
    });
  }
  return { name, schema: schema as unknown as Schema<Stored<Data>>, match };
}

/** Data of an event as they are stored, with what waits compare. Throws INPUT_INVALID with every mistake. */
export async function eventData(
  type: AnyEventType,
  data: unknown,
): Promise<{ readonly data: unknown; readonly text: string; readonly match: string | null }> {
  const what = `The event ${type.name}`;
  const text = toStoredText(await parse(type.schema, data, { what }), what);
  const stored: unknown = JSON.parse(text);
  const match: unknown = type.match?.(stored) ?? null;
  if (match === null || (typeof match === "string" && match.isWellFormed())) return { data: stored, text, match };
  throw new MillraceError("INPUT_INVALID", `What tells ${type.name} events apart must be a text, not ${typeof match}.`);
}
