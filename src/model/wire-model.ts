import type { Clock } from "../core/clock.ts";
import { createCaller, type Endpoint } from "./caller.ts";
import type { Exchange } from "./exchange.ts";
import type { Model, ModelCall, ModelPart, ModelResult } from "./model.ts";
import { PartStream } from "./part-stream.ts";
import type { HeaderFields } from "./rate-limits.ts";
import { StreamReader } from "./stream-reader.ts";
import { toParts } from "./to-parts.ts";
import type { Codec } from "./wire/codec.ts";

/** Creates a model that is asked over HTTP in the words of a wire format. */
export function createWireModel(modelId: string, codec: Codec, endpoint: Endpoint): Model {
  const caller = createCaller(endpoint, codec.path);
  const clock: Clock = endpoint.clock;

  async function generate(call: ModelCall): Promise<ModelResult> {
    const encoded = codec.encode(call, false);
    const { head, reply } = await caller.ask(encoded, call);
    const decoded = encoded.decodeReply(reply);
    if (decoded === undefined) throw caller.noAnswer(reply, head);
    return {
      ...decoded,
      warnings: encoded.warnings,
      response: { ...decoded.response, headers: toRecord(head.headers) },
    };
  }

  function stream(call: ModelCall): AsyncIterable<ModelPart> {
    const { abortSignal: signal, includeRawChunks: isRaw = false } = call;
    let exchange: Exchange | undefined;
    let reader: StreamReader | undefined;
    let whole: Omit<ModelResult, "warnings"> | undefined;
    let isLeft = false;

    async function begin(): Promise<readonly ModelPart[]> {
      const encoded = codec.encode(call, true);
      const opened = await caller.open({ ...encoded, waitsForContent: true }, call);
      const { head } = opened;
      exchange = opened.exchange;
      if (isLeft) exchange.cancel();
      const type = head.headers["content-type"];
      if (typeof type === "string" && !type.includes("event-stream")) {
        const reply = await caller.read(exchange, signal);
        whole = encoded.decodeReply(reply);
        // Some servers know of no streams. The answer is there and paid.
        if (whole === undefined) throw caller.noAnswer(reply, head, "the answer is no stream");
        const { response = {} } = whole;
        return [
          { type: "stream-start", warnings: encoded.warnings },
          { type: "response-metadata", ...response },
          ...toParts(whole),
        ];
      }
      reader = new StreamReader({ exchange, head, decoder: encoded.openStream(), clock, signal, isRaw });
      return [{ type: "stream-start", warnings: encoded.warnings }];
    }

    return new PartStream({
      async next() {
        if (whole !== undefined) return undefined;
        if (reader === undefined) return begin();
        if (reader.isDone) return undefined;
        const parts = await reader.next();
        if (reader.isDone) exchange?.drain();
        return parts;
      },
      leave() {
        isLeft = true;
        if (reader?.isDone !== true) exchange?.cancel();
      },
    });
  }

  return { name: modelId, provider: endpoint.provider, generate, stream, limits: caller.limits };
}

/** Headers as the specification has them: one text for each name. */
function toRecord(headers: HeaderFields): Record<string, string> {
  if (isRecord(headers)) return headers;
  const record: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) record[name] = typeof value === "string" ? value : value.join(", ");
  }
  return record;
}

function isRecord(headers: HeaderFields): headers is Record<string, string> {
  for (const name in headers) if (typeof headers[name] !== "string") return false;
  return true;
}
