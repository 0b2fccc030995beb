import { hash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Cached, CacheOptions } from "../cache/cache.ts";
import { collectTags } from "../cache/collect-tags.ts";
import type { OpenCache } from "../cache/create-cache.ts";
import { canonicalJson } from "../core/json.ts";
import { entityTagOf } from "./entity-tag.ts";
import type { Principal } from "./principal.ts";
import type { RouteCache } from "./route.ts";

/** An answer as it is sent. */
export interface Answer {
  readonly status: number;
  /** JSON. */
  readonly body: string;
  readonly entityTag: string;
}

/** What a handler made, before it is decided whether it is kept. */
export interface MadeAnswer {
  readonly status: number;
  readonly value: unknown;
}

export interface CachedRequest {
  /** The route's, with its `:names`. */
  readonly path: string;
  readonly cache: RouteCache;
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: IncomingHttpHeaders;
  readonly principal: Principal;
  /** This client has gone: the answer is still made while another one waits for it. */
  readonly signal: AbortSignal;
}

/** Keeps answers of routes. */
export interface ResponseCache {
  /** The answer, kept or made: once, however many ask at the same time. */
  answer(request: CachedRequest, make: (signal: AbortSignal) => Promise<MadeAnswer>): Promise<Cached<Answer>>;
}

/** Only in memory: after a change of the program an answer of the old one must not come back. The journal is asked before every answer. */
const KEPT = {
  policy: "responses",
  jitter: 0,
  isStrict: true,
  mutation: "share",
  flight: "process",
  levels: { database: false, files: false },
} as const satisfies CacheOptions;

export function createResponseCache(cache: OpenCache): ResponseCache {
  return {
    answer({ cache: options, ...request }, make) {
      const { ttl, tags = [], version, isKept = () => true } = options;
      return cache.fetch(
        keyOf(options, request),
        async (entry) => {
          let hasTags = tags.length > 0;
          const note = (found: readonly string[]): void => {
            hasTags = true;
            entry.tag(...found);
          };
          const { status, value } = await collectTags(note, () => make(entry.signal));
          // What nothing would ever outdate is only kept for a time that somebody chose.
          const isBounded = hasTags || version !== undefined || ttl !== undefined;
          if (status !== 200 || !isBounded || !isKept(value)) entry.skipStore();
          return toAnswer(status, JSON.stringify(value ?? null));
        },
        { ...KEPT, ...(ttl === undefined ? {} : { ttl }), tags, signal: request.signal },
      );
    },
  };
}

export function toAnswer(status: number, body: string): Answer {
  return { status, body, entityTag: entityTagOf(body) };
}

/** `responses:<path>:<principal>:<all the rest>`: so patterns reach the answers of a route, or of a principal. */
function keyOf(
  { vary = [], isPublic = false, version }: RouteCache,
  { path, params, query, headers, principal }: Omit<CachedRequest, "cache" | "signal">,
): string {
  const rest = canonicalJson({
    isPublic,
    params,
    query,
    headers: vary.map((name) => headers[name] ?? null),
    version: version?.() ?? null,
  });
  const who = isPublic ? "" : encodeURIComponent(principal.id);
  return `responses:${encodeURIComponent(path)}:${who}:${hash("sha256", rest, "base64url").slice(0, 22)}`;
}
