import { ModelFailure } from "../../model/failure.ts";
import { fieldsOf, listOf, parseJson, textOf } from "../../model/wire/fields.ts";
import { requireId } from "./anthropic-batches.ts";
import { type BatchApi, type BatchLine, CLOCK_SKEW_MS } from "./batch-api.ts";
import type { ProviderSender } from "../provider-sender.ts";

/** What parts a form: no JSON holds it. */
const BOUNDARY = "----millrace-batch-8f3c1d0b5a7e";

/** The field of a batch's metadata that holds its mark. */
const MARK = "millrace";

/** OpenAI's Batch over files (developers.openai.com/api/docs, guides/batch): a file of lines in, two files of lines out. */
export function createOpenaiBatches(send: ProviderSender): BatchApi {
  async function upload(lines: string, signal: AbortSignal): Promise<string> {
    const part = (head: string, content: string): string =>
      `--${BOUNDARY}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
    const file = 'name="file"; filename="batch.jsonl"\r\nContent-Type: application/jsonl';
    const body = `${part('name="purpose"', "batch")}${part(file, lines)}--${BOUNDARY}--\r\n`;
    const contentType = `multipart/form-data; boundary=${BOUNDARY}`;
    return requireId(await send.text({ method: "POST", path: "/files", body, contentType, signal }));
  }

  /** The lines of files one after the other; those that there are. */
  async function* read(fileIds: readonly unknown[], signal: AbortSignal): AsyncGenerator<BatchLine> {
    for (const id of fileIds) {
      if (typeof id !== "string") continue;
      for await (const line of send.lines({ method: "GET", path: `/files/${id}/content`, signal })) {
        const { custom_id: customId, response, error } = fieldsOf(line);
        const { status_code: status, body } = fieldsOf(response);
        const why = textOf(fieldsOf(error)["message"]) ?? textOf(fieldsOf(fieldsOf(body)["error"])["message"]);
        yield {
          customId: textOf(customId) ?? "",
          result: status === 200 ? { ok: true, reply: body } : { ok: false, detail: why ?? "it failed" },
        };
      }
    }
  }

  return {
    async submit(items, { mark, signal }) {
      const lines = items.map(
        ({ customId, body }) =>
          `{"custom_id":${JSON.stringify(customId)},"method":"POST","url":"/v1/chat/completions","body":${body}}`,
      );
      const inputFileId = await upload(lines.join("\n"), signal);
      const body = JSON.stringify({
        input_file_id: inputFileId,
        endpoint: "/v1/chat/completions",
        completion_window: "24h",
        metadata: { [MARK]: mark },
      });
      return requireId(await send.text({ method: "POST", path: "/batches", body, signal }));
    },
    async find({ mark, sentAt }, signal) {
      for (let after = ""; ;) {
        const path = `/batches?limit=100${after === "" ? "" : `&after=${after}`}`;
        const page = fieldsOf(parseJson(await send.text({ method: "GET", path, signal })));
        const batches = listOf(page["data"]).map(fieldsOf);
        const found = batches.find(({ metadata }) => fieldsOf(metadata)[MARK] === mark);
        if (found !== undefined) return [{ id: textOf(found["id"]) ?? "", isCertain: true }];
        const isOld = batches.some((each) => Number(each["created_at"]) * 1_000 < sentAt - CLOCK_SKEW_MS);
        after = textOf(page["last_id"]) ?? "";
        if (page["has_more"] !== true || isOld || after === "") return [];
      }
    },
    async results(id, signal) {
      const batch = fieldsOf(parseJson(await send.text({ method: "GET", path: `/batches/${id}`, signal })));
      switch (batch["status"]) {
        case "completed":
        case "expired":
        case "cancelled":
          return read([batch["output_file_id"], batch["error_file_id"]], signal);
        case "failed": {
          const [first] = listOf(fieldsOf(batch["errors"])["data"]);
          const detail = textOf(fieldsOf(first)["message"]) ?? "the batch was refused";
          throw new ModelFailure("bad-request", { detail });
        }
        default:
          return undefined;
      }
    },
    async cancel(id, signal) {
      await send.text({ method: "POST", path: `/batches/${id}/cancel`, signal });
    },
  };
}
