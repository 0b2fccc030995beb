import type { Codec } from "../codec.ts";
import { decodeMessage } from "./decode-reply.ts";
import { MessageStreamDecoder } from "./decode-stream.ts";
import { encodeMessagesRequest } from "./encode-request.ts";
import { messagesModelRules } from "./model-rules.ts";

/** Anthropic's Messages, for one model. */
export function createMessagesCodec(modelId: string): Codec {
  const rules = messagesModelRules(modelId);
  return {
    path: "/messages",
    encode(call, isStreamed) {
      const { request, headers, warnings, answersByTool } = encodeMessagesRequest(call, { modelId, rules, isStreamed });
      return {
        body: JSON.stringify(request),
        headers,
        warnings,
        decodeReply: (reply) => decodeMessage(reply, answersByTool),
        openStream: () => new MessageStreamDecoder(answersByTool),
      };
    },
  };
}
