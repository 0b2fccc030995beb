import type { Entity } from "../domain/series.ts";

/** What an automation can set, and what a habit is therefore looked for in. */
const ACTUATORS = new Set([
  "climate",
  "cover",
  "fan",
  "humidifier",
  "input_boolean",
  "input_select",
  "lawn_mower",
  "light",
  "media_player",
  "remote",
  "select",
  "switch",
  "vacuum",
]);

/** Domains whose states say nothing about what happens in the home. */
const SILENT = new Set([
  "automation",
  "button",
  "camera",
  "conversation",
  "counter",
  "event",
  "image",
  "input_button",
  "input_datetime",
  "input_number",
  "input_text",
  "number",
  "scene",
  "script",
  "stt",
  "tag",
  "text",
  "timer",
  "tts",
  "update",
  "zone",
]);

const FORBIDDEN_DOMAINS = new Set(["alarm_control_panel", "lock", "siren", "valve", "water_heater"]);
const FORBIDDEN_WORDS = new Set([
  "alarm",
  "boiler",
  "cooker",
  "furnace",
  "heater",
  "hob",
  "lock",
  "oven",
  "siren",
  "stove",
  "valve",
]);
/** Ways into the house; a lamp beside one is no danger. */
const ENTRANCE_WORDS = new Set(["door", "garage", "gate"]);
const HARMLESS_AT_ENTRANCES = new Set(["light", "media_player", "binary_sensor", "sensor", ""]);

/** States through which a device passes by itself on the way to the one that was asked for. */
const PASSING = new Set(["opening", "closing", "buffering", "returning", "idle", "standby", "error", "locking"]);

const REST = new Set(["0", "away", "clear", "closed", "dry", "false", "idle", "no", "not_home", "off", "standby"]);
const MISSING = new Set(["", "none", "null", "unavailable", "unknown"]);

export function domainOf(entityId: string): string {
  const dot = entityId.indexOf(".");
  return dot < 0 ? "" : entityId.slice(0, dot).toLowerCase();
}

export function isActuator(entityId: string): boolean {
  return ACTUATORS.has(domainOf(entityId));
}

/** Asks whether an entity's states may start a rule or be set by one at all. */
export function isSilent(entityId: string): boolean {
  return SILENT.has(domainOf(entityId));
}

/**
 * Asks whether acting on this entity could let somebody in, burn or flood: locks, alarms, sirens, valves, heaters, ovens, and
 * doors, gates and garages that move. Such an entity is never the action of a rule, whatever it is named as a target.
 */
export function isForbidden({ id, deviceClass }: Entity): boolean {
  const domain = domainOf(id);
  if (FORBIDDEN_DOMAINS.has(domain)) return true;
  const words = [...wordsOf(id), ...wordsOf(deviceClass ?? "")];
  if (words.some((word) => FORBIDDEN_WORDS.has(word))) return true;
  return !HARMLESS_AT_ENTRANCES.has(domain) && words.some((word) => ENTRANCE_WORDS.has(word));
}

/** Splits `switch.SpaceHeater_2` into switch, space, heater, 2; a plural loses its s. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => (word.length > 3 && word.endsWith("s") ? word.slice(0, -1) : word));
}

export function isMissingState(state: string): boolean {
  return MISSING.has(state.toLowerCase());
}

/** Asks whether a device goes through this state by itself, so that nobody would ask for it. */
export function isPassingState(state: string): boolean {
  return PASSING.has(state.toLowerCase());
}

/** Asks whether a state is the quiet one of its entity: off, closed, clear, away. */
export function isRestState(state: string): boolean {
  return REST.has(state.toLowerCase());
}
