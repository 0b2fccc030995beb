import type { Json, Random } from "millrace";
import { isObject } from "../question.ts";
import { createInstance } from "./instance.ts";
import { createWriter, tellingWords } from "./words.ts";

/** What a list of questions asks for. */
export interface List {
  /** The field that holds the answers. */
  readonly field: string;
  readonly item: Readonly<Record<string, unknown>>;
  readonly questions: readonly Asked[];
}

interface Asked {
  readonly id: string;
  readonly text: string;
}

/**
 * Reads a list of questions: a prompt with lines of JSON that have an `id` each, under a schema whose only field is an array of objects with an `id`.
 * Models answer such a list item by item. Undefined: it is none.
 */
export function readList(prompt: string, schema: unknown): List | undefined {
  const properties = isObject(schema) && isObject(schema["properties"]) ? schema["properties"] : {};
  const [[field, list] = [], ...others] = Object.entries(properties);
  const item = isObject(list) ? list["items"] : undefined;
  const isWithId = isObject(item) && isObject(item["properties"]) && "id" in item["properties"];
  if (field === undefined || others.length > 0 || !isWithId) return undefined;
  const questions = prompt.split("\n").flatMap((line) => readLine(line));
  return questions.length === 0 ? undefined : { field, item, questions };
}

/** Answers each question by itself, with its id. */
export function answerEach({ field, item, questions }: List, schema: unknown, random: Random): Json {
  const defs = isObject(schema) && "$defs" in schema ? { $defs: schema["$defs"] } : {};
  const answers = questions.map(({ id, text }) => {
    const answer = createInstance({
      schema: { ...item, ...defs },
      random,
      writer: createWriter(tellingWords(text), random),
    });
    return isObject(answer) ? { ...(answer as Readonly<Record<string, Json>>), id } : answer;
  });
  return { [field]: answers };
}

function readLine(line: string): readonly Asked[] {
  if (!line.startsWith("{")) return [];
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) && typeof value["id"] === "string" ? [{ id: value["id"], text: line }] : [];
  } catch {
    return [];
  }
}
