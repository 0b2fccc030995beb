import { promptTokens, type Usage } from "../account/usage.ts";
import { type Choice, type Frame, piecesOf, type ToolCall } from "../answer/completion.ts";
import { estimateTokens } from "../answer/tokens.ts";
import type { Answer } from "../lane.ts";
import { logProbabilitiesOf } from "./log-probabilities.ts";
import { tierName } from "./prompt.ts";
import { REFUSAL } from "./refusal.ts";

const FINISH_REASONS = {
  stop: "stop",
  length: "length",
  window: "length",
  "tool-calls": "tool_calls",
  refusal: "stop",
  "stop-sequence": "stop",
} as const;

/** Writes an answer as a chat completion. */
export function toChatCompletion(answer: Answer) {
  const { completion, usage } = answer;
  return {
    ...baseOf(answer, "chat.completion"),
    choices: completion.choices.map((choice, index) => ({
      index,
      message: toMessage(choice, completion.id),
      logprobs: toLogProbabilities(answer, toMessage(choice, completion.id).content),
      finish_reason: FINISH_REASONS[choice.finish.reason],
    })),
    usage: toUsage(usage),
  };
}

function toLogProbabilities({ question: { alternatives } }: Answer, text: unknown) {
  return alternatives === undefined || typeof text !== "string" || text === ""
    ? null
    : logProbabilitiesOf(text, alternatives);
}

function baseOf({ question, completion, createdAt }: Answer, object: string) {
  return {
    id: `chatcmpl-${completion.id}`,
    object,
    created: Math.floor(createdAt / 1_000),
    model: question.model,
    service_tier: tierName(question.serviceTier),
    system_fingerprint: "fp_simulated",
  };
}

function toUsage(usage: Usage) {
  const prompt = promptTokens(usage);
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.outputTokens,
    total_tokens: prompt + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cacheReadTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function toMessage({ text, calls, finish }: Choice, id: string) {
  const role = "assistant";
  if (finish.reason === "refusal") return { role, content: null, refusal: REFUSAL, annotations: [] };
  if (calls.length === 0) return { role, content: text, refusal: null, annotations: [] };
  return { role, content: null, refusal: null, annotations: [], tool_calls: calls.map((call) => toCall(id, call)) };
}

function toCall(id: string, call: ToolCall) {
  return {
    id: callId(id, call),
    type: "function",
    function: { name: call.name, arguments: JSON.stringify(call.input) },
  };
}

/** Names a call of a tool, in both of OpenAI's dialects. */
export function callId(id: string, call: ToolCall): string {
  return `call_${id.slice(0, 20)}${call.id.padStart(4, "0")}`;
}

/** Writes an answer as chunks of a stream, `[DONE]` last. */
export function toChatFrames(answer: Answer): readonly Frame[] {
  const { question, completion, usage } = answer;
  const { service_tier: _tier, ...base } = baseOf(answer, "chat.completion.chunk");
  const unasked = question.wantsUsage ? { usage: null } : {};
  const chunk = (index: number, delta: Delta, { finish = null, tokens = 0 }: ChunkOptions = {}): Frame => ({
    text: `data: ${JSON.stringify({ ...base, choices: [{ index, delta, logprobs: toLogProbabilities(answer, delta.content), finish_reason: finish }], ...unasked })}\n\n`,
    tokens,
  });
  const perChoice = completion.choices.map((choice, index) => {
    const first = { role: "assistant", content: choice.calls.length === 0 ? "" : null, refusal: null };
    // Reasoning is not shown, but it is written first.
    const start = chunk(index, first, { tokens: choice.reasoningTokens });
    const middle = deltas(choice, completion.id).map(({ delta, tokens }) => chunk(index, delta, { tokens }));
    return [start].concat(middle, chunk(index, {}, { finish: FINISH_REASONS[choice.finish.reason] }));
  });
  const total = { ...base, choices: [], usage: toUsage(usage) };
  return [
    ...interleave(perChoice),
    ...(question.wantsUsage ? [{ text: `data: ${JSON.stringify(total)}\n\n`, tokens: 0 }] : []),
    { text: DONE, tokens: 0 },
  ];
}

interface Delta {
  readonly content?: string | null;
  readonly [field: string]: unknown;
}

interface ChunkOptions {
  readonly finish?: string | null;
  readonly tokens?: number;
}

/** The mark that a stream is over. */
export const DONE = "data: [DONE]\n\n";

/** Several choices arrive side by side. */
function interleave(lists: readonly (readonly Frame[])[]): readonly Frame[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
}

function deltas(
  { pieces, calls, tokens, finish }: Choice,
  id: string,
): readonly { readonly delta: Delta; readonly tokens: number }[] {
  if (finish.reason === "refusal") return piecesOf(REFUSAL).map((refusal) => ({ delta: { refusal }, tokens: 0 }));
  if (calls.length === 0) return pieces.map((content) => ({ delta: { content }, tokens: tokens / pieces.length }));
  return calls.flatMap((call, index) => [
    {
      delta: {
        tool_calls: [{ index, id: callId(id, call), type: "function", function: { name: call.name, arguments: "" } }],
      },
      tokens: 0,
    },
    ...piecesOf(JSON.stringify(call.input)).map((piece) => ({
      delta: { tool_calls: [{ index, function: { arguments: piece } }] },
      tokens: estimateTokens(piece),
    })),
  ]);
}
