import { createCaller, type Endpoint } from "./caller.ts";
import type { Embedder } from "./model.ts";
import type { ChatDialect } from "./wire/openai/encode-request.ts";
import { decodeEmbeddings, encodeEmbeddings, MOST_INPUTS } from "./wire/openai/embeddings.ts";

/** Creates an embedder that speaks OpenAI's `POST /v1/embeddings`. Throws RangeError for inputs that no server takes. */
export function createWireEmbedder(modelId: string, dialect: ChatDialect, endpoint: Endpoint): Embedder {
  const caller = createCaller(endpoint, "/embeddings");
  const format = dialect === "openai" ? "base64" : "float";
  return {
    name: modelId,
    provider: endpoint.provider,
    maxInputs: MOST_INPUTS,
    async embed(call) {
      const { signal, timeouts } = call;
      const body = encodeEmbeddings(call, { modelId, format });
      const asking = {
        ...(signal === undefined ? {} : { abortSignal: signal }),
        ...(timeouts === undefined ? {} : { timeouts }),
      };
      const { head, reply } = await caller.ask({ body }, asking);
      const result = decodeEmbeddings(reply, call.values.length);
      if (result === undefined) throw caller.noAnswer(reply, head);
      return result;
    },
    limits: caller.limits,
  };
}
