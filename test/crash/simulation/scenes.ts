import { races, schedules, sends, waits } from "./event-scenes.ts";
import { batches, debounced, keys, queue, rates, throttled } from "./flow-scenes.ts";
import { cancels, repeats, retries } from "./outside-scenes.ts";
import type { Scene } from "./scene.ts";
import { maps, moods, timeouts, trips } from "./step-scenes.ts";

export const SCENES: Readonly<Record<string, Scene>> = {
  trips,
  maps,
  queue,
  rates,
  debounced,
  batches,
  throttled,
  keys,
  cancels,
  retries,
  repeats,
  sends,
  timeouts,
  moods,
  races,
  waits,
  schedules,
};

/** Of the automations with a limit: how many at once. */
export const LIMITS: ReadonlyMap<string, number> = new Map([
  ["trip", 2],
  ["queued", 1],
  ["stopped", 1],
]);
