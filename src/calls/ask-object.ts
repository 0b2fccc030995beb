import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { MillraceError } from "../core/errors.ts";
import { check } from "../core/schema.ts";
import { ModelFailure } from "../model/failure.ts";
import type { ObjectOptions } from "./ai.ts";
import { type WireSchema, wireSchemaOf } from "./json-schema.ts";
import type { OpenedModel } from "./models.ts";
import { readJson } from "./read-json.ts";
import type { ModelRequest } from "./request.ts";

/** What asking for an object needs of the call around it. */
export interface AskObjectContext {
  readonly model: OpenedModel;
  readonly prompt: LanguageModelV4Prompt;
  /** Sends a prompt, with retries, within the call's deadline. */
  readonly send: (prompt: LanguageModelV4Prompt, schema?: ModelRequest["schema"]) => Promise<string>;
  /** Models which were found not to take a schema; shared between calls. */
  readonly withoutSchema: Set<string>;
}

/** Asks for an object that fits the schema. One that does not goes back once, with its mistakes. Throws CALL_FAILED when that fails too. */
export async function askObject<T>(options: ObjectOptions<T>, context: AskObjectContext): Promise<T> {
  const wire = wireSchemaOf(options.schema);
  const named = { name: requireName(options.name), wire };
  const { prompt, text, schema } = await firstAnswer(named, context);
  const first = await judge(options, text);
  if (first.ok) return first.value;
  const repair: LanguageModelV4Prompt = [
    ...prompt,
    { role: "assistant", content: [{ type: "text", text }] },
    { role: "user", content: [{ type: "text", text: repairText(first.mistakes, wire) }] },
  ];
  const second = await judge(options, await context.send(repair, schema));
  if (second.ok) return second.value;
  throw new MillraceError(
    "CALL_FAILED",
    `${context.model.name} gave an answer that does not fit the schema, also when asked again: ${second.mistakes.join("; ")}.`,
    {
      facts: { model: context.model.name, mistakes: second.mistakes },
      advice: "Say in the prompt what the fields mean, loosen the schema, or use a stronger model.",
      isRetryable: true,
    },
  );
}

/** What OpenAI takes as the name of a schema. */
const NAME = /^[\w-]{1,64}$/;

function requireName(name = "answer"): string {
  if (NAME.test(name)) return name;
  throw new MillraceError("INPUT_INVALID", `The name "${name}" of the object cannot be sent.`, {
    advice: "Use 1 to 64 letters, digits, dashes and underscores.",
  });
}

interface FirstAnswer {
  readonly prompt: LanguageModelV4Prompt;
  readonly text: string;
  readonly schema: ModelRequest["schema"];
}

/**
 * A server that refuses the request may be one that does not take a schema, also behind OpenAI's variable: then the schema is told in
 * words, from then on.
 */
async function firstAnswer(
  schema: NonNullable<ModelRequest["schema"]>,
  { model, prompt, send, withoutSchema }: AskObjectContext,
): Promise<FirstAnswer> {
  const told = tellSchema(prompt, schema.wire);
  if (withoutSchema.has(model.name)) return { prompt: told, text: await send(told), schema: undefined };
  try {
    return { prompt, text: await send(prompt, schema), schema };
  } catch (error) {
    const isWorthTelling = model.kind !== "anthropic" && error instanceof ModelFailure && error.kind === "bad-request";
    if (!isWorthTelling) throw error;
    const text = await send(told);
    withoutSchema.add(model.name);
    return { prompt: told, text, schema: undefined };
  }
}

function tellSchema(prompt: LanguageModelV4Prompt, wire: WireSchema): LanguageModelV4Prompt {
  const words = `Reply with one JSON object and nothing else. ${inWords(wire)}`;
  const [first, ...rest] = prompt;
  if (first?.role === "system") return [{ ...first, content: `${first.content}\n\n${words}` }, ...rest];
  return [{ role: "system", content: words }, ...prompt];
}

function inWords({ json }: WireSchema): string {
  return `It must fit this JSON Schema:\n${JSON.stringify(json)}`;
}

/** The schema is told once more: some servers take one in the request and pay no heed to it. */
function repairText(mistakes: readonly string[], wire: WireSchema): string {
  const list = mistakes.map((mistake) => `- ${mistake}`).join("\n");
  return `That answer cannot be used:\n${list}\nReply with the whole JSON object again, mended, and nothing else. ${inWords(wire)}`;
}

type Judged<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** Mistakes beyond so many are left out: they rarely teach a model more, and cost tokens. */
const MOST_MISTAKES = 20;

async function judge<T>({ schema }: ObjectOptions<T>, text: string): Promise<Judged<T>> {
  const read = readJson(text);
  if (!read.ok) return { ok: false, mistakes: [read.mistake] };
  const checked = await check(schema, read.value);
  if (checked.ok) return checked;
  const mistakes = checked.mistakes.slice(0, MOST_MISTAKES);
  return { ok: false, mistakes: mistakes.map(({ pointer, detail }) => `${pointer || "the whole"}: ${detail}`) };
}
