import type { LanguageModelV4Message } from "@ai-sdk/provider";
import type { JsonSchema, WireSchema } from "./json-schema.ts";
import type { Question } from "./pipeline.ts";
import { readJson } from "./read-json.ts";

type ObjectQuestion = Question & { readonly object: NonNullable<Question["object"]> };

/** What an item of the answer has beside the answer itself, in tokens. */
const ITEM_TOKENS = 24;

const WORDS =
  "Below are several questions, one a line, each a JSON object with its id. Answer each by itself, as if it were the only one: none knows of " +
  "the others, and nothing that is said in one holds for another. Give one item for each, with its id.";

/** Whether the schema can be put into another one: it may not refer to itself as a whole, or to places that move. */
export function canBePacked({ json }: WireSchema): boolean {
  return !/"\$ref":"(?!#\/\$defs\/)/.test(JSON.stringify(json));
}

/** What all questions of one request share: everything before the last message, which is each one's own. */
export function headOf({ prompt }: Pick<Question, "prompt">): readonly LanguageModelV4Message[] {
  return prompt.slice(0, -1);
}

/** The text of the last message. Undefined: there is more in it than one text. */
export function ownText({ prompt }: Pick<Question, "prompt">): string | undefined {
  const last = prompt.at(-1);
  const [part, ...more] = last?.role === "user" ? last.content : [];
  return part?.type === "text" && more.length === 0 ? part.text : undefined;
}

/** One question that asks all of them, which share model, head, schema and settings. Its answer is read by `readPacked`. */
export function packQuestion(questions: readonly [ObjectQuestion, ...ObjectQuestion[]]): ObjectQuestion {
  const [{ keep: _keep, similar: _similar, pack: _pack, ...first }] = questions;
  const lines = questions.map((question, index) => JSON.stringify({ id: idOf(index), question: ownText(question) }));
  return {
    ...first,
    // What differs stands last, so that the provider's prompt cache knows all that stands before.
    prompt: [...headOf(first), { role: "user", content: [{ type: "text", text: `${WORDS}\n\n${lines.join("\n")}` }] }],
    maxOutputTokens: questions.length * (first.maxOutputTokens + ITEM_TOKENS),
    object: {
      name: first.object.name,
      wire: packedWire(first.object.wire),
      // Each item is judged by itself; to have the whole mended would cost all of it once more.
      judge: (text) => Promise.resolve({ ok: true, value: text, json: text }),
    },
  };
}

/** The items of an answer as JSON, one for each question in its order; undefined where there is none, or more than one. */
export function readPacked(text: string, count: number): readonly (string | undefined)[] {
  const read = readJson(text);
  const items = read.ok && isFields(read.value) ? read.value["items"] : undefined;
  const byId = new Map<string, string | undefined>();
  for (const item of Array.isArray(items) ? (items as readonly unknown[]) : []) {
    if (!isFields(item) || !("answer" in item)) continue;
    const id = String(item["id"]);
    byId.set(id, byId.has(id) ? undefined : JSON.stringify(item["answer"]));
  }
  return Array.from({ length: count }, (_, index) => byId.get(idOf(index)));
}

const byWire = new WeakMap<WireSchema, WireSchema>();

/** The same for any number of questions, so that providers know it again. */
function packedWire(wire: WireSchema): WireSchema {
  const known = byWire.get(wire) ?? { json: packedSchema(wire.json), isStrict: wire.isStrict };
  byWire.set(wire, known);
  return known;
}

function packedSchema({ $defs, ...answer }: JsonSchema): JsonSchema {
  const item = closed({ id: { type: "string" }, answer });
  return { ...closed({ items: { type: "array", items: item } }), ...($defs === undefined ? {} : { $defs }) };
}

function closed(properties: JsonSchema): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}

function idOf(index: number): string {
  return String(index + 1);
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
