import type { SqlValue } from "../store.ts";
import type { SlowStatement } from "./slow-statements.ts";
import type { WriterData } from "./protocol.ts";

/* What the main thread and a reader thread say to each other: a read, then `more` until its last rows, or `stop`. Each message gets exactly
   one answer, in order; a failure is one. */

/** Where a new thread begins. */
export type ReaderData = WriterData;

export type ReaderRequest =
  | { readonly kind: "read"; readonly bySlot: string; readonly values: readonly SqlValue[] }
  | { readonly kind: "more" }
  | { readonly kind: "stop" }
  /** Whether it still reads; what its cache holds is given back. */
  | { readonly kind: "rest" }
  | { readonly kind: "settings" }
  | { readonly kind: "close" };

export type ReaderAnswer =
  | { readonly kind: "ready" }
  | {
      readonly kind: "rows";
      readonly columns: readonly string[];
      readonly rows: readonly (readonly SqlValue[])[];
      readonly isLast: boolean;
      /** The read as a whole, when it was slow. */
      readonly slow?: readonly SlowStatement[];
    }
  | { readonly kind: "done" }
  | { readonly kind: "settings"; readonly settings: Readonly<Record<string, SqlValue>> };
