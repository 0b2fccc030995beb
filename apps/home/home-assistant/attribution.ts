import type { Cause } from "../domain/event.ts";

/** What every change and event of Home Assistant bears: who it goes back to. */
export interface Context {
  readonly id: string;
  readonly parentId: string | null;
  readonly userId: string | null;
}

export interface ChangeSeen {
  readonly at: number;
  readonly entityId: string;
  readonly context: Context;
  /** The state before was unavailable, unknown or none: the change restores a state, it makes none. */
  readonly isRestored: boolean;
}

/** How long after a call a slow device (a cover, one behind a cloud) may report its change under a context of its own. */
const SLOW_DEVICE_MS = 60_000;
/** How long after its start a home's devices may take to say what they are. */
const SETTLING_MS = 300_000;
const MOST_CONTEXTS = 10_000;

interface Opened {
  readonly cause: Cause;
  /** The entities a call named; undefined: it named none, or areas and devices. */
  readonly targets: ReadonlySet<string> | undefined;
  /** The first entity that changed under it, when nobody called. */
  first?: string;
}

interface Expected {
  readonly cause: Cause;
  readonly contextId: string;
  readonly until: number;
}

/**
 * Tells who changed a state: a person, a switch or device, an automation, a script. Fed with the home's events in the order they came.
 * A user's id alone would lose wall switches; the contexts alone would take automations by the clock for them, as those have no parent.
 */
export class Attribution {
  readonly #contexts = new Map<string, Opened>();
  readonly #expected = new Map<string, Expected>();
  /** When Home Assistant started while we looked, and what changed since. */
  #started: { readonly at: number; readonly changed: Set<string> } | undefined;

  /** Home Assistant started: the first change of each entity, if it comes soon, restores what it was. */
  homeStarted(at: number): void {
    this.#started = { at, changed: new Set() };
    this.#expected.clear();
  }

  /** An automation or a script began to run. */
  started(cause: "automation" | "script", context: Context): void {
    this.#open(context.id, { cause, targets: undefined });
  }

  /** A service was called. */
  called(context: Context, entityIds: readonly string[] | undefined, at: number): void {
    const opened = this.#contexts.get(context.id);
    const cause = opened?.cause ?? this.#causeOfContext(context);
    if (cause === undefined) return;
    // The first call of a context is the act; a group or a template passes it on to others under the same one.
    if (opened === undefined) {
      this.#open(context.id, { cause, targets: entityIds === undefined ? undefined : new Set(entityIds) });
    }
    for (const entityId of entityIds ?? []) {
      this.#expected.set(entityId, { cause, contextId: context.id, until: at + SLOW_DEVICE_MS });
    }
  }

  causeOf({ at, entityId, context, isRestored }: ChangeSeen): Cause {
    const isFirst = this.#isFirstAfterStart(entityId, at);
    const expected = this.#expected.get(entityId);
    if (expected !== undefined && (expected.contextId === context.id || expected.until < at)) {
      this.#expected.delete(entityId);
    }
    if (isRestored) return "startup";
    const opened = this.#contexts.get(context.id);
    if (opened !== undefined) return causeUnder(opened, entityId);
    const cause = this.#causeOfContext(context);
    if (cause !== undefined) {
      this.#open(context.id, { cause, targets: undefined });
      return cause;
    }
    if (isFirst) return "startup";
    if (expected !== undefined && expected.until >= at) {
      this.#expected.delete(entityId);
      return expected.cause;
    }
    this.#open(context.id, { cause: "physical", targets: undefined, first: entityId });
    return "physical";
  }

  #isFirstAfterStart(entityId: string, at: number): boolean {
    if (this.#started === undefined || this.#started.changed.has(entityId)) return false;
    this.#started.changed.add(entityId);
    return at <= this.#started.at + SETTLING_MS;
  }

  /** Undefined: nothing tells. */
  #causeOfContext({ userId, parentId }: Context): Cause | undefined {
    if (userId !== null) return "user";
    if (parentId === null) return undefined;
    const parent = this.#contexts.get(parentId)?.cause;
    return parent === "script" ? "script" : "automation";
  }

  #open(id: string, opened: Opened): void {
    this.#contexts.delete(id);
    this.#contexts.set(id, opened);
    if (this.#contexts.size <= MOST_CONTEXTS) return;
    const [oldest] = this.#contexts.keys();
    if (oldest !== undefined) this.#contexts.delete(oldest);
  }
}

function causeUnder({ cause, targets, first }: Opened, entityId: string): Cause {
  if (cause === "physical") return first === entityId ? "physical" : "derived";
  if (cause === "user" && targets !== undefined && !targets.has(entityId)) return "derived";
  return cause;
}
