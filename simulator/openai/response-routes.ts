import { answer, type Exchange, refuse } from "../exchange.ts";
import { pageOf } from "../http/page.ts";
import type { Fields } from "../question.ts";
import type { StoredResponse } from "./response-store.ts";

const ITEMS_A_PAGE = 20;

/** Answers `GET` and `DELETE` of one response. */
export function oneResponse(exchange: Exchange): void {
  const stored = find(exchange);
  if (stored === undefined) return;
  const { id } = stored.response;
  if (exchange.request.method === "GET") answer(exchange, stored.response);
  else {
    exchange.world.responses.delete(id);
    answer(exchange, { id, object: "response", deleted: true });
  }
}

/** Answers `GET /v1/responses/{id}/input_items`: what was asked, the latest first unless told otherwise. */
export function listInputItems(exchange: Exchange): void {
  const stored = find(exchange);
  if (stored === undefined) return;
  const { searchParams } = exchange.url;
  const all = stored.input.map((item, index) => toItem(item, `${stored.response.id.replace("resp_", "msg_")}${index}`));
  const ordered = searchParams.get("order") === "asc" ? all : all.toReversed();
  const limit = searchParams.get("limit");
  const { items, ends } = pageOf(ordered, { after: searchParams.get("after"), limit, standard: ITEMS_A_PAGE });
  answer(exchange, { object: "list", data: items, ...ends });
}

function find(exchange: Exchange): StoredResponse | undefined {
  const { world, params, request } = exchange;
  const [id = ""] = params;
  request.resume();
  const stored = world.responses.get(id);
  if (stored === undefined) refuse(exchange, { kind: "not-found", what: `Response with id '${id}' not found.` });
  return stored;
}

function toItem(item: Fields, id: string): Fields & { readonly id: string } {
  const { role, content } = item;
  if (role === undefined) return { ...item, id };
  const type = role === "assistant" ? "output_text" : "input_text";
  const parts = typeof content === "string" ? [{ type, text: content }] : content;
  return { type: "message", status: "completed", ...item, id, content: parts };
}
