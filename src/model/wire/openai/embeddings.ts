import type { EmbedCall, EmbedResult } from "../../model.ts";
import { fieldsOf, isFields, listOf, numberOf } from "../fields.ts";

/** The most inputs of one `POST /v1/embeddings` at OpenAI. */
export const MOST_INPUTS = 2_048;

export interface EncodeEmbeddingsOptions {
  readonly modelId: string;
  /** base64 is far cheaper to read; not every compatible server writes it. */
  readonly format: "base64" | "float";
}

/** Writes a request. Throws RangeError for no inputs, too many, or an empty one: none of them is ever answered. */
export function encodeEmbeddings(
  { values, dimensions }: EmbedCall,
  { modelId, format }: EncodeEmbeddingsOptions,
): string {
  if (values.length === 0 || values.length > MOST_INPUTS) {
    throw new RangeError(`1 to ${MOST_INPUTS} texts can be embedded at once, got ${values.length}`);
  }
  const empty = values.indexOf("");
  if (empty !== -1) throw new RangeError(`text ${empty} of those to embed is empty`);
  return JSON.stringify({
    model: modelId,
    input: values,
    encoding_format: format,
    ...(dimensions === undefined ? {} : { dimensions }),
  });
}

/** Reads a reply in either encoding; undefined when it has not one vector for each of so many inputs. */
export function decodeEmbeddings(reply: unknown, inputs: number): EmbedResult | undefined {
  const body = fieldsOf(reply);
  const embeddings = new Array<Float32Array | undefined>(inputs).fill(undefined);
  for (const [position, entry] of listOf(body["data"]).entries()) {
    if (!isFields(entry)) return undefined;
    embeddings[numberOf(entry["index"]) ?? position] = toVector(entry["embedding"]);
  }
  const whole = embeddings.filter((vector) => vector !== undefined && vector.length > 0) as Float32Array[];
  if (whole.length !== inputs || embeddings.length !== inputs) return undefined;
  return { embeddings: whole, tokens: numberOf(fieldsOf(body["usage"])["prompt_tokens"]) ?? null };
}

function toVector(embedding: unknown): Float32Array | undefined {
  if (Array.isArray(embedding)) return Float32Array.from(embedding as number[]);
  if (typeof embedding !== "string") return undefined;
  // Little-endian float32, as every machine of ours has them; copied, since the pool's bytes may lie askew.
  const bytes = Uint8Array.from(Buffer.from(embedding, "base64"));
  return bytes.length % 4 === 0 ? new Float32Array(bytes.buffer) : undefined;
}
