import type { Schema } from "../core/schema.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface RouteRequest<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly requestId: string;
  /** Fires when the client has gone. */
  readonly signal: AbortSignal;
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
