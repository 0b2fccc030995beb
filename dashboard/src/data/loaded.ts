import type { ApiError } from "../api/api-error.ts";

/** What is known of something that is fetched. `problem`: the newest attempt failed and the data is of an earlier one. */
export type Loaded<T> =
  | { readonly status: "loading" }
  | { readonly status: "ready"; readonly data: T; readonly problem: ApiError | null }
  | { readonly status: "failed"; readonly problem: ApiError };
