import { MillraceError } from "../../core/errors.ts";
import type { Invalidation, InvalidationMode, JournalRecord, Scope } from "../contract.ts";

/** The text of a scope, whatever its kind. */
export function scopeText(scope: Scope): string {
  switch (scope.kind) {
    case "key":
      return scope.key;
    case "tag":
      return scope.tag;
    case "pattern":
      return scope.pattern;
  }
}

/** The scopes of lists of names. */
export function scopesOf({ key, tag, pattern }: Readonly<Record<Scope["kind"], readonly string[]>>): readonly Scope[] {
  return [
    ...key.map((each) => ({ kind: "key", key: each }) as const),
    ...tag.map((each) => ({ kind: "tag", tag: each }) as const),
    ...pattern.map((each) => ({ kind: "pattern", pattern: each }) as const),
  ];
}

/** Makes a record of what a database gave. Undefined for a mode or kind of a later version. */
export function toRecord(mode: string, kind: string, text: string, position: number): JournalRecord | undefined {
  const scope = toScope(kind, text);
  return scope === undefined || !isMode(mode) ? undefined : { mode, scope, position };
}

function toScope(kind: string, text: string): Scope | undefined {
  if (kind === "key") return { kind, key: text };
  if (kind === "tag") return { kind, tag: text };
  return kind === "pattern" ? { kind, pattern: text } : undefined;
}

function isMode(mode: string): mode is InvalidationMode {
  return mode === "expire" || mode === "evict";
}

/** Throws INPUT_INVALID for a text that no database could give back as it was. */
export function requireStorable(texts: readonly string[]): void {
  for (const text of texts) {
    if (!text.isWellFormed()) {
      throw new MillraceError("INPUT_INVALID", `${JSON.stringify(text)} holds half of a surrogate pair.`, {
        advice: "Call toWellFormed() on keys, tags and patterns that come from outside.",
      });
    }
  }
}

export function requireStorableScopes(invalidations: readonly Invalidation[]): void {
  requireStorable(invalidations.map(({ scope }) => scopeText(scope)));
}
