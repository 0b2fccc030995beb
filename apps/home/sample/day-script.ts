import type { Cause, HomeEvent } from "../domain/event.ts";
import type { Zone } from "../domain/zone.ts";
import { requireEntity } from "./household.ts";

const DAY_MS = 86_400_000;
/** Two changes of one entity keep this distance, in minutes: a fifth of a second. */
const APART = 1 / 300;

interface Phase {
  readonly from: number;
  readonly to: number;
}

interface Change {
  readonly minute: number;
  readonly entityId: string;
  readonly state: string;
  readonly cause: Cause;
}

/** What to write for an entity that is in use, and who used it. */
interface PhaseOptions {
  /** The state in use and the one after. Default on and off. */
  readonly states?: readonly [string, string];
  readonly cause?: Cause;
}

/**
 * What happens on one day of the home, from 04:00 to 04:00. Times are minutes since local midnight of the day, so 25 hours past is after the next
 * midnight. Everything is off at both ends, so that days do not depend on each other.
 */
export class DayScript {
  readonly day: number;
  readonly #phases = new Map<string, Phase[]>();
  readonly #changes: Change[] = [];

  constructor(day: number) {
    this.day = day;
  }

  static readonly start = 4 * 60;
  static readonly end = 28 * 60;

  /** Asks whether an entity is in no use from one minute to another. */
  isFree(entityId: string, from: number, to: number): boolean {
    return (this.#phases.get(entityId) ?? []).every((phase) => to < phase.from || from > phase.to);
  }

  /** Asks whether an entity is in use at a minute. */
  isOn(entityId: string, minute: number): boolean {
    return !this.isFree(entityId, minute, minute);
  }

  /**
   * Puts an entity to use for a while. False, and nothing changes, when it is in use then or just before or after, or when the
   * while does not lie within the day.
   */
  use(entityId: string, from: number, to: number, options: PhaseOptions = {}): boolean {
    if (from < DayScript.start || to > DayScript.end || to <= from) return false;
    if (!this.isFree(entityId, from - APART, to + APART)) return false;
    const [used, after] = options.states ?? ["on", "off"];
    const cause = options.cause ?? "physical";
    this.#phases.set(entityId, [...(this.#phases.get(entityId) ?? []), { from, to }]);
    this.set(entityId, from, used, cause);
    this.set(entityId, to, after, cause);
    return true;
  }

  /** Writes a single change. */
  set(entityId: string, minute: number, state: string, cause: Cause = "physical"): void {
    this.#changes.push({ minute, entityId, state, cause });
  }

  /** When an entity is in use, in order. */
  phasesOf(entityId: string): readonly Phase[] {
    return (this.#phases.get(entityId) ?? []).toSorted((a, b) => a.from - b.from);
  }

  /** The day's events in order of time, without those that repeat a state. */
  events(zone: Zone): readonly HomeEvent[] {
    const stateOf = new Map<string, string>();
    const events: HomeEvent[] = [];
    for (const { minute, entityId, state, cause } of this.#changes.toSorted(inTime)) {
      if (stateOf.get(entityId) === state) continue;
      stateOf.set(entityId, state);
      const { area, deviceClass } = requireEntity(entityId);
      events.push({
        at: Math.round(zone.instant(this.day * DAY_MS + minute * 60_000)),
        entityId,
        state,
        ...(area === null ? {} : { area }),
        ...(deviceClass === null ? {} : { deviceClass }),
        cause,
      });
    }
    return events.sort((a, b) => a.at - b.at);
  }
}

function inTime(a: Change, b: Change): number {
  return a.minute - b.minute;
}
