import type { SqlParams, SqlValue } from "../store.ts";
import { createStatementCache } from "../sqlite/statement-cache.ts";
import { parseStatement, type StatementText } from "../sqlite/statement-text.ts";
import { toValues } from "../sqlite/values.ts";
import { translateDefinition } from "./translate-definition.ts";

/** A statement as Postgres takes it: `$1` with its type instead of `:name`. */
export interface PlacedStatement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Under which a connection keeps it prepared; undefined where that would not pay. */
  readonly name: string | undefined;
  readonly sql: string;
}

/** Connections keep so many statements prepared; what comes later is parsed each time. */
const MOST_PREPARED = 500;

/** Places statements, and remembers how. */
export interface Placing {
  place(sql: string, params?: SqlParams): PlacedStatement;
  /** A statement that is written for Postgres, with `$1`: kept prepared like the others. */
  foreign(text: string, values: readonly unknown[]): PlacedStatement;
}

export function createPlacing(): Placing {
  const texts = createStatementCache<string, StatementText>();
  const names = new Map<string, string>();

  function nameOf(text: string): string | undefined {
    const known = names.get(text);
    if (known !== undefined) return known;
    if (names.size >= MOST_PREPARED) return undefined;
    const name = `millrace_${names.size}`;
    names.set(text, name);
    return name;
  }

  return {
    foreign: (text, values) => ({ text, values, name: nameOf(text), sql: text }),
    place(sql, params = {}) {
      const text = texts.get(sql, () => parseStatement(translateDefinition(sql)));
      const given = toValues(text, params);
      const { placed, values } = fill(text, given);
      return { text: placed, values, name: values.length === 0 ? undefined : nameOf(placed), sql };
    },
  };
}

/**
 * Postgres finds out the type of a parameter from where it stands, or not at all (`:x is null`): so each says its own. NULL, whose type
 * depends on its place, stands in the text.
 */
function fill({ pieces, slots }: StatementText, given: readonly SqlValue[]) {
  const numbers = new Map<string, number>();
  const values: unknown[] = [];
  let placed = pieces[0] ?? "";
  for (const [slot, name] of slots.entries()) {
    const value = given[slot] ?? null;
    if (value !== null && !numbers.has(name)) numbers.set(name, values.push(toParameter(value)));
    placed += value === null ? "null" : `$${numbers.get(name)}::${typeOf(value)}`;
    placed += pieces[slot + 1] ?? "";
  }
  return { placed, values };
}

export function typeOf(value: Exclude<SqlValue, null>): string {
  if (typeof value === "string") return "text";
  if (value instanceof Uint8Array) return "bytea";
  return typeof value === "bigint" || Number.isSafeInteger(value) ? "bigint" : "double precision";
}

/** As the driver sends it. */
export function toParameter(value: SqlValue): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return typeof value === "bigint" ? value.toString() : value;
}
