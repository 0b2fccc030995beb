import type { ModelPart, ModelResult } from "./model.ts";

/** The parts of a stream that would have given the answer. */
export function toParts({
  content,
  ...finish
}: Pick<ModelResult, "content" | "finishReason" | "usage" | "providerMetadata">): ModelPart[] {
  const parts: ModelPart[] = [];
  for (const [index, part] of content.entries()) {
    if (part.type === "text" || part.type === "reasoning") {
      const { type, text, providerMetadata: metadata } = part;
      const about = { id: String(index), ...(metadata === undefined ? {} : { providerMetadata: metadata }) };
      parts.push(
        { ...about, type: `${type}-start` },
        { ...about, type: `${type}-delta`, delta: text },
        { ...about, type: `${type}-end` },
      );
    } else if (part.type === "tool-call" || part.type === "custom") parts.push(part);
  }
  return [...parts, { type: "finish", ...finish }];
}
