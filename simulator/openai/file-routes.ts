import { answer, type Exchange, refuse, refuseField } from "../exchange.ts";
import { BODY_LIMITS, readBody } from "../http/read-body.ts";
import { sendText } from "../http/send.ts";
import { pageOf } from "../http/page.ts";
import { toFileObject } from "./files.ts";

const PURPOSES = ["assistants", "batch", "batch_output", "fine-tune", "vision", "user_data", "evals"];
const DAY_MS = 24 * 60 * 60_000;
/** Files of batches go after 30 days unless told otherwise. */
const BATCH_FILE_MS = 30 * DAY_MS;
const SHORTEST_SECONDS = 3_600;
const LONGEST_SECONDS = 2_592_000;

/** Answers `POST /v1/files`: a form with `file` and `purpose`. */
export async function uploadFile(exchange: Exchange): Promise<void> {
  const { world, request, organization } = exchange;
  const body = await readBody(request, BODY_LIMITS.file);
  if (body === "too large") {
    refuse(exchange, { kind: "too-large", what: "The file is too large." });
    return;
  }
  const form = await parseForm(body, request.headers["content-type"] ?? "");
  const file = form?.get("file");
  const purpose = form?.get("purpose");
  if (!(file instanceof File)) {
    refuseField(exchange, "file", "Missing required parameter: 'file'.");
    return;
  }
  if (typeof purpose !== "string" || !PURPOSES.includes(purpose)) {
    refuseField(exchange, "purpose", `'purpose' must be one of: ${PURPOSES.join(", ")}.`);
    return;
  }
  const asked = form?.get("expires_after[seconds]");
  const seconds = typeof asked === "string" ? Number(asked) : undefined;
  if (seconds !== undefined && !(seconds >= SHORTEST_SECONDS && seconds <= LONGEST_SECONDS)) {
    refuseField(exchange, "expires_after.seconds", `It must be from ${SHORTEST_SECONDS} to ${LONGEST_SECONDS}.`);
    return;
  }
  const createdAt = world.clock.now();
  const livesMs = seconds === undefined ? (purpose === "batch" ? BATCH_FILE_MS : undefined) : seconds * 1_000;
  const stored = {
    id: `file-${world.nextId()}`,
    organization,
    filename: file.name,
    purpose,
    content: Buffer.from(await file.arrayBuffer()),
    createdAt,
    expiresAt: livesMs === undefined ? undefined : createdAt + livesMs,
  };
  world.files.put(stored);
  answer(exchange, toFileObject(stored));
}

/** Reads a multipart form with the platform's own parser. */
async function parseForm(body: Buffer, type: string): Promise<FormData | undefined> {
  try {
    return await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
  } catch {
    return undefined;
  }
}

/** Answers `GET /v1/files`, newest first. */
export function listFiles(exchange: Exchange): void {
  const { world, organization, url } = exchange;
  const wanted = url.searchParams.get("purpose");
  const all = world.files
    .list(organization, world.clock.now())
    .filter(({ purpose }) => purpose === (wanted ?? purpose));
  const page = pageOf(all, {
    after: url.searchParams.get("after"),
    limit: url.searchParams.get("limit"),
    standard: 10_000,
  });
  answer(exchange, { object: "list", data: page.items.map(toFileObject), ...page.ends });
}

/** Answers `GET /v1/files/{id}`, its `/content`, and `DELETE`. */
export function oneFile(exchange: Exchange): void {
  const { world, organization, params, request, response, headers } = exchange;
  const [id = "", content] = params;
  const now = world.clock.now();
  const file = world.files.get(id, organization, now);
  if (file === undefined) {
    refuse(exchange, { kind: "not-found", what: `No such File object: ${id}` });
    return;
  }
  if (request.method === "DELETE") {
    world.files.delete(id, organization, now);
    answer(exchange, { id, object: "file", deleted: true });
    return;
  }
  if (content === undefined) answer(exchange, toFileObject(file));
  else sendText(response, { status: 200, text: file.content, type: "application/octet-stream" }, headers);
}
