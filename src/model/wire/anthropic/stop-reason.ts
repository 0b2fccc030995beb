import type { LanguageModelV4FinishReason } from "@ai-sdk/provider";
import type { StopReason } from "./types.ts";

/** `pause_turn` is none of them: the turn is to be continued, and is no whole answer. */
const UNIFIED: Readonly<Record<string, LanguageModelV4FinishReason["unified"]>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool-calls",
  refusal: "content-filter",
};

/** An answer without a reason was broken off. One that was made to call the answer's tool just answered. */
export function fromStopReason(raw: string | undefined, answersByTool: boolean): LanguageModelV4FinishReason {
  if (raw === undefined) return { unified: "interrupted", raw };
  if (raw === "tool_use" && answersByTool) return { unified: "stop", raw };
  return { unified: UNIFIED[raw] ?? "other", raw };
}

const KNOWN: ReadonlySet<string> = new Set([...Object.keys(UNIFIED), "pause_turn"]);

/** Gives the reason its own name back where it had one. */
export function toStopReason({ unified, raw }: LanguageModelV4FinishReason): StopReason {
  if (raw !== undefined && KNOWN.has(raw)) return raw as StopReason;
  switch (unified) {
    case "length":
      return "max_tokens";
    case "tool-calls":
      return "tool_use";
    case "content-filter":
      return "refusal";
    case "stop":
    case "other":
    case "error":
    case "interrupted":
      return "end_turn";
  }
}
