import { ModelFailure } from "../../model/failure.ts";
import { fieldsOf, listOf, parseJson, textOf } from "../../model/wire/fields.ts";
import { type BatchApi, type BatchLine, CLOCK_SKEW_MS, type FoundBatch } from "./batch-api.ts";
import type { ProviderSender } from "../provider-sender.ts";

/** Anthropic's Message Batches (platform.claude.com/docs, build-with-claude/batch-processing): inline JSON in, JSONL out. */
export function createAnthropicBatches(send: ProviderSender): BatchApi {
  return {
    async submit(items, { signal }) {
      const requests = items.map(({ customId, body }) => `{"custom_id":${JSON.stringify(customId)},"params":${body}}`);
      const body = `{"requests":[${requests.join(",")}]}`;
      return requireId(await send.text({ method: "POST", path: "/messages/batches", body, signal }));
    },
    // A batch has no name of its own, and tells its custom ids with its results.
    async find({ sentAt, items }, signal) {
      const found: FoundBatch[] = [];
      for (let after = ""; ;) {
        const path = `/messages/batches?limit=100${after === "" ? "" : `&after_id=${after}`}`;
        const page = fieldsOf(parseJson(await send.text({ method: "GET", path, signal })));
        const batches = listOf(page["data"]).map(fieldsOf);
        const young = batches.filter((each) => Date.parse(textOf(each["created_at"]) ?? "") >= sentAt - CLOCK_SKEW_MS);
        for (const { id, request_counts: counts } of young) {
          const total = Object.values(fieldsOf(counts)).reduce<number>((sum, count) => sum + Number(count), 0);
          if (textOf(id) !== undefined && total >= items) found.push({ id: String(id), isCertain: false });
        }
        after = textOf(page["last_id"]) ?? "";
        if (page["has_more"] !== true || young.length < batches.length || after === "") return found;
      }
    },
    async results(id, signal) {
      const batch = fieldsOf(parseJson(await send.text({ method: "GET", path: `/messages/batches/${id}`, signal })));
      if (batch["processing_status"] !== "ended") return undefined;
      return readLines(send.lines({ method: "GET", path: `/messages/batches/${id}/results`, signal }));
    },
    async cancel(id, signal) {
      await send.text({ method: "POST", path: `/messages/batches/${id}/cancel`, signal });
    },
  };
}

async function* readLines(lines: AsyncIterable<unknown>): AsyncGenerator<BatchLine> {
  for await (const line of lines) {
    const { custom_id: customId, result } = fieldsOf(line);
    const { type, message, error } = fieldsOf(result);
    const why = textOf(fieldsOf(fieldsOf(error)["error"])["message"]) ?? `it was ${textOf(type) ?? "lost"}`;
    yield {
      customId: textOf(customId) ?? "",
      result: type === "succeeded" ? { ok: true, reply: message } : { ok: false, detail: why },
    };
  }
}

/** The id of what was made. */
export function requireId(text: string): string {
  const id = textOf(fieldsOf(parseJson(text))["id"]);
  if (id === undefined) throw new ModelFailure("unusable", { detail: "the batch has no id", isRetryable: false });
  return id;
}
