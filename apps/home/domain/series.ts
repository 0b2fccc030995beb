import type { Cause } from "./event.ts";

export interface Entity {
  readonly id: string;
  readonly area: string | null;
  readonly deviceClass: string | null;
}

/**
 * A home's state changes as columns, in order of time: what the miner reads. Row i says that entity `entities[entity[i]]` went to
 * `states[state[i]]` at `at[i]` (milliseconds since the epoch, UTC) because of `CAUSES[cause[i]]`. Plain arrays of numbers, so that they can be handed to
 * another thread without a copy.
 */
export interface EventSeries {
  readonly at: Float64Array;
  readonly entity: Uint32Array;
  readonly state: Uint32Array;
  readonly cause: Uint8Array;
  readonly entities: readonly Entity[];
  readonly states: readonly string[];
}

/** The order gives `EventSeries.cause` its meaning: append only. */
export const CAUSES: readonly Cause[] = ["unknown", "user", "physical", "automation", "script", "derived", "startup"];

/** 1 for each of `CAUSES` that is no person's doing. */
export const IS_MACHINE = Uint8Array.from(CAUSES, (cause) =>
  Number(cause === "automation" || cause === "script" || cause === "derived" || cause === "startup"),
);
