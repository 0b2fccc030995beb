import type { Entity } from "./series.ts";

/** What may be known about an entity beside its id. */
export type EntityFacts = Pick<Entity, "area" | "deviceClass">;

/** Longest name shown for an entity; ids come from files and may be anything. */
const LONGEST_NAME = 60;

const NOUNS: Readonly<Record<string, string>> = {
  activity: "activity",
  binary_sensor: "sensor",
  climate: "thermostat",
  cover: "cover",
  fan: "fan",
  humidifier: "humidifier",
  light: "light",
  lock: "lock",
  media_player: "media player",
  sensor: "sensor",
  siren: "siren",
  switch: "switch",
  vacuum: "vacuum",
  valve: "valve",
  water_heater: "water heater",
};

/** Device classes whose sensors are called by the thing itself: a door sensor is "the front door". */
const THINGS = new Set(["door", "window", "garage_door", "garage", "gate", "blind", "curtain", "shutter", "awning"]);

/** What a sensor is called whose id ends in what it finds. */
const QUALITIES: Readonly<Record<string, string>> = {
  humid: "humidity",
  wet: "moisture",
  dark: "darkness",
  occupied: "occupancy",
};

/** Words that say by themselves what the thing is, so that no noun is put behind them. */
const TELLING = new Set(
  "door window gate garage light lamp bulb strip switch plug fan fridge freezer oven cooktop microwave toaster dishwasher washer dryer kettle shower toilet basin bed seat cupboard drawer cabinet sensor motion speaker television tv radio blind curtain shutter shade lock thermostat heating heater vacuum flush".split(
    " ",
  ),
);

const ACRONYMS = new Set(["tv", "pc", "wc", "led", "hvac", "ac", "co2", "usb", "nas", "pir", "dvd"]);

/** Makes a name for people of an entity id: `light.kitchen_ceiling` is "Kitchen ceiling light". */
export function friendlyName(entityId: string, facts?: EntityFacts): string {
  const dot = entityId.indexOf(".");
  const domain = dot === -1 ? "" : entityId.slice(0, dot);
  const words = wordsOf(entityId.slice(dot + 1));
  if (isPerson(entityId, facts))
    return toTitle(shorten(words.filter((word) => word !== "home").join(" ") || "Somebody"));
  const area = wordsOf(facts?.area ?? "");
  const isPlaced = area.some((word) => words.includes(word)) || words.join("").includes(area.join(""));
  const placed = withoutRepeats(isPlaced ? words : [...area, ...words]);
  const noun = nounOf(domain, facts?.deviceClass ?? null, placed);
  const name = [...toNouns(domain, placed), ...noun]
    .map((word) => (isSpelled(word) ? word.toUpperCase() : word))
    .join(" ");
  return toTitle(shorten(name === "" ? "unnamed device" : name));
}

/** Asks whether this stands for somebody's presence: a person, a tracker, or a sensor such as `binary_sensor.robin_home`. */
export function isPerson(entityId: string, facts?: EntityFacts): boolean {
  const domain = domainOf(entityId);
  if (domain === "person" || domain === "device_tracker") return true;
  return facts?.deviceClass === "presence" && /_home$/i.test(entityId);
}

/** The name as it stands inside a sentence: "the kitchen ceiling light"; a person is called by name. */
export function nameInSentence(entityId: string, facts?: EntityFacts): string {
  const name = friendlyName(entityId, facts);
  if (isPerson(entityId, facts)) return name;
  const first = name.split(" ", 1)[0]?.toLowerCase() ?? "";
  return `the ${isSpelled(first) ? name : name.slice(0, 1).toLowerCase() + name.slice(1)}`;
}

/** Asks whether the name is that of several things: "the bedroom blinds". */
export function isPlural(entityId: string, facts?: EntityFacts): boolean {
  const last = friendlyName(entityId, facts).toLowerCase().split(" ").at(-1) ?? "";
  return last !== singular(last) && !isPerson(entityId, facts);
}

/** Asks whether a thing can be told to change its state. Sensors and people cannot. */
export function isActuator(entityId: string): boolean {
  return ACTUATORS.has(domainOf(entityId));
}

export function domainOf(entityId: string): string {
  const dot = entityId.indexOf(".");
  return dot === -1 ? "" : entityId.slice(0, dot);
}

/** Joins names as English does: "a", "a and b", "a, b and c". */
export function joinNames(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

export function toTitle(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

const ACTUATORS = new Set(
  "climate cover fan group humidifier input_boolean input_select lawn_mower light lock media_player remote scene script select siren switch vacuum valve water_heater".split(
    " ",
  ),
);

function wordsOf(text: string): readonly string[] {
  return text
    .normalize("NFC")
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** Asks whether a word is written in capitals: an acronym, or the letter of "bedroom A". */
function isSpelled(word: string): boolean {
  return ACRONYMS.has(word) || /^[a-z]$/.test(word);
}

function withoutRepeats(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => word !== words[index - 1]);
}

/** "bathroom humid" is a sensor's "bathroom humidity". */
function toNouns(domain: string, words: readonly string[]): readonly string[] {
  if (domain !== "binary_sensor") return words;
  return words.map((word, index) => (index === words.length - 1 ? (QUALITIES[word] ?? word) : word));
}

/** The one of several things that are known; any other word as it is. */
function singular(word: string): string {
  const one = word.slice(0, -1);
  return word.endsWith("s") && (TELLING.has(one) || THINGS.has(one)) ? one : word;
}

function nounOf(domain: string, deviceClass: string | null, words: readonly string[]): readonly string[] {
  const thing = deviceClass ?? "";
  if (THINGS.has(thing)) {
    const named = thing.replaceAll("_", " ").split(" ");
    return named.every((word) => words.includes(word)) || words.some((word) => THINGS.has(singular(word))) ? [] : named;
  }
  const last = words.at(-1);
  // A switch bears the name of what it switches: "coffee machine", but "porch switch".
  if (domain === "switch" && words.length > 1) return [];
  if (domain === "binary_sensor" && ["motion", "occupancy", "presence"].includes(thing)) {
    return words.includes("sensor") ? [] : words.includes(thing) ? ["sensor"] : [thing, "sensor"];
  }
  if (last === "motion") return ["sensor"];
  const noun = NOUNS[domain]?.split(" ") ?? [];
  if (noun.every((word) => words.includes(word))) return [];
  return last !== undefined && TELLING.has(singular(last)) ? [] : noun;
}

function shorten(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const cut = name.slice(0, LONGEST_NAME - 1);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), LONGEST_NAME - 20)).trimEnd()}…`;
}
