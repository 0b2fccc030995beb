import type { Json, Random } from "millrace";
import { chanceOf, fingerprint } from "./chance.ts";
import { createInstance } from "./instance.ts";
import { type Completion, isObject, type Question } from "./lane.ts";
import type { Fault } from "./options.ts";
import { cutToTokens, estimateTokens } from "./tokens.ts";
import { createWriter, tellingWords, type Writer } from "./words.ts";

export interface CompleteOptions {
  readonly seed: number;
  /** What is to be wrong with the answer itself. */
  readonly fault: Fault | undefined;
}

/** Answers a question: the same answer for the same seed and question. */
export function complete(question: Question, { seed, fault }: CompleteOptions): Completion {
  const random = chanceOf(seed, "answer", fingerprint(question));
  const writer = createWriter(tellingWords(promptOf(question)), random);
  const isRefused = fault === "refusal";
  const whole = isRefused ? "" : write(question, { random, writer, fault: isFirstTurn(question) ? fault : undefined });
  const { format, maxTokens } = question;
  const isTool = format.kind === "tool";
  // A tool's input stays whole, since the lanes hand it on as an object.
  const isTooLong = !isTool && maxTokens !== undefined && estimateTokens(whole) > maxTokens;
  const text = isTooLong ? cutToTokens(whole, maxTokens) : whole;
  return {
    id: fingerprint([seed, question]).slice(0, 24),
    text,
    tool: isTool ? format.name : undefined,
    finish: isRefused ? "refusal" : isTooLong ? "length" : "stop",
    promptTokens: promptTokensOf(question),
    completionTokens: estimateTokens(text),
  };
}

/** The first thing that was asked: a repair later on speaks of mistakes, not of the matter. */
function promptOf({ turns, system }: Question): string {
  return turns.find(({ role }) => role === "user")?.text ?? system;
}

function isFirstTurn({ turns }: Question): boolean {
  return turns.every(({ role }) => role === "user");
}

function promptTokensOf({ system, turns, format }: Question): number {
  const schema = format.kind === "text" ? "" : JSON.stringify(format.schema ?? {});
  return estimateTokens([system, ...turns.map(({ text }) => text), schema].join("\n"));
}

interface WriteOptions {
  readonly random: Random;
  readonly writer: Writer;
  readonly fault: Fault | undefined;
}

function write(question: Question, { random, writer, fault }: WriteOptions): string {
  const { format } = question;
  const told = format.kind === "text" ? schemaInWords(question) : undefined;
  if (format.kind === "text" && told === undefined) return paragraph(writer, random);
  const schema = format.kind === "text" ? told : format.schema;
  const instance = schema === undefined ? { answer: writer.sentence() } : createInstance({ schema, random, writer });
  const isTool = format.kind === "tool";
  if (fault === "schema" || (fault === "malformed" && isTool)) return JSON.stringify(broken(instance, schema));
  const text = JSON.stringify(instance);
  if (fault === "malformed") return text.slice(0, Math.ceil(text.length * 0.7));
  return told === undefined ? text : `Here it is:\n\`\`\`json\n${text}\n\`\`\``;
}

function paragraph(writer: Writer, random: Random): string {
  return Array.from({ length: 1 + Math.floor(random.next() * 3) }, () => writer.sentence()).join(" ");
}

const TOLD = "JSON Schema:";

/** Models without structured outputs are told the schema in words, and answer in a code fence. */
function schemaInWords({ system, turns }: Question): unknown {
  for (const text of [system, ...turns.map((turn) => turn.text)]) {
    const told = text.lastIndexOf(TOLD);
    if (told === -1) continue;
    try {
      return JSON.parse(text.slice(text.indexOf("{", told), text.lastIndexOf("}") + 1));
    } catch {
      // It only speaks of a schema.
    }
  }
  return undefined;
}

/** Takes away what the schema requires first; where it requires nothing, gives another type. */
function broken(instance: Json, schema: unknown): Json {
  const required: unknown = isObject(schema) ? schema["required"] : undefined;
  const missing: unknown = Array.isArray(required) ? required[0] : undefined;
  if (!isObject(instance) || typeof missing !== "string") return [];
  const { [missing]: _left, ...rest } = instance as Readonly<Record<string, Json>>;
  return rest;
}
