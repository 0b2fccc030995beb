import type { Codec } from "../codec.ts";
import { decodeChatCompletion } from "./decode-reply.ts";
import { ChatStreamDecoder } from "./decode-stream.ts";
import { type ChatDialect, encodeChatRequest } from "./encode-request.ts";

/** OpenAI's chat completions, for one model. */
export function createChatCodec(modelId: string, dialect: ChatDialect): Codec {
  return {
    path: "/chat/completions",
    encode(call, isStreamed) {
      const { request, warnings } = encodeChatRequest(call, { modelId, dialect, isStreamed });
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
