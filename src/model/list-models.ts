import type { ProviderConfig } from "./config.ts";
import { ANTHROPIC_VERSION } from "./wire/anthropic/version.ts";

/** What a provider says when it is asked for its models. */
export type ModelList =
  | { readonly ok: true; readonly models: readonly string[] }
  | { readonly ok: false; readonly status: number };

/** Providers whose address is known. */
export type WireProviderConfig = Exclude<ProviderConfig, { kind: "ai-sdk" }>;

/** Longest list that is read, in bytes. */
const LONGEST_LIST_BYTES = 4 * 1024 * 1024;

/** Asks `GET {baseUrl}/models` with the provider's own way to prove who asks. Rejects when it cannot be reached. */
export async function listModels(
  config: WireProviderConfig,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<ModelList> {
  const response = await fetch(`${config.baseUrl}/models`, { headers: authHeaders(config), signal });
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) {
    bytes += piece.value.length;
    if (bytes > LONGEST_LIST_BYTES) {
      await reader?.cancel();
      break;
    }
    chunks.push(piece.value);
  }
  if (!response.ok) return { ok: false, status: response.status };
  return { ok: true, models: modelIds(Buffer.concat(chunks).toString("utf8")) };
}

function authHeaders(config: WireProviderConfig): Record<string, string> {
  if (config.kind === "anthropic") return { "x-api-key": config.apiKey, "anthropic-version": ANTHROPIC_VERSION };
  return config.apiKey === undefined ? {} : { authorization: `Bearer ${config.apiKey}` };
}

/** Reads the ids that are there; a body of another shape has none. */
function modelIds(body: string): string[] {
  try {
    const { data } = JSON.parse(body) as { data?: unknown };
    if (!Array.isArray(data)) return [];
    return data.flatMap((entry: unknown) =>
      typeof entry === "object" && entry !== null && "id" in entry && typeof entry.id === "string" ? [entry.id] : [],
    );
  } catch {
    return [];
  }
}
