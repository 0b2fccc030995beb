import { MillraceError } from "../core/errors.ts";
import { check, type Schema } from "../core/schema.ts";
import { wireSchemaOf } from "./json-schema.ts";
import type { Question } from "./pipeline.ts";
import { readJson } from "./read-json.ts";

/** A text that was read as an object of a schema. `json` is what the model wrote, without the words around it. */
export type Judged<T> =
  | { readonly ok: true; readonly value: T; readonly json: string }
  | { readonly ok: false; readonly mistakes: readonly string[] };

export interface ObjectFormat<T> extends NonNullable<Question["object"]> {
  readonly judge: (text: string) => Promise<Judged<T>>;
}

/** What OpenAI takes as the name of a schema. */
const NAME = /^[\w-]{1,64}$/;

/** Mistakes beyond so many are left out: they rarely teach a model more, and cost tokens. */
const MOST_MISTAKES = 20;

/** Makes the format of an object. Throws INPUT_INVALID for a name or a schema that cannot be sent. */
export function objectFormat<T>(schema: Schema<T>, name = "answer"): ObjectFormat<T> {
  if (!NAME.test(name)) {
    throw new MillraceError("INPUT_INVALID", `The name "${name}" of the object cannot be sent.`, {
      advice: "Use 1 to 64 letters, digits, dashes and underscores.",
    });
  }
  return { name, wire: wireSchemaOf(schema), judge: (text) => judge(schema, text) };
}

async function judge<T>(schema: Schema<T>, text: string): Promise<Judged<T>> {
  const read = readJson(text);
  if (!read.ok) return { ok: false, mistakes: [read.mistake] };
  const json = JSON.stringify(read.value);
  const checked = await check(schema, read.value);
  if (checked.ok) return { ok: true, value: checked.value, json };
  const mistakes = checked.mistakes.slice(0, MOST_MISTAKES);
  return { ok: false, mistakes: mistakes.map(({ pointer, detail }) => `${pointer || "the whole"}: ${detail}`) };
}
