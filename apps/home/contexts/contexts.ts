import { type Log, mapParallel, toErrorRecord } from "millrace";
import type { EntityFacts } from "../domain/names.ts";
import { entitiesOf, type Habit } from "../patterns/habit.ts";

/** What is known about one device; empty when it could not be looked up. */
export interface DeviceContext extends EntityFacts {
  readonly entityId: string;
  /** Its most frequent states and how often it went to each. */
  readonly states: Readonly<Record<string, number>>;
  /** Hours of the local day in which it changes most. */
  readonly typicalHours: readonly number[];
}

export interface Contexts {
  readonly devices: readonly DeviceContext[];
  /** How many devices were looked up: each once, however many habits speak of it. */
  readonly lookUps: number;
  /** How many of these failed and are empty. */
  readonly failed: number;
}

export interface ContextsParams {
  readonly habits: readonly Habit[];
  /** Given all devices, gives what looks one of them up. */
  readonly open: (entityIds: readonly string[]) => Promise<(entityId: string) => Promise<DeviceContext>>;
  readonly parallel: number;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Looks up every device of these habits once, a few at a time. One that fails becomes an empty context and is counted. */
export async function prefetchContexts({ habits, open, parallel, signal, log }: ContextsParams): Promise<Contexts> {
  const entityIds = [...new Set(habits.flatMap(entitiesOf))];
  signal.throwIfAborted();
  const outcomes = await mapParallel(entityIds, await open(entityIds), { parallel, signal });
  signal.throwIfAborted();
  const devices = outcomes.map((outcome, index): DeviceContext => {
    const entityId = entityIds[index] ?? "";
    if (outcome.status === "fulfilled") return toContext(outcome.value);
    log.warn({ entity: entityId, error: toErrorRecord(outcome.reason) }, "a device could not be looked up");
    return { entityId, area: null, deviceClass: null, states: {}, typicalHours: [] };
  });
  const failed = outcomes.filter(({ status }) => status === "rejected").length;
  log.info({ lookUps: entityIds.length, failed }, "devices looked up");
  return { devices, lookUps: entityIds.length, failed };
}

function toContext({ entityId, area, deviceClass, states, typicalHours }: DeviceContext): DeviceContext {
  return { entityId, area, deviceClass, states, typicalHours };
}
