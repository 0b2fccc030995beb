import { type Fields, isObject } from "../question.ts";
import { parseJson } from "../http/read-body.ts";

/** One line of an input file. */
export interface BatchLine {
  readonly customId: string;
  readonly body: Fields;
}

/** What is wrong with an input file, line by line. */
export interface BatchMistake {
  readonly code: string;
  readonly line: number | null;
  readonly message: string;
  readonly param: string | null;
}

export type BatchInput =
  | { readonly ok: true; readonly lines: readonly BatchLine[]; readonly model: string }
  | { readonly ok: false; readonly mistakes: readonly BatchMistake[] };

const MOST_LINES = 50_000;
const MOST_MISTAKES = 100;

/** Reads an input file: one request a line, one endpoint and one model for all. */
export function parseBatchInput(content: Buffer, endpoint: string): BatchInput {
  const texts = content
    .toString("utf8")
    .split("\n")
    .filter((text) => text.trim() !== "");
  if (texts.length === 0)
    return wrong({ code: "empty_file", line: null, message: "The batch input file is empty.", param: null });
  if (texts.length > MOST_LINES) {
    const message = `The batch input file has more than ${MOST_LINES} requests.`;
    return wrong({ code: "too_many_requests", line: null, message, param: null });
  }
  const lines: BatchLine[] = [];
  const mistakes: BatchMistake[] = [];
  const seen = new Set<string>();
  const [first] = texts;
  const model = modelOf(parseJson(first ?? ""));
  for (const [index, text] of texts.entries()) {
    const read = parseLine(text, { endpoint, model, seen });
    if ("code" in read) mistakes.push({ ...read, line: index + 1 });
    else lines.push(read);
    if (mistakes.length >= MOST_MISTAKES) break;
  }
  return mistakes.length === 0 ? { ok: true, lines, model } : { ok: false, mistakes };
}

function wrong(mistake: BatchMistake): BatchInput {
  return { ok: false, mistakes: [mistake] };
}

function modelOf(line: unknown): string {
  return isObject(line) && isObject(line["body"]) ? String(line["body"]["model"]) : "";
}

interface Expected {
  readonly endpoint: string;
  readonly model: string;
  readonly seen: Set<string>;
}

function parseLine(text: string, { endpoint, model, seen }: Expected): BatchLine | Omit<BatchMistake, "line"> {
  const line = parseJson(text);
  if (!isObject(line))
    return { code: "invalid_json_line", message: "This line is not parseable as valid JSON.", param: null };
  const { custom_id: customId, method, url, body } = line;
  if (typeof customId !== "string" || customId === "") {
    return {
      code: "missing_required_parameter",
      message: "Missing required parameter: 'custom_id'.",
      param: "custom_id",
    };
  }
  if (seen.has(customId)) {
    return {
      code: "duplicate_custom_id",
      message: "The custom_id for this request is a duplicate.",
      param: "custom_id",
    };
  }
  seen.add(customId);
  if (method !== "POST")
    return { code: "invalid_method", message: "Invalid value for 'method': it must be POST.", param: "method" };
  if (url !== endpoint) {
    return {
      code: "mismatched_url",
      message: "The URL provided for this request does not match the batch's endpoint.",
      param: "url",
    };
  }
  if (!isObject(body))
    return { code: "missing_required_parameter", message: "Missing required parameter: 'body'.", param: "body" };
  if (body["model"] !== model) {
    return {
      code: "mismatched_model",
      message: `The model of all requests must be the same, here '${model}'.`,
      param: "body.model",
    };
  }
  return { customId, body };
}
