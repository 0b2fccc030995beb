import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { MillraceError } from "../core/errors.ts";
import { ModelFailure } from "../model/failure.ts";
import type { WireSchema } from "./json-schema.ts";
import type { Ask, CallContext, Question, Reply, Stage } from "./pipeline.ts";

/**
 * Has objects fit their schema: one that does not goes back once, with its mistakes. Throws CALL_FAILED when that fails too. A server that
 * refuses the request may be one that takes no schema, also behind OpenAI's variable: then the schema is told in words, from then on.
 */
export function fitObject(): Stage {
  /** Names of models that were found not to take a schema; as many as are configured or asked for by name. */
  const withoutSchema = new Set<string>();

  async function firstReply(next: Ask, question: Question, context: CallContext, object: ObjectOf): Promise<First> {
    const { name, wire } = object;
    const told = { ...question, prompt: tellSchema(question.prompt, wire) };
    if (withoutSchema.has(question.model.name)) return { question: told, reply: await next(told, context) };
    const sent = { ...question, schema: { name, wire } };
    try {
      return { question: sent, reply: await next(sent, context) };
    } catch (error) {
      const isWorthTelling =
        question.model.kind !== "anthropic" && error instanceof ModelFailure && error.kind === "bad-request";
      if (!isWorthTelling) throw error;
      const reply = await next(told, context);
      withoutSchema.add(question.model.name);
      return { question: told, reply };
    }
  }

  async function fit(next: Ask, question: Question, context: CallContext, object: ObjectOf): Promise<Reply> {
    const first = await firstReply(next, question, context, object);
    const judged = await object.judge(first.reply.text);
    if (judged.ok) return { ...first.reply, text: judged.json };
    const repair: LanguageModelV4Prompt = [
      ...first.question.prompt,
      { role: "assistant", content: [{ type: "text", text: first.reply.text }] },
      { role: "user", content: [{ type: "text", text: repairText(judged.mistakes, object.wire) }] },
    ];
    const second = await next({ ...first.question, prompt: repair }, context);
    const judgedAgain = await object.judge(second.text);
    if (judgedAgain.ok) return { ...second, text: judgedAgain.json };
    throw unfit(question.model.name, judgedAgain.mistakes);
  }

  return (next) => (question, context) =>
    question.object === undefined ? next(question, context) : fit(next, question, context, question.object);
}

type ObjectOf = NonNullable<Question["object"]>;

interface First {
  readonly question: Question;
  readonly reply: Reply;
}

function unfit(model: string, mistakes: readonly string[]): MillraceError {
  return new MillraceError(
    "CALL_FAILED",
    `${model} gave an answer that does not fit the schema, also when asked again: ${mistakes.join("; ")}.`,
    {
      facts: { model, mistakes },
      advice: "Say in the prompt what the fields mean, loosen the schema, or use a stronger model.",
      isRetryable: true,
    },
  );
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
