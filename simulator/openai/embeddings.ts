import { estimateTokens } from "../answer/tokens.ts";
import type { ItemOptions, ItemResult } from "../batch/answer-item.ts";
import { chanceOf, drawLatencyMs, fingerprint } from "../chance.ts";
import { answer, type Exchange, refuse } from "../exchange.ts";
import { admit, endWith, rateHeaders } from "../generation.ts";
import { BODY_LIMITS, parseJson, readBody } from "../http/read-body.ts";
import { type BadRequest, isObject } from "../question.ts";
import { embed } from "./embed.ts";
import { openAiLane } from "./lane.ts";

const MOST_INPUTS = 2_048;
const MOST_TOKENS_EACH = 8_192;
const MOST_TOKENS = 300_000;
const LARGE = 3_072;
const SMALL = 1_536;

/** Answers `POST /v1/embeddings`. Faults of rules and chance do not reach it, limits do. */
export async function embeddings(exchange: Exchange): Promise<void> {
  const { world, request, organization, record, left } = exchange;
  const body = await readBody(request, BODY_LIMITS.question);
  const value = body === "too large" ? undefined : parseJson(body);
  const parsed = parseEmbeddings(value);
  if ("mistake" in parsed) {
    refuse(exchange, { kind: "bad-request", mistake: parsed.mistake });
    return;
  }
  const { model, promptTokens } = parsed;
  const name = fingerprint(value);
  const repeat = world.stats.asked(model, name);
  record.promptTokens = promptTokens;
  world.log.name(record, model);
  const admitted = admit(exchange, model, promptTokens, 0);
  if (admitted === undefined) return;
  endWith(exchange, admitted);
  const latencyMs = drawLatencyMs(world.behaviour().latencyMs, chanceOf(world.seed, "latency", name, repeat));
  if (latencyMs > 0) await world.clock.sleep(latencyMs, left);
  const usage = { ...NOTHING, inputTokens: promptTokens };
  world.ledger.charge({ organization, model, tier: "standard", usage, outcome: "whole" });
  world.stats.answered(promptTokens, 0);
  answer({ ...exchange, headers: { ...exchange.headers, ...rateHeaders(exchange, model) } }, toEmbeddings(parsed));
}

const NOTHING = {
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWrite5mTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};

/** Answers an item of a batch at half the price. */
export function embedItem({ world, organization, body, requestId }: Omit<ItemOptions, "dialect">): ItemResult {
  const parsed = parseEmbeddings(body);
  if ("mistake" in parsed) {
    return { ok: false, reply: openAiLane.error({ kind: "bad-request", mistake: parsed.mistake }, requestId) };
  }
  const { model, promptTokens } = parsed;
  const usage = { ...NOTHING, inputTokens: promptTokens };
  world.stats.asked(model, fingerprint(body));
  world.ledger.charge({ organization, model, tier: "batch", usage, outcome: "whole" });
  world.stats.answered(promptTokens, 0);
  return { ok: true, body: toEmbeddings(parsed), usage };
}

/** A request for embeddings, checked. */
interface EmbeddingsRequest {
  readonly model: string;
  readonly texts: readonly string[];
  readonly promptTokens: number;
  readonly dimensions: number;
  readonly whole: number;
  readonly isBase64: boolean;
}

/** Reads a request for embeddings, or says what is wrong with it. */
function parseEmbeddings(body: unknown): EmbeddingsRequest | { readonly mistake: BadRequest } {
  if (!isObject(body)) return wrong(null, "We could not parse the JSON body of your request.");
  const { model, input, encoding_format: format = "float" } = body;
  if (typeof model !== "string" || model === "") return wrong("model", "you must provide a model parameter");
  const inputs = toInputs(input);
  if (inputs === undefined) return wrong("input", "'$.input' is invalid. Please check the API reference.");
  if (inputs.length === 0 || inputs.some(({ tokens }) => tokens === 0))
    return wrong("input", "input cannot be an empty string");
  if (inputs.length > MOST_INPUTS) return wrong("input", `input must have at most ${MOST_INPUTS} items`);
  const long = inputs.findIndex(({ tokens }) => tokens > MOST_TOKENS_EACH);
  if (long !== -1) return wrong(`input[${long}]`, `This model's maximum context length is ${MOST_TOKENS_EACH} tokens.`);
  const promptTokens = inputs.reduce((sum, { tokens }) => sum + tokens, 0);
  if (promptTokens > MOST_TOKENS) return wrong("input", `A request has at most ${MOST_TOKENS} tokens in all.`);
  if (format !== "float" && format !== "base64")
    return wrong("encoding_format", "'encoding_format' must be float or base64.");
  const whole = model.includes("large") ? LARGE : SMALL;
  const { dimensions = whole } = body;
  if (typeof dimensions !== "number" || !Number.isInteger(dimensions) || dimensions < 1 || dimensions > whole) {
    return wrong("dimensions", `'dimensions' must be a whole number from 1 to ${whole}.`);
  }
  const texts = inputs.map(({ text }) => text);
  return { model, texts, promptTokens, dimensions, whole, isBase64: format === "base64" };
}

function wrong(field: string | null, message: string): { readonly mistake: BadRequest } {
  return { mistake: { field, message } };
}

interface Input {
  readonly text: string;
  readonly tokens: number;
}

/** A text, texts, one list of tokens, or lists of tokens. */
function toInputs(input: unknown): readonly Input[] | undefined {
  if (typeof input === "string") return [ofText(input)];
  if (!Array.isArray(input)) return undefined;
  const list: readonly unknown[] = input;
  if (list.every((each) => typeof each === "string")) return list.map(ofText);
  if (isTokens(list)) return [ofTokens(list)];
  return list.every(isTokens) ? list.map(ofTokens) : undefined;
}

function isTokens(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => Number.isInteger(each));
}

function ofText(text: string): Input {
  return { text, tokens: estimateTokens(text) };
}

/** There is no dictionary: each number is a word. */
function ofTokens(tokens: readonly number[]): Input {
  return { text: tokens.map((token) => `token${token}`).join(" "), tokens: tokens.length };
}

/** Writes the answer to a request for embeddings. */
function toEmbeddings({ model, texts, promptTokens, isBase64, ...size }: EmbeddingsRequest) {
  const data = texts.map((text, index) => {
    const vector = embed(text, size);
    return { object: "embedding", index, embedding: isBase64 ? toBase64(vector) : [...vector] };
  });
  return { object: "list", data, model, usage: { prompt_tokens: promptTokens, total_tokens: promptTokens } };
}

/** 32-bit floats, little end first. */
function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}
