import type { HomeEvent } from "../domain/event.ts";
import { toState } from "../ingest/event-fields.ts";
import { isGap } from "../ingest/gaps.ts";
import { Attribution, type Context } from "./attribution.ts";
import { toInstant } from "./instant.ts";
import type { Socket } from "./socket.ts";
import { isWorthKeeping } from "./worth-keeping.ts";

/** Changes that wait to be stored, at most. */
const MOST_WAITING = 20_000;

interface RawContext {
  readonly id?: unknown;
  readonly parent_id?: unknown;
  readonly user_id?: unknown;
}

interface RawEvent {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly time_fired?: unknown;
  readonly context?: RawContext;
}

interface RawState {
  readonly state?: unknown;
  readonly last_changed?: unknown;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly context?: RawContext;
}

/** What came since the last look. */
export interface Taken {
  readonly events: readonly HomeEvent[];
  /** An entity got another name. */
  readonly renamed: boolean;
  /** Automations of the home were edited, removed or loaded anew. */
  readonly hasOtherAutomations: boolean;
  /** More came than was kept. */
  readonly isFull: boolean;
}

/** The changes of a home as its WebSocket tells them, each with its cause. Bounded: what is too much is left to the history. */
export class LiveEvents {
  readonly #attribution = new Attribution();
  #waiting: HomeEvent[] = [];
  #renamed = false;
  #hasOtherAutomations = false;
  #isFull = false;

  async subscribe(socket: Socket): Promise<void> {
    const attribution = this.#attribution;
    // The calls and starts come first, as they come before the changes that they make.
    await socket.subscribe("homeassistant_start", (event) =>
      attribution.homeStarted(toInstant((event as RawEvent).time_fired) ?? 0),
    );
    await socket.subscribe("call_service", (event) => this.#called(event as RawEvent));
    await socket.subscribe("automation_triggered", (event) =>
      attribution.started("automation", toContext((event as RawEvent).context)),
    );
    await socket.subscribe("script_started", (event) =>
      attribution.started("script", toContext((event as RawEvent).context)),
    );
    await socket.subscribe("entity_registry_updated", (event) => {
      const { action, entity_id: entityId, old_entity_id: before } = (event as RawEvent).data ?? {};
      if (typeof before === "string") this.#renamed = true;
      // One that is removed is only told so.
      if (action === "remove" && String(entityId).startsWith("automation.")) this.#hasOtherAutomations = true;
    });
    await socket.subscribe("automation_reloaded", () => void (this.#hasOtherAutomations = true));
    await socket.subscribe("state_changed", (event) => this.#changed(event as RawEvent));
  }

  take(): Taken {
    const taken = {
      events: this.#waiting,
      renamed: this.#renamed,
      hasOtherAutomations: this.#hasOtherAutomations,
      isFull: this.#isFull,
    };
    this.#waiting = [];
    this.#hasOtherAutomations = false;
    return taken;
  }

  #called({ data = {}, context, time_fired: fired }: RawEvent): void {
    const service = data["service_data"] as Readonly<Record<string, unknown>> | undefined;
    const target = service?.["target"] as Readonly<Record<string, unknown>> | undefined;
    const named = service?.["entity_id"] ?? target?.["entity_id"];
    const ids = typeof named === "string" ? [named] : Array.isArray(named) ? named.map(String) : undefined;
    this.#attribution.called(toContext(context), ids, toInstant(fired) ?? 0);
  }

  #changed({ data = {} }: RawEvent): void {
    const entityId = data["entity_id"];
    const before = data["old_state"] as RawState | null | undefined;
    const after = data["new_state"] as RawState | null | undefined;
    const at = toInstant(after?.last_changed);
    if (typeof entityId !== "string" || typeof after?.state !== "string" || at === undefined) return;
    if (!isWorthKeeping(entityId, after.attributes ?? {})) return;
    const state = toState(after.state);
    const previous = typeof before?.state === "string" ? toState(before.state) : "";
    if (isGap(state) || state === previous) return;
    const context = toContext(after.context);
    const cause = this.#attribution.causeOf({ at, entityId, context, isRestored: isGap(previous) });
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push({ at, entityId, state, cause });
    else this.#isFull = true;
  }
}

function toContext(raw: RawContext | undefined): Context {
  return { id: textOr(raw?.id) ?? "", parentId: textOr(raw?.parent_id), userId: textOr(raw?.user_id) };
}

function textOr(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
