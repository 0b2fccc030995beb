import type { Codec } from "../codec.ts";
import { decodeChatCompletion } from "./decode-reply.ts";
import { ChatStreamDecoder } from "./decode-stream.ts";
import { type ChatDialect, encodeChatRequest } from "./encode-request.ts";
import { chatModelRules } from "./model-rules.ts";

/** OpenAI's chat completions, for one model. */
export function createChatCodec(modelId: string, dialect: ChatDialect): Codec {
  const rules = chatModelRules(dialect === "openai" ? modelId : "");
  return {
    path: "/chat/completions",
    encode(call, isStreamed) {
      const { request, warnings } = encodeChatRequest(call, { modelId, rules, dialect, isStreamed });
      return {
        body: JSON.stringify(request),
        headers: {},
        warnings,
        decodeReply: decodeChatCompletion,
        openStream: () => new ChatStreamDecoder(),
      };
    },
  };
}
