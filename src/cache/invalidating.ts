import type { Clock, Timer } from "../core/clock.ts";
import type { InvalidationMode, JournalRecord, Scope } from "./contract.ts";
import type { Invalidations } from "./invalidation.ts";
import { scopeText } from "./journal/scope.ts";
import type { LowerLevels } from "./lower-levels.ts";
import type { Telemetry } from "./telemetry.ts";
import type { UpperLevel } from "./upper-level.ts";

/** Invalidates, and removes in the background what was evicted: the verdict on reading never waits for that. */
export interface Invalidating {
  invalidate(mode: InvalidationMode, scopes: readonly Scope[]): Promise<void>;
  /** Takes what the journal tells, from whichever process it came. */
  apply(records: readonly JournalRecord[]): void;
  close(): void;
}

export interface InvalidatingOptions {
  readonly upper: UpperLevel;
  readonly lower: LowerLevels;
  readonly invalidations: Invalidations;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}

const SWEEP_MEMORY_MS = 250;

export function createInvalidating({
  upper,
  lower,
  invalidations,
  telemetry,
  clock,
}: InvalidatingOptions): Invalidating {
  /** What this process evicted and the journal did not tell of yet: whoever evicts removes below, once for all. */
  const own = new Set<string>();
  let sweep: Timer | undefined;
  let isClosed = false;

  function takeOwn({ mode, scope }: JournalRecord): boolean {
    return mode === "evict" && own.delete(nameOf(scope));
  }

  function removeBelow({ scope, position }: JournalRecord): void {
    const upTo = Math.ceil(position) - 1;
    if (scope.kind === "key") lower.remove({ kind: "key", key: scope.key });
    else if (scope.kind === "tag") lower.remove({ kind: "tag", tag: scope.tag, upTo });
    else if (scope.pattern === "**") lower.remove({ kind: "all" });
    else lower.remove({ kind: "pattern", pattern: scope.pattern, upTo });
  }

  return {
    async invalidate(mode, scopes) {
      if (scopes.length === 0) return;
      const names = mode === "evict" ? scopes.map(nameOf) : [];
      for (const name of names) own.add(name);
      // What the journal does not tell of by then, as after a reset, is judged on every read all the same.
      await invalidations
        .append(scopes.map((scope) => ({ mode, scope })))
        .finally(() => names.forEach((name) => own.delete(name)));
      telemetry.invalidated(mode, scopes);
    },
    apply(records) {
      for (const record of records) if (takeOwn(record)) removeBelow(record);
      if (isClosed) return;
      sweep ??= clock.after(SWEEP_MEMORY_MS, () => {
        sweep = undefined;
        telemetry.forgotten(upper.forget());
      });
    },
    close() {
      isClosed = true;
      sweep?.cancel();
    },
  };
}

function nameOf(scope: Scope): string {
  return `${scope.kind} ${scopeText(scope)}`;
}
