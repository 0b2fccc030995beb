import type { SqlValue } from "../store.ts";
import { type CallResult, isFailure, type Outcome } from "./protocol.ts";

/* Threads copy a text in one piece, and everything else field by field: as text a group crosses at a quarter of the price. */

type Message<M> = M | string;

/** A group as text, where JSON holds all of its values; anything else as it is. */
export function toMessage<M>(message: M, isPlain: boolean): Message<M> {
  return isPlain ? JSON.stringify(message) : message;
}

export function fromMessage<M>(message: Message<M>): M {
  return typeof message === "string" ? (JSON.parse(message) as M) : message;
}

/** Whether JSON gives a value back as it was: no bytes, no bigint, no infinity. */
export function isPlainValue(value: SqlValue): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value === "string" || value === null;
}

/** The same of all that became of a group. */
export function arePlain(outcomes: readonly Outcome[]): boolean {
  return outcomes.every(
    (outcome) => outcome === null || isFailure(outcome) || "kind" in outcome || outcome.every(isPlainResult),
  );
}

function isPlainResult(result: CallResult): boolean {
  return typeof result === "number" || arePlainRows(result.rows);
}

export function arePlainRows(rows: readonly (readonly SqlValue[])[]): boolean {
  return rows.every((row) => row.every(isPlainValue));
}
