import type { Ask, Outcome } from "./scenarios.ts";

export interface AskChatOptions {
  /** Goes before `/chat/completions`. */
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Put before the model's name. */
  readonly prefix?: string;
  /** Milliseconds from any point. Default: the machine's. */
  readonly now?: () => number;
}

interface Chunk {
  readonly model?: string;
  readonly error?: { readonly message?: string };
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string };
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: object | null;
}

/** Streams chat completions as a careful client does: whole is what gives a reason for its end. */
export function createAskChat({
  baseUrl,
  headers = {},
  prefix = "",
  now = () => performance.now(),
}: AskChatOptions): Ask {
  return async (model) => {
    const startedAt = now();
    const ms = (): number => now() - startedAt;
    try {
      const response = await fetch(`${baseUrl}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: "Bearer x", ...headers },
        body: JSON.stringify({
          model: prefix + model,
          messages: [{ role: "user", content: "How should a careful client fail?" }],
          stream: true,
          stream_options: { include_usage: true },
          max_tokens: 200,
        }),
      });
      const body = await response.text();
      return response.ok ? read(body, ms()) : { kind: "error", message: body, ms: ms() };
    } catch (error) {
      return { kind: "error", message: String(error), ms: ms() };
    }
  };
}

function read(body: string, ms: number): Outcome {
  let text = "";
  let model = "";
  let hasUsage = false;
  let isEnded = false;
  for (const line of body.split("\n")) {
    if (!line.startsWith("data: ") || line === "data: [DONE]") continue;
    const chunk = JSON.parse(line.slice("data: ".length)) as Chunk;
    if (chunk.error !== undefined) return { kind: "error", message: chunk.error.message ?? "", ms };
    const [choice] = chunk.choices ?? [];
    text += choice?.delta?.content ?? "";
    model = chunk.model ?? model;
    hasUsage ||= chunk.usage !== undefined && chunk.usage !== null;
    // A refusal under status 200: the client knows, and is given nothing for an answer.
    if (choice?.finish_reason === "content_filter") return { kind: "error", message: "the content was refused", ms };
    isEnded ||= choice?.finish_reason !== undefined && choice.finish_reason !== null;
  }
  return isEnded ? { kind: "answer", text, model, hasUsage, ms } : { kind: "truncated", text, ms };
}
