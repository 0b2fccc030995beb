import type { Json, Random } from "millrace";
import { chanceOf, fingerprint } from "../chance.ts";
import type { Fault } from "../faults/fault.ts";
import { isFailoverModel } from "../faults/failover.ts";
import { isObject, type Question, type Tool } from "../question.ts";
import { answerEach, readList } from "./answer-each.ts";
import { chooseTools } from "./choose-tools.ts";
import { type Choice, type Completion, type Finish, piecesOf, type ToolCall } from "./completion.ts";
import { createInstance } from "./instance.ts";
import { cutToTokens, estimateTokens } from "./tokens.ts";
import { createWriter, tellingWords, type Writer } from "./words.ts";

export interface CompleteOptions {
  readonly seed: number;
  /** How often the question was asked before: its answers are alike, but each has an id of its own. */
  readonly repeat: number;
  /** What is to be wrong with the answer itself. */
  readonly fault: Fault | undefined;
  /** What the models of the failover tests say. */
  readonly failoverAnswer: string;
  /** Tokens that the model's window leaves for the answer. */
  readonly roomTokens: number;
}

/** Answers a question: the same answer for the same seed and question, streamed or not. */
export function complete(question: Question, options: CompleteOptions): Completion {
  const name = nameOf(question);
  const choices = Array.from({ length: question.count }, (_, index) =>
    choose(question, options, chanceOf(options.seed, "answer", name, index)),
  );
  const reasoningTokens = sum(choices.map((choice) => choice.reasoningTokens));
  return {
    id: fingerprint([options.seed, name, options.repeat]).slice(0, 24),
    choices,
    outputTokens: sum(choices.map(({ tokens }) => tokens)) + reasoningTokens,
    reasoningTokens,
  };
}

/** Names a question by what decides its answer. */
export function nameOf({
  isStreamed: _isStreamed,
  wantsUsage: _wantsUsage,
  prompt: _prompt,
  ...rest
}: Question): string {
  return fingerprint(rest);
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

function choose(question: Question, options: CompleteOptions, random: Random): Choice {
  if (isFailoverModel(question.model) && options.fault !== "refusal")
    return fixedChoice(question, options.failoverAnswer);
  const writer = createWriter(tellingWords(promptOf(question)), random);
  const most = Math.min(question.maxTokens ?? Number.POSITIVE_INFINITY, options.roomTokens);
  const reasoning = reason(Math.min(question.reasoningTokens, most), { random, writer });
  if (options.fault === "refusal") return choiceOf({ reasoning, text: "", finish: { reason: "refusal" } });
  const fault = isFirstTurn(question) ? options.fault : undefined;
  const tools = chooseTools(question);
  if (tools.length > 0) {
    const calls = tools.map((tool, index) => callOf(tool, { random, writer, fault, index }));
    return choiceOf({ reasoning, text: "", calls, finish: { reason: "tool-calls" } });
  }
  const text = withoutPrefill(question, write(question, { random, writer, fault }));
  const isWindow = most < (question.maxTokens ?? Number.POSITIVE_INFINITY);
  const limit = { tokens: most - estimateTokens(reasoning), reason: isWindow ? "window" : "length" } as const;
  return choiceOf({ reasoning, ...stopText(text, question.stop, limit) });
}

interface Said {
  readonly reasoning: string;
  readonly text: string;
  readonly calls?: readonly ToolCall[];
  readonly finish: Finish;
}

function choiceOf({ reasoning, text, calls = [], finish }: Said): Choice {
  const spoken = text + calls.map(({ input }) => JSON.stringify(input)).join("");
  return {
    reasoning,
    text,
    pieces: piecesOf(text),
    calls,
    tokens: estimateTokens(spoken),
    reasoningTokens: estimateTokens(reasoning),
    finish,
  };
}

/** Every word is a token and a piece, so that a test can count what arrived. */
function fixedChoice(question: Question, answer: string): Choice {
  const text = withoutPrefill(question, answer);
  const pieces = text.match(/\S+\s*|\s+/g) ?? [];
  return {
    reasoning: "",
    text,
    pieces,
    calls: [],
    tokens: pieces.length,
    reasoningTokens: 0,
    finish: { reason: "stop" },
  };
}

/** An answer that the client has begun gets its rest. */
function withoutPrefill({ turns }: Question, answer: string): string {
  const last = turns.at(-1);
  if (last?.role !== "assistant") return answer;
  const begun = last.text.trimEnd();
  return answer.startsWith(begun) ? answer.slice(begun.length) : answer;
}

/** Ends a text at the first stop sequence, or where no more tokens are allowed. */
function stopText(
  whole: string,
  stop: readonly string[],
  limit: { readonly tokens: number; readonly reason: "length" | "window" },
): Pick<Said, "text" | "finish"> {
  const found = stop
    .map((sequence) => ({ sequence, at: sequence === "" ? -1 : whole.indexOf(sequence) }))
    .filter(({ at }) => at !== -1)
    .sort((a, b) => a.at - b.at)[0];
  const text = found === undefined ? whole : whole.slice(0, found.at);
  if (estimateTokens(text) > limit.tokens) {
    return { text: cutToTokens(text, limit.tokens), finish: { reason: limit.reason } };
  }
  if (found === undefined) return { text, finish: { reason: "stop" } };
  return { text, finish: { reason: "stop-sequence", sequence: found.sequence } };
}

/** What a tool said last, or the first thing that was asked, since a repair later on speaks of mistakes, not of the matter. */
function promptOf({ turns, system }: Question): string {
  const last = turns.at(-1);
  if (last?.role === "tool" && last.text !== "") return last.text;
  return turns.find(({ role }) => role === "user")?.text ?? system;
}

function isFirstTurn({ turns }: Question): boolean {
  return turns.every(({ role }) => role === "user");
}

/** Longest reasoning that is written, in tokens, however much is allowed. */
const MOST_REASONING_TOKENS = 2_000;

/** A quarter to three quarters of what is allowed. */
function reason(allowed: number, { random, writer }: { readonly random: Random; readonly writer: Writer }): string {
  if (allowed <= 0) return "";
  const tokens = Math.ceil(Math.min(allowed, MOST_REASONING_TOKENS) * (0.25 + random.next() / 2));
  let text = writer.sentence();
  while (estimateTokens(text) < tokens) text += ` ${writer.sentence()}`;
  return cutToTokens(text, tokens);
}

interface WriteOptions {
  readonly random: Random;
  readonly writer: Writer;
  readonly fault: Fault | undefined;
}

function callOf(
  { name, schema }: Tool,
  { random, writer, fault, index }: WriteOptions & { readonly index: number },
): ToolCall {
  const input = createInstance({ schema: schema ?? { type: "object" }, random, writer });
  const isBroken = fault === "schema" || fault === "malformed";
  return { id: String(index), name, input: isBroken ? broken(input, schema) : input };
}

function write(question: Question, { random, writer, fault }: WriteOptions): string {
  const { format } = question;
  const told = format.kind === "json" ? undefined : schemaInWords(question);
  if (format.kind !== "json" && told === undefined) return paragraph(writer, random);
  const schema = format.kind === "json" ? format.schema : told;
  const list = readList(promptOf(question), schema);
  const single = (): Json =>
    schema === undefined ? { answer: writer.sentence() } : createInstance({ schema, random, writer });
  const instance = list === undefined ? single() : answerEach(list, schema, random);
  if (fault === "schema") return JSON.stringify(broken(instance, schema));
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
