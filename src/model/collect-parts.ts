import type { ModelPart, ModelResult } from "./model.ts";

type Content = ModelResult["content"][number];
type Metadata = ModelResult["providerMetadata"];
type Open = { text: string; providerMetadata: Metadata } & (
  | { readonly type: "text" | "reasoning" }
  | { readonly type: "tool"; readonly toolName: string }
);

/**
 * Puts the parts of a stream together to the content of a whole answer. What a provider says about a part it may say at its beginning, on the
 * way or at its end; the last word counts, as in the AI SDK.
 */
export class PartCollector {
  readonly #content: Content[] = [];
  readonly #open = new Map<string, Open>();

  add(part: ModelPart): void {
    switch (part.type) {
      case "text-start":
      case "reasoning-start":
        this.#open.set(part.id, {
          type: part.type === "text-start" ? "text" : "reasoning",
          text: "",
          providerMetadata: part.providerMetadata,
        });
        break;
      case "tool-input-start":
        this.#open.set(part.id, {
          type: "tool",
          toolName: part.toolName,
          text: "",
          providerMetadata: part.providerMetadata,
        });
        break;
      case "text-delta":
      case "reasoning-delta":
      case "tool-input-delta": {
        const open = this.#open.get(part.id);
        if (open === undefined) break;
        open.text += part.delta;
        open.providerMetadata = part.providerMetadata ?? open.providerMetadata;
        break;
      }
      case "text-end":
      case "reasoning-end": {
        const open = this.#open.get(part.id);
        this.#open.delete(part.id);
        if (open === undefined || open.type === "tool") break;
        const citations = part.type === "text-end" && part.citations !== undefined ? { citations: part.citations } : {};
        this.#content.push({ ...wholeOf(open.type, open, part.providerMetadata), ...citations });
        break;
      }
      case "tool-call":
        this.#open.delete(part.toolCallId);
        this.#content.push(part);
        break;
      case "tool-result":
      case "tool-approval-request":
      case "file":
      case "reasoning-file":
      case "source":
      case "custom":
        this.#content.push(part);
        break;
      case "tool-input-end":
      case "stream-start":
      case "response-metadata":
      case "finish":
      case "ping":
      case "raw":
      case "error":
        break;
    }
  }

  /** What has come so far, the parts that have not ended among it. */
  content(): Content[] {
    const begun = [...this.#open].map(([id, open]): Content => {
      return open.type === "tool"
        ? { type: "tool-call", toolCallId: id, toolName: open.toolName, input: open.text }
        : wholeOf(open.type, open);
    });
    return [...this.#content, ...begun];
  }
}

function wholeOf<T extends "text" | "reasoning">(
  type: T,
  { text, providerMetadata }: Pick<Open, "text" | "providerMetadata">,
  last: Metadata = providerMetadata,
): { readonly type: T; readonly text: string; readonly providerMetadata?: NonNullable<Metadata> } {
  return { type, text, ...(last === undefined ? {} : { providerMetadata: last }) };
}

/**
 * Whether a part carries something of the answer, which cannot be taken back once it was passed on. That a text begins says nothing
 * yet.
 */
export function isContentPart(part: ModelPart): boolean {
  return !BEFORE_CONTENT.has(part.type);
}

const BEFORE_CONTENT: ReadonlySet<ModelPart["type"]> = new Set([
  "stream-start",
  "response-metadata",
  "text-start",
  "reasoning-start",
  "ping",
  "raw",
  "error",
  "finish",
]);
