import type { EventMap, EventName, Source } from "../core/events.ts";
import type { ErrorRecord } from "../core/errors.ts";
import type { AutomationInfo, StepProgress } from "../runs/engine.ts";
import type { RunStatus, StepState } from "../store/store.ts";
import type { Page } from "./route.ts";

/* What the HTTP API sends, as types: the dashboard and other clients import these. Instants are ISO 8601 in UTC. */

/** `GET /api/health`: the process lives. */
export interface Health {
  readonly status: "ok";
  readonly version: string;
  /** Milliseconds since the process started. */
  readonly uptimeMs: number;
}

/** `GET /api/ready`: 200 when every check passes, 503 otherwise, with the same body. */
export interface Ready {
  readonly ready: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
  /** Who executes runs on this data: this process (`owner`) or another one (`guest`). */
  readonly role: "owner" | "guest";
  /** Where answers of models come from: configured providers by name, or none (then: rules). */
  readonly providers: readonly string[];
  readonly timezone: string;
}

/** `GET /api/automations` sends `{ items: AutomationView[] }`: the list is as long as the code, so it has no pages. */
export interface AutomationView extends Omit<AutomationInfo, "triggers"> {
  readonly triggers: readonly (
    | { readonly kind: "cron"; readonly expression: string; readonly timezone: string; readonly nextAt: string | null }
    | { readonly kind: "manual" }
  )[];
  /** The newest run, for lists; null when there was none. */
  readonly lastRun: RunSummary | null;
}

/** An item of `GET /api/runs?automation=&status=&cursor=&limit=`, newest first. */
export interface RunSummary {
  readonly id: string;
  readonly automation: string;
  readonly status: RunStatus;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** From the start to the end, or until now while it runs; null before the start. */
  readonly ms: number | null;
  readonly error: ErrorRecord | null;
  /** Maps in flight in this process. */
  readonly progress: readonly StepProgress[];
}

/** `GET /api/runs/:id`. */
export interface RunDetail extends RunSummary {
  /** The event that started it. */
  readonly event: unknown;
  readonly output: unknown;
  readonly attempt: number;
  readonly crashes: number;
  /** In the order in which they started. */
  readonly steps: readonly StepView[];
}

export interface StepView {
  readonly id: string;
  readonly state: StepState;
  readonly attempt: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly ms: number | null;
  readonly error: ErrorRecord | null;
  /** The stored result; left out above 16 KiB, then `outputBytes` tells its size. */
  readonly output?: unknown;
  readonly outputBytes: number;
}

/** `POST /api/automations/:name/runs` with `{ input?, key? }` answers 202 (200 for a run that existed already). */
export interface StartedRunView {
  readonly id: string;
  readonly isNew: boolean;
}

/**
 * `GET /api/events/stream`: server-sent events. `event:` is the name and `data:` the JSON of what happened to a run, a step or a call; a
 * comment every 15 s keeps the line open, and `event: resync` tells a slow reader to load its lists anew.
 */
export type LiveEvent = { readonly [N in LiveName]: { readonly name: N; readonly data: EventMap[N] } }[LiveName];

/** The cache tells more than a browser could follow: its counters say the same. */
export type LiveName = Exclude<EventName, `cache-${string}`>;

/** Errors: `application/problem+json`, RFC 9457, with a stable code. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly advice: string;
  readonly requestId: string;
  /** Every mistake of the input, by JSON Pointer. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

export type { Page, Source };
