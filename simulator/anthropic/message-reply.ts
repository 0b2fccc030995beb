import { createHash } from "node:crypto";
import type { Usage } from "../account/usage.ts";
import type { Choice, Frame, ToolCall } from "../answer/completion.ts";
import { piecesOf } from "../answer/completion.ts";
import { estimateTokens } from "../answer/tokens.ts";
import type { Answer } from "../lane.ts";

const STOP_REASONS = {
  stop: "end_turn",
  length: "max_tokens",
  window: "model_context_window_exceeded",
  "tool-calls": "tool_use",
  refusal: "refusal",
  "stop-sequence": "stop_sequence",
} as const;

/** Writes an answer as a message. */
export function toMessage({ question, completion, usage }: Answer) {
  const choice = only(completion.choices);
  const { finish } = choice;
  return {
    id: `msg_${completion.id}`,
    type: "message",
    role: "assistant",
    model: question.model,
    content: contentOf(choice, completion.id),
    stop_reason: STOP_REASONS[finish.reason],
    stop_sequence: finish.reason === "stop-sequence" ? finish.sequence : null,
    ...(finish.reason === "refusal" ? { stop_details: { type: "refusal", category: "simulated" } } : {}),
    usage: toUsage(usage, question.serviceTier === "batch" ? "batch" : "standard"),
  };
}

function only(choices: readonly Choice[]): Choice {
  const [choice] = choices;
  if (choice === undefined) throw new RangeError("An answer has at least one choice.");
  return choice;
}

function toUsage(usage: Usage, tier: "standard" | "batch") {
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cacheWrite5mTokens,
      ephemeral_1h_input_tokens: usage.cacheWrite1hTokens,
    },
    output_tokens: usage.outputTokens,
    output_tokens_details: { thinking_tokens: usage.reasoningTokens },
    service_tier: tier,
  };
}

function contentOf(choice: Choice, id: string): readonly unknown[] {
  return [
    ...(choice.reasoning === ""
      ? []
      : [{ type: "thinking", thinking: choice.reasoning, signature: signatureOf(choice.reasoning) }]),
    ...(choice.text === "" ? [] : [{ type: "text", text: choice.text }]),
    ...choice.calls.map((call) => ({ type: "tool_use", id: toolUseId(id, call), name: call.name, input: call.input })),
  ];
}

function toolUseId(id: string, call: ToolCall): string {
  return `toolu_${id.slice(0, 20)}${call.id.padStart(4, "0")}`;
}

/** Not a secret: it only has to come back unchanged. */
function signatureOf(thinking: string): string {
  return createHash("sha256").update(thinking).digest("base64");
}

/** Writes an answer as the events of a stream, in the provider's order. */
export function toMessageFrames(answer: Answer): readonly Frame[] {
  const { completion, usage } = answer;
  const message = toMessage(answer);
  const started = {
    ...message,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...message.usage, output_tokens: 1 },
  };
  const { stop_reason, stop_sequence, stop_details } = message;
  const blocks = toBlocks(only(completion.choices), completion.id);
  const end = {
    type: "message_delta",
    delta: { stop_reason, stop_sequence, ...(stop_details === undefined ? {} : { stop_details }) },
    usage: { output_tokens: usage.outputTokens, output_tokens_details: { thinking_tokens: usage.reasoningTokens } },
  };
  return [
    frame({ type: "message_start", message: started }),
    frame({ type: "ping" }),
    ...blocks.flatMap((block, index) => framesOf(block, index)),
    frame(end),
    frame({ type: "message_stop" }),
  ];
}

function framesOf({ start, deltas }: Block, index: number): readonly Frame[] {
  return [
    frame({ type: "content_block_start", index, content_block: start }),
    ...deltas.map(({ delta, tokens }) => frame({ type: "content_block_delta", index, delta }, tokens)),
    frame({ type: "content_block_stop", index }),
  ];
}

function frame(event: { readonly type: string; readonly [field: string]: unknown }, tokens = 0): Frame {
  return { text: `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`, tokens };
}

interface Block {
  readonly start: unknown;
  readonly deltas: readonly { readonly delta: unknown; readonly tokens: number }[];
}

function toBlocks({ reasoning, text, pieces, calls, tokens }: Choice, id: string): readonly Block[] {
  const thought: Block = {
    start: { type: "thinking", thinking: "", signature: "" },
    deltas: [
      ...piecesOf(reasoning).map((thinking) => ({
        delta: { type: "thinking_delta", thinking },
        tokens: estimateTokens(thinking),
      })),
      { delta: { type: "signature_delta", signature: signatureOf(reasoning) }, tokens: 0 },
    ],
  };
  const said: Block = {
    start: { type: "text", text: "" },
    deltas: pieces.map((piece) => ({ delta: { type: "text_delta", text: piece }, tokens: tokens / pieces.length })),
  };
  return [
    ...(reasoning === "" ? [] : [thought]),
    ...(text === "" ? [] : [said]),
    ...calls.map((call) => ({
      start: { type: "tool_use", id: toolUseId(id, call), name: call.name, input: {} },
      deltas: piecesOf(JSON.stringify(call.input)).map((piece) => ({
        delta: { type: "input_json_delta", partial_json: piece },
        tokens: estimateTokens(piece),
      })),
    })),
  ];
}
