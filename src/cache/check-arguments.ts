import { MillraceError } from "../core/errors.ts";
import type { Scope } from "./contract.ts";

const KINDS: ReadonlySet<unknown> = new Set<Scope["kind"]>(["key", "tag", "pattern"]);

/** For callers without types. All throw INPUT_INVALID before anything has changed. */
export function requireKey(key: unknown): void {
  if (typeof key !== "string")
    throw invalid(`A key must be a text, got ${nameOf(key)}`, 'Write segments parted by ":".');
}

export function requireFactory(factory: unknown): void {
  if (typeof factory === "function") return;
  throw invalid(`The factory must be a function, got ${nameOf(factory)}`, "To keep a value that is there, use set.");
}

export function requireSignal(signal: unknown): void {
  const { throwIfAborted } = (signal ?? {}) as { readonly throwIfAborted?: unknown };
  if (signal === undefined || typeof throwIfAborted === "function") return;
  throw invalid(`signal must be an AbortSignal, got ${nameOf(signal)}`, "Give the signal of an AbortController.");
}

export function requireScopes(scopes: readonly unknown[]): void {
  for (const scope of scopes) {
    const { kind, ...named } = (typeof scope === "object" && scope !== null ? scope : {}) as Record<string, unknown>;
    const name = KINDS.has(kind) ? named[String(kind)] : undefined;
    if (typeof name !== "string") {
      const advice = `Write { kind: "key", key }, { kind: "tag", tag } or { kind: "pattern", pattern }, each with a text.`;
      throw invalid("What is to be invalidated must name a key, a tag or a pattern", advice);
    }
  }
}

export function requireLimit(limit: unknown): void {
  if (Number.isInteger(limit) && Number(limit) >= 0) return;
  throw invalid(`limit must be a whole number of at least 0, got ${String(limit)}`, "Leave it out for 1,000.");
}

function nameOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}

function invalid(rule: string, advice: string): MillraceError {
  return new MillraceError("INPUT_INVALID", `${rule}.`, { advice });
}
