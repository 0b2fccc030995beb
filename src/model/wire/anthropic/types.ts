/**
 * The wire format of Anthropic's Messages (platform.claude.com/docs, `POST /v1/messages`, version 2023-06-01), as far as Millrace
 * writes it. What others write is read field by field.
 */
export interface MessagesRequest {
  readonly model: string;
  readonly max_tokens: number;
  readonly messages: readonly Message[];
  readonly system?: string | readonly TextBlock[];
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly stop_sequences?: readonly string[];
  readonly tools?: readonly Tool[];
  readonly tool_choice?: ToolChoice;
  readonly thinking?: Thinking;
  readonly output_config?: { readonly effort?: string; readonly format?: OutputFormat };
  readonly cache_control?: CacheControl;
  readonly metadata?: { readonly user_id: string };
  readonly stream?: boolean;
  /** What stands under `extraBody`, and the settings of `MESSAGES_OPTIONS`. */
  readonly [field: string]: unknown;
}

export interface CacheControl {
  readonly type: "ephemeral";
  readonly ttl?: "5m" | "1h";
}

export interface Message {
  readonly role: "user" | "assistant";
  readonly content: readonly Block[];
}

interface Cached {
  readonly cache_control?: CacheControl;
}

export type TextBlock = Cached & { readonly type: "text"; readonly text: string };

export type Source =
  | { readonly type: "base64"; readonly media_type: string; readonly data: string }
  | { readonly type: "url"; readonly url: string }
  | { readonly type: "text"; readonly media_type: "text/plain"; readonly data: string };

export type Block =
  | TextBlock
  | (Cached & { readonly type: "image"; readonly source: Source })
  | (Cached & { readonly type: "document"; readonly source: Source; readonly title?: string })
  | (Cached & { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: unknown })
  | (Cached & {
      readonly type: "tool_result";
      readonly tool_use_id: string;
      readonly content: string | readonly Block[];
      readonly is_error?: boolean;
    })
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string };

export type Tool = Cached & {
  readonly name: string;
  readonly description?: string;
  readonly input_schema: object;
  readonly strict?: boolean;
};

export type ToolChoice = (
  | { readonly type: "auto" | "any" | "none" }
  | { readonly type: "tool"; readonly name: string }
) & { readonly disable_parallel_tool_use?: boolean };

export type Thinking =
  | { readonly type: "enabled"; readonly budget_tokens: number }
  | { readonly type: "adaptive"; readonly display?: string }
  | { readonly type: "disabled" };

export interface OutputFormat {
  readonly type: "json_schema";
  readonly schema: object;
}

export type StopReason =
  | "end_turn"
  | "max_tokens"
  | "stop_sequence"
  | "tool_use"
  | "pause_turn"
  | "refusal"
  | "model_context_window_exceeded";

export interface MessagesUsage {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly output_tokens: number;
  readonly output_tokens_details?: { readonly thinking_tokens: number };
}

export interface MessageReply {
  readonly id: string;
  readonly type: "message";
  readonly role: "assistant";
  readonly model: string;
  readonly content: readonly unknown[];
  readonly stop_reason: StopReason | null;
  readonly stop_sequence: string | null;
  readonly usage: MessagesUsage;
}

/** Settings of `providerOptions.anthropic` that are passed on as they are, and what they are called on the wire. */
export const MESSAGES_OPTIONS = {
  container: "container",
  inferenceGeo: "inference_geo",
  serviceTier: "service_tier",
  speed: "speed",
} as const satisfies Readonly<Record<string, string>>;
