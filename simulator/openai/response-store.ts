import type { Fields } from "../question.ts";

/** A response, and what led to it. */
export interface StoredResponse {
  readonly response: { readonly id: string };
  /** What was asked, without what earlier responses were. */
  readonly input: readonly Fields[];
  /** All items that were said so far, the response's own included. */
  readonly conversation: readonly Fields[];
}

/** Responses that can be fetched and built on: the latest thousand. */
export interface ResponseStore {
  keep(stored: StoredResponse): void;
  get(id: string): StoredResponse | undefined;
  /** Says whether there was one. */
  delete(id: string): boolean;
  reset(): void;
}

const MOST_RESPONSES = 1_000;

export function createResponseStore(): ResponseStore {
  const kept = new Map<string, StoredResponse>();
  return {
    keep(stored) {
      kept.delete(stored.response.id);
      kept.set(stored.response.id, stored);
      const [oldest] = kept.keys();
      if (kept.size > MOST_RESPONSES && oldest !== undefined) kept.delete(oldest);
    },
    get: (id) => kept.get(id),
    delete: (id) => kept.delete(id),
    reset: () => kept.clear(),
  };
}
