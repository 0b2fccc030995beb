import { withBase } from "../routing/base-path.ts";
import { problemToError, unreachable } from "./api-error.ts";

export interface ApiClient {
  /** Reads a resource. Throws ApiError; an abort is passed on as it is. */
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  /** Sends a body (default `{}`) and gives the answer. Throws ApiError. */
  post<T>(path: string, body?: unknown): Promise<T>;
}

/** Speaks to the HTTP API. `fetch` is an argument so that tests can answer. */
export function createApiClient(fetch: typeof globalThis.fetch): ApiClient {
  async function request<T>(path: string, init: RequestInit, accepted: readonly number[] = []): Promise<T> {
    const response = await send(path, init);
    const body = await readJson(response);
    if (response.ok || accepted.includes(response.status)) return body as T;
    throw problemToError(response.status, body);
  }

  async function send(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(withBase(path), init);
    } catch (error) {
      if (init.signal?.aborted === true) throw error;
      throw unreachable(error);
    }
  }

  return {
    // A process that is not ready says so with 503 and the same body as when it is.
    get: (path, signal) =>
      request(
        path,
        { headers: { accept: "application/json" }, ...(signal && { signal }) },
        path === "/api/ready" ? [503] : [],
      ),
    post: (path, body = {}) =>
      request(path, {
        method: "POST",
        headers: { accept: "application/json", "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
  };
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}
