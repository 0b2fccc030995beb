import type { HomeEvent } from "../domain/event.ts";
import type { LineContent } from "./item.ts";

/** An interval of no length still shows as a change to on and one to off. */
const SHORTEST_MS = 500;

/** What an interval is about: everything of an event but its time and state. */
export type IntervalSubject = Pick<HomeEvent, "entityId" | "area" | "deviceClass">;

/** Converts an interval to two changes: on at its start, and off at its end, half a second after the start at the earliest. */
export function toChanges(subject: IntervalSubject, startAt: number, endAt: number): LineContent {
  if (endAt < startAt) return { reason: "the interval ends before it starts" };
  return [
    { ...subject, at: startAt, state: "on" },
    { ...subject, at: Math.max(endAt, startAt + SHORTEST_MS), state: "off" },
  ];
}
