import { promptTokens } from "../account/usage.ts";
import { type Choice, type Frame, piecesOf } from "../answer/completion.ts";
import { estimateTokens } from "../answer/tokens.ts";
import type { Answer } from "../lane.ts";
import { callId } from "./chat-reply.ts";
import { tierName } from "./prompt.ts";
import { REFUSAL } from "./refusal.ts";

/** Writes an answer as a response. */
export function toResponse(answer: Answer) {
  const items = answer.completion.choices.flatMap((choice) => itemsOf(choice, answer.completion.id));
  return { ...shell(answer), ...endOf(answer), output: items.map(({ item }) => item) };
}

function shell({ question, completion, createdAt }: Answer) {
  return {
    id: `resp_${completion.id}`,
    object: "response",
    created_at: Math.floor(createdAt / 1_000),
    status: "in_progress",
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model: question.model,
    output: [] as readonly unknown[],
    parallel_tool_calls: question.hasParallelTools,
    temperature: 1,
    top_p: 1,
    tool_choice: "auto",
    tools: question.tools.map(({ name, schema }) => ({
      type: "function",
      name,
      parameters: schema ?? null,
      strict: null,
    })),
    service_tier: tierName(question.serviceTier),
    usage: null as unknown,
  };
}

function endOf({ completion, usage }: Answer) {
  const isCut = completion.choices.some(({ finish }) => finish.reason === "length" || finish.reason === "window");
  const input = promptTokens(usage);
  return {
    status: isCut ? "incomplete" : "completed",
    incomplete_details: isCut ? { reason: "max_output_tokens" } : null,
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: usage.cacheReadTokens, cache_write_tokens: 0 },
      output_tokens: usage.outputTokens,
      output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
      total_tokens: input + usage.outputTokens,
    },
  };
}

/** An item of the output, as it begins, the events that fill it, and as it is when done. */
interface Item {
  readonly started: Readonly<Record<string, unknown>>;
  readonly item: Readonly<Record<string, unknown>>;
  readonly events: readonly Event[];
  /** Tokens that are written before it begins. */
  readonly tokens: number;
}

interface Event {
  readonly type: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly tokens?: number;
}

function itemsOf(choice: Choice, id: string): readonly Item[] {
  const { reasoningTokens, calls, text, finish } = choice;
  const thought = reasoningTokens === 0 ? [] : [toReasoning(`rs_${id}`, reasoningTokens)];
  if (calls.length > 0) return [...thought, ...calls.map((call) => toCallItem(call, id))];
  if (text === "" && finish.reason === "length") return thought;
  return [...thought, toMessageItem(choice, `msg_${id}`)];
}

function toReasoning(id: string, tokens: number): Item {
  const item = { id, type: "reasoning", summary: [] };
  return { started: item, item, events: [], tokens };
}

function toCallItem(call: Choice["calls"][number], id: string): Item {
  const json = JSON.stringify(call.input);
  const itemId = `fc_${id.slice(0, 20)}${call.id.padStart(4, "0")}`;
  const base = { id: itemId, type: "function_call", call_id: callId(id, call), name: call.name };
  return {
    started: { ...base, arguments: "", status: "in_progress" },
    item: { ...base, arguments: json, status: "completed" },
    events: [
      ...piecesOf(json).map((delta) => ({
        type: "response.function_call_arguments.delta",
        fields: { item_id: itemId, delta },
        tokens: estimateTokens(delta),
      })),
      { type: "response.function_call_arguments.done", fields: { item_id: itemId, name: call.name, arguments: json } },
    ],
    tokens: 0,
  };
}

function toMessageItem({ text, pieces, tokens, finish }: Choice, id: string): Item {
  const isRefused = finish.reason === "refusal";
  const whole = isRefused ? REFUSAL : text;
  const parts = isRefused ? piecesOf(REFUSAL) : pieces;
  const kind = isRefused ? "refusal" : "output_text";
  const part = (said: string) =>
    isRefused ? { type: "refusal", refusal: said } : { type: "output_text", text: said, annotations: [], logprobs: [] };
  const at = { item_id: id, content_index: 0 };
  const logprobs = isRefused ? {} : { logprobs: [] };
  return {
    started: { id, type: "message", status: "in_progress", role: "assistant", content: [] },
    item: { id, type: "message", status: "completed", role: "assistant", content: [part(whole)] },
    events: [
      { type: "response.content_part.added", fields: { ...at, part: part("") } },
      ...parts.map((delta) => ({
        type: `response.${kind}.delta`,
        fields: { ...at, delta, ...logprobs },
        tokens: isRefused ? 0 : tokens / parts.length,
      })),
      {
        type: `response.${kind}.done`,
        fields: { ...at, ...(isRefused ? { refusal: whole } : { text: whole }), ...logprobs },
      },
      { type: "response.content_part.done", fields: { ...at, part: part(whole) } },
    ],
    tokens: 0,
  };
}

function eventsOf({ started, item, events, tokens }: Item, index: number): readonly Event[] {
  return [
    { type: "response.output_item.added", fields: { output_index: index, item: started }, tokens },
    ...events.map(({ type, fields, tokens: written = 0 }) => ({
      type,
      fields: { output_index: index, ...fields },
      tokens: written,
    })),
    { type: "response.output_item.done", fields: { output_index: index, item } },
  ];
}

/** Writes an answer as the events of a stream, numbered. */
export function toResponseFrames(answer: Answer): readonly Frame[] {
  const started = shell(answer);
  const items = answer.completion.choices.flatMap((choice) => itemsOf(choice, answer.completion.id));
  const done = toResponse(answer);
  const events: readonly Event[] = [
    { type: "response.created", fields: { response: started } },
    { type: "response.in_progress", fields: { response: started } },
    ...items.flatMap((item, index) => eventsOf(item, index)),
    { type: done.status === "completed" ? "response.completed" : "response.incomplete", fields: { response: done } },
  ];
  return events.map(({ type, fields, tokens = 0 }, index) => ({
    text: `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: index, ...fields })}\n\n`,
    tokens,
  }));
}
