import { answer, type Exchange, refuse } from "./exchange.ts";
import { pageOf } from "./http/page.ts";

/** When the simulated models were made; only the shape matters. */
const CREATED = "2026-01-01T00:00:00Z";
const MOST_OUTPUT_TOKENS = 128_000;

/** A model as both providers describe theirs, in one object. */
function describe(id: string, contextWindow: number) {
  const openai = { object: "model", owned_by: "simulator", created: Date.parse(CREATED) / 1_000 };
  const anthropic = { type: "model", display_name: id, created_at: CREATED };
  return { id, ...anthropic, max_input_tokens: contextWindow, max_tokens: MOST_OUTPUT_TOKENS, ...openai };
}

/** Answers `GET /v1/models`, the list that both providers' clients read; Anthropic's asks for pages. */
export function listModels(exchange: Exchange): void {
  const { world, url } = exchange;
  const all = world.models.map((id) => describe(id, world.contextWindow));
  const { searchParams } = url;
  const ends = { after: searchParams.get("after_id"), before: searchParams.get("before_id") };
  const page = pageOf(all, { ...ends, limit: searchParams.get("limit"), standard: all.length });
  answer(exchange, { object: "list", data: page.items, ...page.ends });
}

/** Answers `GET /v1/models/{id}`. */
export function oneModel(exchange: Exchange): void {
  const { world, params } = exchange;
  const [encoded = ""] = params;
  const id = world.models.find((model) => model === encoded || encodeURIComponent(model) === encoded);
  if (id === undefined) refuse(exchange, { kind: "unknown-model", model: encoded });
  else answer(exchange, describe(id, world.contextWindow));
}
