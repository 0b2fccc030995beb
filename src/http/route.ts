import type { Duration } from "../core/duration.ts";
import type { Schema } from "../core/schema.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface RouteRequest<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly requestId: string;
  /** Who asks, as decisions name them. */
  readonly principal: string;
  /** Fires when the client has gone. */
  readonly signal: AbortSignal;
}

/**
 * How the answer to a GET is kept in memory. It is kept for the principal who asked, under the path, the parameters and the query; errors
 * and answers other than 200 never are. It goes when a table that the handler read through `queries` is written, when one of its tags is
 * invalidated, or when its version changes, in whatever process that happens. An answer that names nothing of this and no `ttl` is not kept.
 */
export interface RouteCache {
  /** Longest time it is kept. Default 1m. */
  readonly ttl?: Duration;
  /** What it depends on, besides what is read through `queries`. */
  readonly tags?: readonly string[];
  /** Request headers that the answer depends on, in lower case. */
  readonly vary?: readonly string[];
  /** The answer is the same for everybody, and kept once for all principals. Default false. */
  readonly isPublic?: boolean;
  /** A value that changes whenever the answer may: `() => db.version()` for what is read past `queries`. Asked at every request. */
  readonly version?: () => string | number;
  /** Whether an answer may be kept at all: not one that changes by the mere passing of time. Default: every one. */
  readonly isKept?: (answer: unknown) => boolean;
}

export interface RouteOptions<Params, Query, Body> {
  readonly method: Method;
  /** With `:name` for parameters: `/api/home/suggestions/:id/approve`. */
  readonly path: string;
  /** One sentence for the API's description. */
  readonly summary: string;
  readonly params?: Schema<Params>;
  /** Unknown query parameters are refused; without a schema all are. */
  readonly query?: Schema<Query>;
  readonly body?: Schema<Body>;
  /** Default 200. */
  readonly status?: number;
  /** For GET alone. Default: every answer is made anew; an ETag is sent all the same. */
  readonly cache?: RouteCache;
  /** What it returns is sent as JSON; what it throws as problem+json. */
  readonly handle: (request: RouteRequest<Params, Query, Body>) => unknown;
}

/** A route whose types were checked where it was written. */
export type Route = RouteOptions<never, never, never>;

/** Writes a route with the types of its schemas. */
export function route<Params = unknown, Query = unknown, Body = unknown>(
  options: RouteOptions<Params, Query, Body>,
): Route {
  return options as unknown as Route;
}

/** A page of a list. Give `next` as `cursor` for the following page; null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
  readonly next: string | null;
}
