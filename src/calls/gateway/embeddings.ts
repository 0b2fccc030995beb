import { RequestReader } from "../../model/wire/read-request.ts";
import type { Ai } from "../ai.ts";
import { estimateText } from "../estimate.ts";
import type { Controls } from "./controls.ts";
import type { Exchange } from "./gateway.ts";
import type { Principal } from "./principals.ts";

export interface EmbeddingsParams {
  readonly ai: Ai;
  readonly controls: Controls;
  readonly principal: Principal;
  readonly exchange: Exchange;
  /** The full name of a model. */
  readonly find: (name: string) => string;
}

/** Answers `POST /v1/embeddings` (developers.openai.com/api/reference, embeddings). Usage is what the provider counted when it read the texts, where it said so. */
export async function answerEmbeddings({ ai, controls, principal, exchange, find }: EmbeddingsParams): Promise<{
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}> {
  const { modelId, texts, dimensions, isBase64 } = readRequest(exchange.body);
  const tokens = texts.reduce((sum, text) => sum + estimateText(text), 0);
  const admission = await principal.admit({ tokens });
  try {
    const embedded = await ai.embed({
      model: find(modelId),
      texts,
      ...(dimensions === undefined ? {} : { dimensions }),
      tags: controls.tags,
      ...(principal.tenant === undefined ? {} : { tenant: principal.tenant }),
      timeoutMs: controls.timeoutMs,
      signal: exchange.signal,
      cache: controls.cache !== "no-store",
    });
    const data = embedded.vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: isBase64 ? toBase64(vector) : Array.from(vector),
    }));
    const counted = embedded.totalTokens ?? tokens;
    const usage = { prompt_tokens: counted, total_tokens: counted };
    const model = embedded.model.slice(embedded.model.indexOf("/") + 1);
    return {
      headers: { "x-millrace-model": embedded.model, "x-millrace-reused": String(embedded.reused) },
      body: JSON.stringify({ object: "list", data, model, usage }),
    };
  } finally {
    admission.end({ tokens });
  }
}

/** Little-endian 32-bit floats, as the official client asks for. */
function toBase64(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");
}

function readRequest(body: unknown) {
  const reader = new RequestReader();
  const fields = reader.fields(body, "");
  const modelId = reader.text(fields["model"], "/model");
  const { input, encoding_format: format } = fields;
  const isTokens = Array.isArray(input) && (typeof input[0] === "number" || Array.isArray(input[0]));
  const texts = isTokens
    ? reader.mistake("/input", "must be texts: lists of tokens are one model's own")
    : reader.texts(input, "/input");
  if (!isTokens && (texts === undefined || texts.length === 0)) reader.mistake("/input", "must hold at least one text");
  for (const [index, text] of (texts ?? []).entries()) {
    if (text === "") reader.mistake(Array.isArray(input) ? `/input/${index}` : "/input", "must not be empty");
  }
  if (format !== undefined && format !== null && format !== "float" && format !== "base64") {
    reader.mistake("/encoding_format", "must be float or base64");
  }
  const dimensions = reader.number(fields["dimensions"], "/dimensions");
  reader.finish();
  return { modelId, texts: texts ?? [], dimensions, isBase64: format === "base64" };
}
