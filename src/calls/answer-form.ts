import type { ObjectOptions } from "./ai.ts";
import { type Judged, objectFormat } from "./object-format.ts";
import type { Question, Reply } from "./pipeline.ts";
import type { WholeAnswer } from "./whole-answer.ts";

/** What is wanted: a text, an object of a schema, or all that the model said. */
export interface AnswerForm<T> {
  readonly object: Question["object"];
  readonly read: (reply: Pick<Reply, "text" | "whole">) => Judged<T> | Promise<Judged<T>>;
}

export const TEXT: AnswerForm<string> = {
  object: undefined,
  read: ({ text }) => ({ ok: true, value: text, json: text }),
};

export const WHOLE: AnswerForm<WholeAnswer> = {
  object: undefined,
  read: ({ text, whole }) => ({ ok: true, value: whole ?? (JSON.parse(text) as WholeAnswer), json: text }),
};

/** Throws INPUT_INVALID for a name or a schema that cannot be sent. */
export function objectForm<T>({ schema, name }: Pick<ObjectOptions<T>, "schema" | "name">): AnswerForm<T> {
  const object = objectFormat(schema, name);
  return { object, read: ({ text }) => object.judge(text) };
}
